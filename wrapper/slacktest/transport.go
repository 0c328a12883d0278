package slacktest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// RoundTrip answers a request in memory. The request's context ends the wait for a delayed answer.
//
// As with a connection, a request is not sent if its context has ended, if reading its body fails, or if the length of
// the body is not ContentLength. Such a request gets an error, has no effect and is not recorded.
//
// A body with a Content-Encoding of gzip is decoded, unless the request has an Accept-Encoding of its own.
func (s *Slack) RoundTrip(req *http.Request) (*http.Response, error) {
	planned := s.arrival()
	connects := planned.answer == nil || !neverConnected(planned.answer.Err)
	body, err := send(req, connects)
	if err != nil {
		s.withdraw(planned)
		return nil, err
	}
	r := read(req, body, nil)
	r.call.NotSent = !connects
	a := s.answer(r, planned)
	ctx := req.Context()
	if err := sleep(ctx, a.Delay); err != nil {
		return nil, err
	}
	if a.Err != nil {
		return nil, a.Err
	}
	maps.DeleteFunc(a.Header, func(_ string, values []string) bool { return len(values) == 0 })
	resp := &http.Response{
		Status:        strconv.Itoa(a.Status) + " " + http.StatusText(a.Status),
		StatusCode:    a.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.Header,
		Body:          io.NopCloser(a.stream(ctx)),
		ContentLength: a.length(),
		Request:       req,
	}
	if req.Header.Get("Accept-Encoding") == "" {
		unzip(resp)
	}
	return resp, nil
}

// send reads the body of a request, as sending it does, and closes it. Without a connection it reads nothing, because
// a client takes any read to mean that the request may have been sent.
func send(req *http.Request, connects bool) (body []byte, err error) {
	ctx := req.Context()
	if req.Body != nil {
		if connects && ctx.Err() == nil {
			body, err = io.ReadAll(req.Body)
		}
		err = cmp.Or(err, req.Body.Close())
	}
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case connects && req.ContentLength > 0 && req.ContentLength != int64(len(body)):
		return nil, fmt.Errorf("slacktest: ContentLength is %d, the body has %d bytes", req.ContentLength, len(body))
	}
	return body, nil
}

// ServeHTTP answers a request over a real connection. If its body does not arrive in full, the request is refused with
// request_timeout. If the client cancels before any of the body has arrived, the request is not recorded.
func (s *Slack) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil && len(body) == 0 && req.Context().Err() != nil {
		hangUp(w, err)
		return
	}
	a := s.answer(read(req, body, err), s.arrival())
	if err := sleep(req.Context(), a.Delay); err != nil {
		hangUp(w, err)
		return
	}
	if a.Err != nil {
		hangUp(w, a.Err)
		return
	}
	maps.Copy(w.Header(), a.Header)
	if n := a.length(); n >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	if !final(a.Status, req) {
		hangUp(w, nil)
		return
	}
	w.WriteHeader(a.Status)
	if _, err := io.Copy(flusher{w}, a.stream(req.Context())); err != nil {
		hangUp(w, err)
	}
}

// final reports whether net/http can send a status as the last one. After any other below 200 it would send a 200.
func final(status int, req *http.Request) bool {
	return status >= http.StatusOK || status == http.StatusSwitchingProtocols && req.ProtoMajor == 1
}

// hangUp closes a connection without answering, or in the middle of an answer.
func hangUp(w http.ResponseWriter, err error) {
	if errors.Is(err, syscall.ECONNRESET) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // makes Close send a reset
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// flusher sends what is written to it at once, so that it arrives before the connection breaks.
type flusher struct{ http.ResponseWriter }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	return n, errors.Join(err, http.NewResponseController(f.ResponseWriter).Flush())
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
