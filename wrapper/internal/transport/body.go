package transport

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// Body is the body of one request. It knows whether the transport began to read it: before that, no argument of the request
// has left the machine. It is safe for concurrent use.
type Body struct {
	body  io.ReadCloser
	state atomic.Int32
}

const (
	unread int32 = iota
	read
	abandoned // before it was read
)

// Watch takes over r's body. It removes GetBody, with which net/http could repeat the request on its own.
func (b *Body) Watch(r *http.Request) {
	b.body = r.Body
	r.Body, r.GetBody = b, nil
}

// Abandon reports whether the body was read. If it was not, it never will be.
func (b *Body) Abandon() (wasRead bool) { return !b.state.CompareAndSwap(unread, abandoned) }

var errAbandoned = errors.New("the attempt is over")

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	b.state.CompareAndSwap(unread, read)
	if b.state.Load() == abandoned {
		return 0, errAbandoned
	}
	return b.body.Read(p)
}

// Close implements io.Closer.
func (b *Body) Close() error { return b.body.Close() }
