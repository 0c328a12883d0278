package recipes

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// tunnel is a proxy that leads to one address, whatever a request names.
type tunnel struct {
	to string

	mu             sync.Mutex
	requests       []string // method and host
	authorizations []string // Proxy-Authorization
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, r.Method+" "+r.Host)
	p.authorizations = append(p.authorizations, r.Header.Get("Proxy-Authorization"))
	p.mu.Unlock()
	far, err := new(net.Dialer).DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = far.Close() }()
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = near.Close() }()
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}

func TestRequestsGoThroughTheProxyToASlackOfOnesOwnAuthority(t *testing.T) {
	slack := slacktest.New()
	server := httptest.NewUnstartedServer(slack)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // about the handshake that the second client breaks off
	server.StartTLS()
	defer server.Close()
	through := &tunnel{to: server.Listener.Addr().String()}
	proxy := httptest.NewServer(through)
	defer proxy.Close()
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	hc, err := ThroughProxy(strings.Replace(proxy.URL, "://", "://name:password@", 1), own)
	require.NoError(t, err)
	defer hc.CloseIdleConnections()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		BaseURL:    "https://example.com/api", // what the certificate of net/http/httptest is for
		HTTPClient: hc,
	})
	require.NoError(t, err)
	_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
	require.NoError(t, err)
	assert.Equal(t, []string{"CONNECT example.com:443"}, through.requests)
	assert.Equal(t, []string{"Basic bmFtZTpwYXNzd29yZA=="}, through.authorizations)
	require.Len(t, slack.Calls(), 1)

	without, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{BaseURL: server.URL})
	require.NoError(t, err)
	_, err = without.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)
	assert.Len(t, slack.Calls(), 1)
}

func TestProxyThatCannotBeUsedIsRefusedWithoutQuotingIt(t *testing.T) {
	_, err := ThroughProxy("http://name:password@proxy example.com", nil)
	require.ErrorContains(t, err, "proxy: not a URL")
	assert.NotContains(t, err.Error(), "password")
	_, err = ThroughProxy("http://proxy.example.com:3128", []byte("no PEM"))
	require.ErrorContains(t, err, "no certificate")
}

// dyingConn drops what is written to it after its death, as a firewall does that has forgotten a connection.
type dyingConn struct {
	net.Conn
	dead *atomic.Bool
}

func (c dyingConn) Write(b []byte) (int, error) {
	if c.dead.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// pipeProxy is a proxy to one server in memory.
type pipeProxy struct {
	conns chan net.Conn // to the server

	mu    sync.Mutex
	deads []*atomic.Bool // one for each connection so far
}

func (p *pipeProxy) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	dead := new(atomic.Bool)
	p.mu.Lock()
	p.deads = append(p.deads, dead)
	p.mu.Unlock()
	go func() {
		if _, err := http.ReadRequest(bufio.NewReader(far)); err != nil {
			panic(err)
		}
		if _, err := io.WriteString(far, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			panic(err)
		}
		p.conns <- far
	}()
	return dyingConn{near, dead}, nil
}

// Accept makes pipeProxy the net.Listener of the server that it leads to.
func (p *pipeProxy) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p *pipeProxy) Close() error   { close(p.conns); return nil }
func (p *pipeProxy) Addr() net.Addr { return &net.TCPAddr{} }

func TestConnectionThatDiesWithoutAWordIsLeft(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certified.Certificate().Raw})
	synctest.Test(t, func(t *testing.T) {
		proxy := &pipeProxy{conns: make(chan net.Conn)}
		server := &http.Server{
			Handler:           slacktest.New(),
			TLSConfig:         &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12},
			ReadHeaderTimeout: time.Minute,
		}
		go func() { _ = server.ServeTLS(proxy, "", "") }() // it ends when the server is closed
		defer func() { assert.NoError(t, server.Close()) }()

		hc, err := ThroughProxy("http://proxy.example.com:3128", own)
		require.NoError(t, err)
		defer hc.CloseIdleConnections()
		hc.Transport.(*http.Transport).DialContext = proxy.Dial //nolint:forcetypeassert // made above
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			BaseURL: "https://example.com/api", HTTPClient: hc,
		})
		require.NoError(t, err)
		reset := func() (*wrapper.Response, time.Duration) {
			start := time.Now()
			resp, err := client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
			require.NoError(t, err)
			return resp, time.Since(start)
		}

		reset()
		require.Len(t, proxy.deads, 1)
		proxy.deads[0].Store(true)
		resp, took := reset()
		assert.Equal(t, 2, resp.Attempts)
		assert.Len(t, proxy.deads, 2)
		assert.Less(t, took, 16*time.Second)
		_, took = reset()
		assert.Zero(t, took)
	})
}
