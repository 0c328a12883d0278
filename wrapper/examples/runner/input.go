package runner

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
)

// Input is what a program reads its list from.
type Input struct {
	Args []string // of the command line
	Demo bool     // without Args, a sample may be read

	stdin io.Reader
	read  []string // files opened
}

// Open opens a file, or standard input for "-", and returns what messages call it. A byte order mark is
// skipped, and UTF-16 refused.
func (in *Input) Open(path string) (name string, text io.ReadCloser, err error) {
	name, text = "standard input", io.NopCloser(in.stdin)
	if path != "-" {
		name = path
		f, err := os.Open(path) //nolint:gosec // G304: the user names the file
		if err != nil {
			return name, nil, err
		}
		in.read = append(in.read, path)
		text = f
	}
	b := bufio.NewReader(text)
	start, _ := b.Peek(3)
	switch {
	case bytes.Equal(start, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3)
	case len(start) >= 2 && (start[0] == 0 || start[1] == 0 || start[0] >= 0xfe && start[1] >= 0xfe):
		_ = text.Close()
		return name, nil, fmt.Errorf("%s is UTF-16 (Excel calls it Unicode Text); save it as UTF-8", name)
	}
	return name, struct {
		io.Reader
		io.Closer
	}{b, text}, nil
}
