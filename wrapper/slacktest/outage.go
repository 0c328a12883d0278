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

// Down plans an outage: a request that arrives at the time from or later, but before d has passed since, is
// answered as how says. After that the Slack is up again.
//
//	slack.Down(time.Now(), 2*time.Minute, slacktest.ConnectionRefused())
//	slack.Down(time.Now().Add(time.Hour), time.Minute, slacktest.Outage(503))
//
// The ways to be down are [ConnectionRefused], [Hanging], [Outage] and [Proxy], and any other [Answer]. A
// request that meets one of these four is on record as Scripted, has no effect and does not count against the
// rate limit. An outage comes before [Slack.Script], whose answers are kept for later, and before
// [Slack.Respond]. Several outages may be planned; if two overlap, the one that was planned last counts.
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

// down returns how the Slack is down at a time, nil if it is up.
func (s *Slack) down(at time.Time) *Answer {
	for _, o := range slices.Backward(s.outages) {
		if since := at.Sub(o.from); since >= 0 && since < o.d {
			return &o.how
		}
	}
	return nil
}

// ConnectionRefused is a failure to connect: the request is not sent, see [Answer.Err]. A Delay is the time until
// the failure.
func ConnectionRefused() Answer {
	return Answer{Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
}

// Hanging takes the request and answers nothing until the client gives up, even if the outage ends before.
func Hanging() Answer {
	return Answer{Delay: math.MaxInt64, Err: os.ErrDeadlineExceeded}
}

// Outage is the page that stands in for Slack when Slack is down: an HTTP status, such as 503, and HTML.
func Outage(status int) Answer {
	return page(status, "Slack is having trouble")
}

// Proxy is the page of a proxy that does not let the request through to Slack: an HTTP status, HTML, and none of
// Slack's headers. With 302, and any other 3xx, a Location leads to the proxy's login page; with 200 it is that
// page; with 407 a Proxy-Authenticate asks for credentials; with 403 the proxy forbids.
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

// neverConnected reports whether err arises before there is a connection that a request can be sent on.
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
