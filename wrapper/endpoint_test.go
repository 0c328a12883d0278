package wrapper_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// endpoint is what a client connects to, and how.
type endpoint struct {
	url       string
	transport *http.Transport
	slack     *slacktest.Slack // nil if no request reaches Slack
}

// makeCallTo makes a call of at most two attempts.
func makeCallTo(t *testing.T, e endpoint) *madeCall {
	t.Helper()
	t.Cleanup(e.transport.CloseIdleConnections)
	m := &madeCall{}
	m.opts = wrapper.Options{
		BaseURL:    e.url,
		HTTPClient: &http.Client{Transport: e.transport},
		Retry:      wrapper.RetryOptions{MaxAttempts: 2, MinDelay: time.Millisecond},
		Observe:    m.observer(),
	}
	m.client = newClient(t, nil, m.opts)
	m.resp, m.err = reset(t.Context(), m.client)
	if e.slack != nil {
		m.requests = e.slack.Calls()
	}
	return m
}

// slackServer is a Slack that gives the same response to every request.
func slackServer(a slacktest.Answer) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		slack := respond(a)
		return endpoint{url: serve(t, slack), slack: slack, transport: &http.Transport{}}
	}
}

func serve(t *testing.T, h http.Handler) string {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func redirectsToAnotherServer(t *testing.T) endpoint {
	other := slacktest.New()
	t.Cleanup(func() { assert.Empty(t, other.Calls(), "requests to where the redirect leads") })
	return slackServer(redirect(307, serve(t, other)+"/api"))(t)
}

func listener(t *testing.T) net.Listener {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

// accept lets handle serve each connection until the end of the test. It returns the address.
func accept(t *testing.T, handle func(net.Conn)) string {
	l := listener(t)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { handle(c); _ = c.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	return l.Addr().String()
}

// writes is a server that reads a request, writes this, and closes the connection.
func writes(response string) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		address := accept(t, func(c net.Conn) {
			readRequest(c)
			_, _ = io.WriteString(c, response)
		})
		return endpoint{url: "http://" + address, transport: &http.Transport{DisableKeepAlives: true}}
	}
}

func readRequest(c net.Conn) {
	if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

func closedPort(*testing.T) endpoint {
	return endpoint{url: "http://127.0.0.1:9", transport: &http.Transport{DialContext: refuseConnection}}
}

func refuseConnection(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// behindProxy is a Slack that only this proxy leads to.
func behindProxy(proxy func(*testing.T) endpoint) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		e := proxy(t)
		to, err := url.Parse(e.url)
		require.NoError(t, err)
		e.url, e.transport.Proxy = wrapper.DefaultBaseURL, http.ProxyURL(to)
		return e
	}
}

func unresolvableHost(*testing.T) endpoint {
	dialer := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, syscall.ENETUNREACH
	}}}
	return endpoint{url: wrapper.DefaultBaseURL, transport: &http.Transport{DialContext: dialer.DialContext}}
}

// tlsPort is an https address whose connections handle serves.
func tlsPort(handle func(net.Conn)) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		return endpoint{url: "https://" + accept(t, handle), transport: &http.Transport{}}
	}
}

func staysSilent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func resetsConnection(c net.Conn) {
	_, _ = c.Read(make([]byte, 1))
	_ = c.(*net.TCPConn).SetLinger(0)
}

// tlsServer is a Slack over TLS, and a client that trusts it unless edit changes that.
func tlsServer(edit func(*tls.Config)) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		slack := slacktest.New()
		return startTLS(t, httptest.NewUnstartedServer(slack), slack, edit)
	}
}

// serverWithBadCertificate is a server whose certificate cannot be parsed.
func serverWithBadCertificate(t *testing.T) endpoint {
	server := httptest.NewUnstartedServer(slacktest.New())
	e := startTLS(t, server, nil, func(*tls.Config) {})
	bad := slices.Clone(server.TLS.Certificates[0].Certificate[0])
	bad[0] ^= 0xff
	server.TLS.Certificates[0].Certificate = [][]byte{bad}
	return e
}

func http2Server(a slacktest.Answer) func(*testing.T) endpoint {
	return func(t *testing.T) endpoint {
		slack := respond(a)
		server := httptest.NewUnstartedServer(slack)
		server.EnableHTTP2 = true
		e := startTLS(t, server, slack, func(*tls.Config) {})
		e.transport.ForceAttemptHTTP2 = true
		return e
	}
}

func startTLS(t *testing.T, server *httptest.Server, slack *slacktest.Slack, edit func(*tls.Config)) endpoint {
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	edit(transport.TLSClientConfig)
	return endpoint{url: server.URL, transport: transport, slack: slack}
}

// inMemory returns a dialer whose connections handle serves without sockets, so that they work in virtual time.
func inMemory(handle func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { handle(far); _ = far.Close() }()
		return near, nil
	}
}
