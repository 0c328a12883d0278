package runner

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// output is where words and results go.
type output struct {
	screen   screen
	out, err *stream   // standard output and standard error
	say      io.Writer // words that are no errors
	log      io.Writer // how the run goes, if no terminal shows it
}

func (r *run[O]) newOutput(env Env) {
	prefix := ""
	if r.opts.Demo {
		prefix = "demo: " // on every line, so that none is taken for the real thing
	}
	if isTerminal(env.Stderr) && !r.opts.Quiet && env.Getenv("CI") == "" && env.Getenv("TERM") != "dumb" {
		r.screen.terminal, _ = env.Stderr.(*os.File)
	}
	r.err = newStream(env.Stderr, prefix, &r.screen)
	r.out = newStream(env.Stdout, prefix, &r.screen)
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

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// printEnd prints the end of a run, in one piece. It goes to standard error as well if standard output takes no more, or
// if the run did not go well and somebody may look at standard error alone.
func (r *run[O]) printEnd(end []byte, well bool) {
	_, _ = r.say.Write(end)
	if !r.opts.JSON && (r.out.failure != nil || !well && !r.readTogether()) {
		_, _ = r.err.Write(end)
	}
}

// readTogether reports whether standard output and standard error have the same reader. A pipe whose standard error is on a
// terminal is taken for one to tee or a pager.
func (r *run[O]) readTogether() bool {
	out, ok := r.env.Stdout.(*os.File)
	if !ok {
		return false
	}
	info, err := out.Stat()
	if err != nil {
		return false
	}
	pipe := info.Mode()&fs.ModeNamedPipe != 0
	return isTerminal(out) || isStream(r.env.Stderr, info) || pipe && isTerminal(r.env.Stderr)
}

// exit returns the exit status. What a reader of standard output did not want is no failure, other losses are.
func (o *output) exit(status int) int {
	if err := o.out.failure; status == AllOut && err != nil && !errors.Is(err, syscall.EPIPE) {
		return SomeNot
	}
	return status
}

// stream writes whole or half lines. After a failed write it drops them, because a missing reader is no reason to end
// a run.
type stream struct {
	to     io.Writer
	prefix string  // of each line
	screen *screen // nil: not a terminal
	broken func(error)

	mu      sync.Mutex
	half    bool // the line is not at its end
	failure error
}

func newStream(to io.Writer, prefix string, s *screen) *stream {
	if !isTerminal(to) {
		s = nil
	}
	return &stream{to: to, prefix: prefix, screen: s}
}

func (s *stream) Write(b []byte) (int, error) {
	if err := s.write(b); err != nil && s.broken != nil {
		s.broken(err)
	}
	return len(b), nil
}

func (s *stream) write(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	if s.screen != nil && s.screen.above(lines) {
		return nil
	}
	_, s.failure = s.to.Write(lines)
	return s.failure
}
