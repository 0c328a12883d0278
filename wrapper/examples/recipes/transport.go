package recipes

import (
	"net/http"
	"time"
)

// Transport returns a transport to build on, with what a client without HTTPClient has: it leaves connections that died, and
// uses the proxy of the environment.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 8,                // a bulk run makes 8 calls at once
		IdleConnTimeout:     30 * time.Second, // balancers close idle connections after 60 s
		ForceAttemptHTTP2:   true,
		// A connection may die without a word. Without pings every request on it would wait until it times out.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
}
