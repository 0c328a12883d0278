package slacktest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"
)

// Down plans an outage: how is the answer to every request that arrives at from or later, but before from plus d.
//
//	slack.Down(time.Now(), 2*time.Minute, slacktest.ConnectionRefused())
//	slack.Down(time.Now().Add(time.Hour), time.Minute, slacktest.Outage(503))
//
// [ConnectionRefused], [Hanging], [Outage] and [Proxy] make such answers; any other [Answer] will do. A request that
// gets one of these four is recorded as Scripted, has no effect and does not count in the rate limit. An outage comes
// before [Slack.Respond] and before [Slack.Script], whose answers are kept for later. If two outages overlap, the one
// that was planned last counts.
func (s *Slack) Down(from time.Time, d time.Duration, how Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outages = append(s.outages, outage{from, d, how})
}

type outage struct {
	from time.Time
	d    time.Duration
	how  Answer
}

// down returns the answer of the outage at a time, nil if there is none.
func (s *Slack) down(at time.Time) *Answer {
	for _, o := range slices.Backward(s.outages) {
		if since := at.Sub(o.from); since >= 0 && since < o.d {
			return &o.how
		}
	}
	return nil
}

// ConnectionRefused is a failure to connect: the request is not sent, see [Answer.Err]. Set Delay to let the failure
// take time.
func ConnectionRefused() Answer {
	return Answer{Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
}

// Hanging accepts the request and does not answer until the client gives up, even if the outage ends earlier.
func Hanging() Answer {
	return Answer{Delay: math.MaxInt64, Err: os.ErrDeadlineExceeded}
}

// Outage is the page that Slack shows when it is down: an HTTP status, such as 503, and HTML.
func Outage(status int) Answer {
	return page(status, "Slack is having trouble")
}

// Proxy is the page of a proxy that does not let the request through to Slack: an HTTP status, HTML, and none of
// Slack's headers. A status 3xx comes with a Location, the proxy's login page; 200 is that page itself; 407 comes
// with a Proxy-Authenticate, which asks for credentials.
func Proxy(status int) Answer {
	a := page(status, "Sign in to the network").With("X-Slack-Req-Id")
	switch {
	case status == http.StatusProxyAuthRequired:
		return a.With("Proxy-Authenticate", `Basic realm="proxy"`)
	case status >= 300 && status < 400:
		return a.With("Location", "https://proxy.test/login")
	}
	return a
}

func page(status int, title string) Answer {
	return Answer{Status: status, Body: "<!DOCTYPE html><title>" + title + "</title>"}.
		With("Content-Type", "text/html; charset=utf-8")
}

// neverConnected reports whether err means that there was no connection to send a request on.
func neverConnected(err error) bool {
	var network *net.OpError
	var name *net.DNSError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &network) && (network.Op == "dial" || network.Op == "proxyconnect") ||
		errors.As(err, &name) || errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &certificate)
}
