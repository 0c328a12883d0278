package slacktest

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
)

// stream is the body as the client reads it: whole, cut, or as a drip.
func (a Answer) stream(ctx context.Context) io.Reader {
	switch {
	case a.Drip > 0:
		return &drip{rest: a.Body, pause: func() error { return sleep(ctx, a.Drip) }}
	case a.Cut:
		return io.MultiReader(strings.NewReader(a.Body[:len(a.Body)/2]), broken{})
	}
	return strings.NewReader(a.Body)
}

// length is the Content-Length of the answer, -1 if it has none.
func (a Answer) length() int64 {
	if a.Drip > 0 {
		return -1
	}
	return int64(len(a.Body))
}

// broken is a connection that broke.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// drip is a body that comes slowly and never ends.
type drip struct {
	rest  string
	pause func() error // waits before each byte; an error if the caller is gone
}

func (d *drip) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := d.pause(); err != nil {
		return 0, err
	}
	if d.rest == "" {
		p[0] = ' '
		return 1, nil
	}
	p[0], d.rest = d.rest[0], d.rest[1:]
	return 1, nil
}

// unzip decodes a gzip body for a caller that did not set Accept-Encoding, as http.Transport does.
func unzip(resp *http.Response) {
	if !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
	resp.Body = io.NopCloser(&unzipper{from: resp.Body})
}

// unzipper decodes gzip as it is read, so that an error in the encoding shows no earlier.
type unzipper struct {
	from io.Reader
	to   *gzip.Reader
}

func (u *unzipper) Read(p []byte) (int, error) {
	if u.to == nil {
		to, err := gzip.NewReader(u.from)
		if err != nil {
			return 0, err
		}
		u.to = to
	}
	return u.to.Read(p)
}
