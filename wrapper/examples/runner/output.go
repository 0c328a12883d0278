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

// output is where a run writes.
type output struct {
	screen   screen
	out, err *stream   // standard output and standard error
	info     io.Writer // what is neither a result nor an error: standard output, with --json standard error
	log      io.Writer // progress, if no terminal shows it
}

func newOutput(env Env, opts *settings) *output {
	o := &output{}
	if isTerminal(env.Stderr) && !isPipe(env.Stdout) && !opts.Quiet && env.Getenv("CI") == "" && env.Getenv("TERM") != "dumb" {
		o.screen.terminal, _ = env.Stderr.(*os.File)
	}
	prefix := ""
	if opts.Demo {
		prefix = "demo: " // on every line, so that none looks like one of a live run
	}
	o.err = newStream(env.Stderr, prefix, &o.screen)
	o.out = newStream(env.Stdout, prefix, &o.screen)
	o.out.onFailure = func(err error) {
		fmt.Fprintf(o.err, "Cannot write to standard output (%v); the run goes on.\n", err)
	}
	o.info, o.log = o.out, o.err
	if opts.Quiet || o.screen.terminal != nil {
		o.log = io.Discard
	}
	if opts.JSON {
		o.info, o.out.prefix = o.err, ""
	}
	return o
}

// isPipe reports whether a stream is a pipe, as to tee, which may write on the terminal where a status line is.
func isPipe(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// oneReader reports whether the reader of standard error also sees standard output: standard output is a terminal, or the
// same file, or a pipe while standard error is a terminal, as with tee or a pager.
func (e Env) oneReader() bool {
	if isTerminal(e.Stdout) {
		return true
	}
	stdout, okOut := e.Stdout.(*os.File)
	stderr, okErr := e.Stderr.(*os.File)
	if !okOut || !okErr {
		return false
	}
	out, outErr := stdout.Stat()
	err, errErr := stderr.Stat()
	if outErr != nil || errErr != nil {
		return false
	}
	return os.SameFile(out, err) || isPipe(stdout) && isTerminal(stderr)
}

// A stream writes whole lines. After a failure it drops them, because a run goes on without a reader.
type stream struct {
	to        io.Writer
	prefix    string  // prefix of each line
	screen    *screen // nil if to is no terminal
	onFailure func(error)

	mu      sync.Mutex
	failure error
}

func newStream(to io.Writer, prefix string, s *screen) *stream {
	if !isTerminal(to) {
		s = nil
	}
	return &stream{to: to, prefix: prefix, screen: s}
}

func (s *stream) Write(lines []byte) (int, error) {
	if err := s.write(lines); err != nil && s.onFailure != nil {
		s.onFailure(err)
	}
	return len(lines), nil
}

// write returns the error of the first write that fails, and drops what follows.
func (s *stream) write(lines []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return nil
	}
	if s.prefix != "" {
		var prefixed []byte
		for line := range bytes.Lines(lines) {
			prefixed = append(append(prefixed, s.prefix...), line...)
		}
		lines = prefixed
	}
	if s.screen != nil && s.screen.above(lines) {
		return nil
	}
	_, s.failure = s.to.Write(lines)
	return s.failure
}

// failed reports whether a write has failed.
func (s *stream) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure != nil
}

// lostOutput reports whether output was lost. Output to a closed pipe does not count, because nothing reads it.
func (s *stream) lostOutput() bool { return s.failed() && !errors.Is(s.failure, syscall.EPIPE) }
