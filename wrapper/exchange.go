package wrapper

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

// exchange makes one request and reads the answer. It returns neither a response nor an error where the turn was void.
func (c *Client) exchange(ctx context.Context, method, token string, turn *pace.Turn, send request) (*Response, *Error) {
	limit := c.opts.HTTPClient.Timeout
	attempt, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s := sending{turn: turn, cancel: cancel}
	hr, err := send(s.watch(attempt), func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("User-Agent", c.opts.UserAgent)
		if c.opts.Encoding == JSON {
			r.Header.Set("Content-Type", "application/json; charset=utf-8") // without, Slack warns of missing_charset
		}
		s.ReadCloser, r.Body = r.Body, &s
		r.GetBody = nil // or net/http might send the request again by itself
		return nil
	})
	cause := func(err error) error {
		switch {
		case pace.Ends(ctx, 0) != nil:
			return also(err, pace.Ends(ctx, 0))
		case pace.Ends(attempt, 0) != nil:
			return &attemptError{err, limit}
		}
		return withoutContext(ctx, err)
	}
	hide := untrusted.Token(token)
	if err == nil {
		defer func() { _ = hr.Body.Close() }()
		return read(method, hr, hide, cause)
	}
	if s.void.Load() {
		return nil, nil
	}
	reached := s.reached(err)
	if !reached && refusedByProxy(err) {
		err = &proxyError{err}
	}
	err = cause(err)
	return nil, &Error{
		Method:  method,
		Err:     &url.Error{Op: "Post", URL: strings.TrimSuffix(c.opts.BaseURL, "/") + "/" + method, Err: err},
		says:    untrusted.Printable(hide.HideIn(err.Error())),
		unknown: reached,
		unsent:  !reached,
	}
}

// sending is the body of a request, and watches how far the request gets.
type sending struct {
	io.ReadCloser
	turn   *pace.Turn
	cancel context.CancelFunc
	trace  httptrace.ClientTrace
	traced atomic.Bool // the transport tells of its connections
	wrote  atomic.Bool // the headers
	body   atomic.Int32
	void   atomic.Bool
}

// What became of the body: read once it begins to be, or shut if it did not before the attempt was over.
const (
	unread int32 = iota
	begun
	shut
)

func (s *sending) watch(ctx context.Context) context.Context {
	s.trace.GetConn = func(string) { s.traced.Store(true) }
	s.trace.GotConn = func(got httptrace.GotConnInfo) {
		if s.stale() {
			s.drop(got.Conn)
		}
	}
	s.trace.WroteHeaders = func() { s.wrote.Store(true) } // net/http calls it before it reads the body
	return httptrace.WithClientTrace(ctx, &s.trace)
}

var errVoid = errors.New("the turn to send is over")

// stale reports whether an answer has asked to wait since the turn was given: the request may have waited for a connection.
func (s *sending) stale() bool {
	if s.body.Load() == unread && !s.turn.Valid() {
		s.void.Store(true)
	}
	return s.void.Load()
}

// drop keeps the headers from being sent, which net/http does before it reads the body. A connection of HTTP/2 serves other
// requests too; there the end of the context is enough.
func (s *sending) drop(conn net.Conn) {
	s.cancel()
	if secure, ok := conn.(*tls.Conn); !ok || secure.ConnectionState().NegotiatedProtocol != "h2" {
		_ = conn.Close()
	}
}

// Read fails where the turn is stale.
func (s *sending) Read(p []byte) (int, error) {
	if s.stale() {
		return 0, errVoid
	}
	if s.body.CompareAndSwap(unread, begun); s.body.Load() == shut {
		return 0, errVoid
	}
	return s.ReadCloser.Read(p)
}

// reached reports whether a request that ended in err may have reached Slack. Where the transport tells nothing, err
// must. From then on nothing is sent.
func (s *sending) reached(err error) bool {
	taken := !s.body.CompareAndSwap(unread, shut)
	return taken || s.wrote.Load() || !s.traced.Load() && !notConnected(err)
}
