package wrapper_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// listenerInMemory accepts connections without sockets, so that servers work in virtual time.
type listenerInMemory struct{ conns chan net.Conn }

func (l listenerInMemory) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l listenerInMemory) Close() error   { return nil }
func (l listenerInMemory) Addr() net.Addr { return &net.TCPAddr{} }

// cutConn is a connection that carries nothing once it is cut, and does not say so.
type cutConn struct {
	net.Conn
	cut atomic.Bool
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.cut.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// http2InMemory is a Slack that speaks HTTP/2, and connections to it that can be cut.
type http2InMemory struct {
	slack    *slacktest.Slack
	server   *http.Server
	listener listenerInMemory
	conns    []*cutConn
}

func newHTTP2InMemory() *http2InMemory {
	n := &http2InMemory{slack: slacktest.New(), listener: listenerInMemory{make(chan net.Conn)}}
	n.server = &http.Server{Handler: n.slack, Protocols: new(http.Protocols), ReadHeaderTimeout: time.Hour}
	n.server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = n.server.Serve(n.listener) }()
	return n
}

func (n *http2InMemory) DialContext(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	n.listener.conns <- far
	c := &cutConn{Conn: near}
	n.conns = append(n.conns, c)
	return c, nil
}

func (n *http2InMemory) cut() {
	for _, c := range n.conns {
		c.cut.Store(true)
	}
}

func (n *http2InMemory) close() {
	close(n.listener.conns)
	_ = n.server.Close()
}

// clientOf returns a client with the default transport, but for where its connections lead.
func (n *http2InMemory) clientOf(t *testing.T) (c *wrapper.Client, closeIdle func()) {
	hc := &http.Client{Transport: transport.Default().(*http.Transport).Clone()}
	own := hc.Transport.(*http.Transport)
	own.Protocols = new(http.Protocols)
	own.Protocols.SetUnencryptedHTTP2(true)
	own.DialContext = n.DialContext
	return newClient(t, nil, wrapper.Options{HTTPClient: hc, BaseURL: "http://localhost"}), hc.CloseIdleConnections
}

func TestDefaultTransportLeavesDeadHTTP2Connections(t *testing.T) {
	for name, run := range map[string]func(t *testing.T, c *wrapper.Client){
		"in a call": func(t *testing.T, c *wrapper.Client) {
			_, err := reset(t.Context(), c)
			require.NoError(t, err)
		},
		"in a bulk run": func(t *testing.T, c *wrapper.Client) {
			for r := range runReset(t.Context(), c, users(81).all, wrapper.BulkOptions{}) {
				require.NoError(t, r.Err)
			}
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			network := newHTTP2InMemory()
			defer network.close()
			c, closeIdle := network.clientOf(t)
			defer closeIdle()
			_, err := reset(t.Context(), c)
			require.NoError(t, err)
			synctest.Wait()
			network.cut()

			start := time.Now()
			run(t, c)
			assert.Len(t, network.conns, 2)
			assert.LessOrEqual(t, time.Since(start), 15*time.Second+500*time.Millisecond,
				"10 s until a ping, 5 s for the reply, and the first backoff")
		})
	}
}

func TestDefaultTransportClosesIdleConnections(t *testing.T) {
	for pause, conns := range map[time.Duration]int{29 * time.Second: 1, 31 * time.Second: 2} {
		inBubble(t, pause.String(), func(t *testing.T) {
			network := newHTTP2InMemory()
			defer network.close()
			c, closeIdle := network.clientOf(t)
			defer closeIdle()
			for range 2 {
				_, err := reset(t.Context(), c)
				require.NoError(t, err)
				time.Sleep(pause)
			}
			assert.Len(t, network.conns, conns)
		})
	}
}

func TestDefaultTransportNamesTheStatusOfAProxyThatRefuses(t *testing.T) {
	e := behindProxy(writes("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))(t)
	proxy := e.transport.Proxy
	e.transport = transport.Default().(*http.Transport).Clone()
	e.transport.Proxy = proxy
	m := makeCallTo(t, e)
	m.assertResult(t, refusedByProxy.withText("the proxy refused to connect: 407 Proxy Authentication Required"))
}
