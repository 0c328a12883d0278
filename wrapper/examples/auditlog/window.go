package main

import (
	"bytes"
	"io"
)

// window keeps what a decoder has read of a text and not passed yet, and counts the lines that it has passed.
type window struct {
	from  io.Reader
	text  []byte
	start int64 // offset of text
	lines int   // number of line ends before text
}

func (w *window) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	w.text = append(w.text, p[:n]...)
	return n, err
}

// pass returns the text up to an offset, good until the next Read, and moves the window there.
func (w *window) pass(offset int64) []byte {
	n := offset - w.start
	passed := w.text[:n]
	w.text, w.start = w.text[n:], offset
	w.lines += bytes.Count(passed, []byte("\n"))
	return passed
}
