package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// IsCertError reports whether err says that the server's certificate cannot be verified.
func IsCertError(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) ||
		errors.As(err, &certificate) || strings.Contains(fmt.Sprint(err), "tls: failed to parse certificate")
}

// ProxyError says that a proxy refused to connect to the server.
type ProxyError struct {
	Status string // for instance "407 Proxy Authentication Required"
}

func (e *ProxyError) Error() string { return "the proxy refused to connect: " + e.Status }

// AsProxyError returns the ProxyError in err, nil if there is none. Transports other than [Default] report a proxy's refusal
// by nothing but the text of its status.
func AsProxyError(err error) *ProxyError {
	var refusal *ProxyError
	if errors.As(err, &refusal) {
		return refusal
	}
	switch text := fmt.Sprint(err); text {
	case http.StatusText(http.StatusUnauthorized), http.StatusText(http.StatusForbidden), http.StatusText(http.StatusProxyAuthRequired):
		return &ProxyError{Status: text}
	}
	return nil
}
