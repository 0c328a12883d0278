package runner

import (
	"io"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// screen keeps a status line at the bottom of a terminal, below the lines that scroll.
type screen struct {
	terminal *os.File // nil: nothing is shown

	mu   sync.Mutex
	bars *mpb.Progress // nil: no status line is shown
	bar  *mpb.Bar
}

// show shows the status line until hide.
func (s *screen) show(status func(width int) string) {
	if s.terminal == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bars = mpb.New(mpb.WithOutput(s.terminal))
	s.bar, _ = s.bars.Add(0, mpb.BarFillerFunc(func(w io.Writer, stats decor.Statistics) error {
		line := status(stats.AvailableWidth)
		_, err := io.WriteString(w, line[:max(0, min(len(line), stats.AvailableWidth-1))]) // some terminals begin a new line after the last column
		return err
	}), mpb.BarFillerTrim()) // Add fails only after Wait
}

// hide removes the status line.
func (s *screen) hide() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bars != nil {
		s.bar.Abort(true)
		s.bars.Wait()
		s.bars = nil
	}
}

// above writes lines above the status line, and reports whether one is shown.
func (s *screen) above(lines []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bars == nil {
		return false
	}
	_, _ = s.terminal.WriteString("\r") // mpb expects the cursor in the first column; an echoed ^C moves it
	_, _ = s.bars.Write(lines)
	return true
}
