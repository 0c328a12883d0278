package recipes

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// ThroughProxy returns a client that reaches Slack through a proxy, such as http://name:password@proxy.example.com:3128,
// and trusts a company's certificate authority, in PEM, as well as the system's. Only Basic authentication is spoken to the
// proxy. A client without settings uses the proxy that HTTPS_PROXY names, and needs none of this.
func ThroughProxy(proxy string, authority []byte) (*http.Client, error) {
	address, err := url.Parse(proxy)
	if err != nil || address.Host == "" {
		return nil, errors.New("proxy: not a URL; give one like http://proxy.example.com:3128") // not quoted: may hold a password
	}
	trusted, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("certificate authorities of the system: %w", err)
	}
	if !trusted.AppendCertsFromPEM(authority) {
		return nil, errors.New("certificate authority: no certificate; give one in PEM")
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyURL(address),
		TLSClientConfig:     &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 8,                // a bulk run makes 8 calls at once
		IdleConnTimeout:     30 * time.Second, // balancers close idle connections after 60 s
		ForceAttemptHTTP2:   true,
		// A connection may die without a word. Without pings every request on it would wait until it times out.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}}, nil
}
