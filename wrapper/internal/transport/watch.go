package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Watch follows one request: it keeps the request from being sent where it may wait no longer, and knows how far it got.
type Watch struct {
	Valid  func() bool        // whether the request may still be sent
	Cancel context.CancelFunc // ends the context of the request

	body   io.ReadCloser
	state  atomic.Int32 // of the body
	trace  httptrace.ClientTrace
	traced atomic.Bool // the transport tells of its connections
	wrote  atomic.Bool // the headers
	void   atomic.Bool // it was no longer valid
}

// What became of the body: read once it begins to be, or shut if it did not before the request was over.
const (
	unread int32 = iota
	begun
	shut
)

// Trace returns the context for the request.
func (w *Watch) Trace(ctx context.Context) context.Context {
	w.trace.GetConn = func(string) { w.traced.Store(true) }
	w.trace.GotConn = func(got httptrace.GotConnInfo) {
		if w.stale() {
			w.drop(got.Conn)
		}
	}
	w.trace.WroteHeaders = func() { w.wrote.Store(true) } // net/http calls it before it reads the body
	return httptrace.WithClientTrace(ctx, &w.trace)
}

// Follow takes over the request's body, and GetBody, by which net/http might send the request again by itself.
func (w *Watch) Follow(r *http.Request) {
	w.body, r.Body = r.Body, w
	r.GetBody = nil
}

// Void reports whether the request was not sent because it was no longer valid.
func (w *Watch) Void() bool { return w.void.Load() }

// Reached reports whether a request that ended in err, and is not void, may have reached the server. Where the transport
// tells nothing, err must. From then on nothing is sent.
func (w *Watch) Reached(err error) bool {
	taken := !w.state.CompareAndSwap(unread, shut)
	return taken || w.wrote.Load() || !w.traced.Load() && !notConnected(err)
}

var errVoid = errors.New("the time to send is over")

// Read is for net/http. It fails where the request must not be sent.
func (w *Watch) Read(p []byte) (int, error) {
	if w.stale() {
		return 0, errVoid
	}
	if w.state.CompareAndSwap(unread, begun); w.state.Load() == shut {
		return 0, errVoid
	}
	return w.body.Read(p)
}

// Close is for net/http.
func (w *Watch) Close() error { return w.body.Close() }

// stale reports whether the request must not be sent any more: it may have waited for a connection.
func (w *Watch) stale() bool {
	if w.state.Load() == unread && !w.Valid() {
		w.void.Store(true)
	}
	return w.void.Load()
}

// drop keeps the headers from being sent, which net/http does before it reads the body. A connection of HTTP/2 serves other
// requests too; there the end of the context is enough.
func (w *Watch) drop(conn net.Conn) {
	w.Cancel()
	if secure, ok := conn.(*tls.Conn); !ok || secure.ConnectionState().NegotiatedProtocol != "h2" {
		_ = conn.Close()
	}
}
