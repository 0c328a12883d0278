package runner

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"
)

// output is where words and results go.
type output struct {
	screen   screen
	out, err *stream   // standard output and standard error
	say      io.Writer // words that are no errors
	log      io.Writer // how the run goes, where no terminal shows it
}

func (r *run[O]) newOutput(env Env) {
	prefix := ""
	if r.opts.Demo {
		prefix = "demo: " // on every line, so that none is taken for the real thing
	}
	if isTerminal(env.Stderr) && !r.opts.Quiet && env.Getenv("CI") == "" && env.Getenv("TERM") != "dumb" {
		r.screen.terminal, _ = env.Stderr.(*os.File)
	}
	r.err = &stream{to: env.Stderr, screen: &r.screen, prefix: prefix}
	r.out = &stream{to: env.Stdout, screen: &r.screen, prefix: prefix}
	r.out.broken = func(err error) {
		fmt.Fprintf(r.err, "Standard output takes no more (%v); the run goes on.\n", err)
	}
	r.say, r.log = r.out, r.err
	if r.opts.Quiet || r.screen.terminal != nil {
		r.log = io.Discard
	}
	if r.opts.JSON {
		r.say, r.out.prefix = r.err, ""
	}
}

// both is where the end of a run is told that did not go well: where standard output is no terminal, somebody may look at
// standard error alone.
func (r *run[O]) both() io.Writer {
	out, isFile := r.env.Stdout.(*os.File)
	if r.opts.JSON || isTerminal(r.env.Stdout) {
		return r.say
	}
	if info, err := out.Stat(); isFile && err == nil && isStream(r.env.Stderr, info) {
		return r.say
	}
	return io.MultiWriter(r.say, r.err)
}

// exit returns the exit status. What a reader of standard output did not want is no failure, other losses are.
func (o *output) exit(status int) int {
	if err := o.out.failure; status == AllOut && err != nil && !errors.Is(err, syscall.EPIPE) {
		return SomeNot
	}
	return status
}

// stream takes whole or half lines. Once it fails it drops them: nobody to tell is no reason to end a run.
type stream struct {
	to      io.Writer
	screen  *screen
	prefix  string // of each line
	half    bool   // the line is not at its end
	failure error
	broken  func(error)
}

func (s *stream) Write(b []byte) (int, error) {
	if err := s.write(b); err != nil && s.broken != nil {
		s.broken(err)
	}
	return len(b), nil
}

func (s *stream) write(b []byte) error {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	if s.failure != nil {
		return nil
	}
	var lines []byte
	for line := range bytes.Lines(b) {
		if !s.half {
			lines = append(lines, s.prefix...)
		}
		lines = append(lines, line...)
		s.half = !bytes.HasSuffix(line, []byte("\n"))
	}
	if s.screen.width > 0 && isTerminal(s.to) {
		lines = append(s.screen.blank(), lines...)
		defer s.screen.draw()
	}
	_, s.failure = s.to.Write(lines)
	return s.failure
}

// screen keeps a status line at the bottom of a terminal, below the lines that scroll.
type screen struct {
	terminal *os.File // nil: there is none
	status   func(width int) string

	mu    sync.Mutex // of all that is written
	width int        // 0: no status line is shown
	quit  chan struct{}
	drawn sync.WaitGroup
}

const redrawEvery = 150 * time.Millisecond

// show shows the status until hide.
func (s *screen) show(status func(width int) string) {
	if s.terminal == nil {
		return
	}
	s.status, s.quit = status, make(chan struct{})
	s.redraw()
	s.drawn.Go(func() {
		for ticks := time.NewTicker(redrawEvery); ; {
			select {
			case <-ticks.C:
				s.redraw()
			case <-s.quit:
				ticks.Stop()
				return
			}
		}
	})
}

// hide leaves the last status as a line above what follows.
func (s *screen) hide() {
	if s.quit == nil {
		return
	}
	close(s.quit)
	s.drawn.Wait()
	s.redraw()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width, s.quit = 0, nil
	_, _ = io.WriteString(s.terminal, "\n")
}

func (s *screen) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = 80
	if width, _, err := term.GetSize(int(s.terminal.Fd())); err == nil && width > 0 {
		s.width = width
	}
	s.draw()
}

// draw leaves the last column free, where some terminals would begin another line.
func (s *screen) draw() {
	status := s.status(s.width)
	line := append(s.blank(), status[:min(len(status), s.width-1)]...)
	_, _ = s.terminal.Write(line) // nobody sees it where that fails
}

func (s *screen) blank() []byte { return []byte("\r" + strings.Repeat(" ", s.width-1) + "\r") }
