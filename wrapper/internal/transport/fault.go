package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// NotTrusted reports whether err is about the server's certificate.
func NotTrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &certificate)
}

// RefusedByProxy reports whether a proxy refused to connect. net/http tells of it by the status text alone.
func RefusedByProxy(err error) bool {
	switch err.Error() {
	case http.StatusText(http.StatusUnauthorized), http.StatusText(http.StatusForbidden), http.StatusText(http.StatusProxyAuthRequired):
		return true
	}
	return false
}

// notConnected reports whether err arose before there was a connection that could be trusted.
func notConnected(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return NotTrusted(err) || errors.As(err, &dns) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}
