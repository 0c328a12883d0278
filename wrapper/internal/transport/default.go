// Package transport has the HTTP transport that clients use by default, and knows how far a request got. It knows nothing
// of Slack.
package transport

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// A connection of HTTP/2 that died silently (NAT, VPN, a laptop that slept) would otherwise be used again and again.
	sendPingTimeout = 10 * time.Second
	pingTimeout     = 5 * time.Second

	idleTimeout    = 30 * time.Second // load balancers close idle connections after 60 s, net/http after 90 s
	maxIdlePerHost = 1000             // the largest concurrency of a bulk run, because all requests go to one host; MaxIdleConns bounds it too
)

// Default returns the transport that all clients share: a copy of net/http's that stops using connections of HTTP/2 that no
// longer respond. If the program has set http.DefaultTransport to another type, that is used as it is.
var Default = sync.OnceValue(func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: sendPingTimeout, PingTimeout: pingTimeout}
	t.IdleConnTimeout = idleTimeout
	t.MaxIdleConnsPerHost = maxIdlePerHost
	t.OnProxyConnectResponse = proxyRefusal
	return t
})

func proxyRefusal(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	switch status := response.StatusCode; {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return nil // the proxy may let the next request through
	case status >= 400 && status < 500:
		return &ProxyError{Status: response.Status}
	}
	return nil
}
