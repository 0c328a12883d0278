package main

import (
	"bytes"
	"io"
)

// lines knows on which line of a text an offset is. It is asked for ever greater ones.
type lines struct {
	from   io.Reader
	offset int64
	ends   []int64 // of the lines read and not asked for yet
	passed int
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	for i := 0; i < n; {
		end := bytes.IndexByte(p[i:n], '\n')
		if end < 0 {
			break
		}
		i += end + 1
		l.ends = append(l.ends, l.offset+int64(i))
	}
	l.offset += int64(n)
	return n, err
}

func (l *lines) at(offset int64) int {
	for len(l.ends) > 0 && l.ends[0] <= offset {
		l.ends = l.ends[1:]
		l.passed++
	}
	return l.passed + 1
}
