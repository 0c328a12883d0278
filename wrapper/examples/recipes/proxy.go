package recipes

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	transport := Transport()
	transport.Proxy = http.ProxyURL(address)
	transport.TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}
