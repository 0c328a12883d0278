package recipes

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// tunnel is a proxy that leads to one address, whatever was asked for.
type tunnel struct {
	to string

	mu      sync.Mutex
	asked   []string // host
	allowed []string // Proxy-Authorization
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	p.allowed = append(p.allowed, r.Header.Get("Proxy-Authorization"))
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
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that the second client breaks off
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
	assert.Equal(t, []string{"CONNECT example.com:443"}, through.asked)
	assert.Equal(t, []string{"Basic bmFtZTpwYXNzd29yZA=="}, through.allowed)
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
