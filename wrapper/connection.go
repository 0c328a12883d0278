package wrapper

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// connection watches how far a request gets.
type connection struct {
	trace         httptrace.ClientTrace
	wanted, wrote atomic.Bool
}

func (c *connection) watch(ctx context.Context) context.Context {
	c.trace.GetConn = func(string) { c.wanted.Store(true) }
	c.trace.WroteHeaders = func() { c.wrote.Store(true) } // called before the body goes out
	return httptrace.WithClientTrace(ctx, &c.trace)
}

// sent reports whether a request that came to err may have been sent. A transport that tells nothing
// leaves that to err.
func (c *connection) sent(err error) bool {
	return c.wrote.Load() || !c.wanted.Load() && !neverSent(err)
}
