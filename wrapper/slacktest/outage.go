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

// Down plans an outage: every request that arrives from the given time on, for as long as d, is answered as
// how says, before anything scripted or set with [Slack.Respond]. After that the Slack is up again. What was
// scripted waits until then.
//
//	slack.Down(time.Now(), 2*time.Minute, slacktest.ConnectionRefused())
//	slack.Down(time.Now().Add(time.Hour), time.Minute, slacktest.Outage(503))
//
// [ConnectionRefused], [Hanging], [Outage] and [Proxy] are ways to be down; any other [Answer] is as good. A
// request that meets one of them is on record as Scripted, has no effect, and does not count against the rate
// limit. Any number of outages may be planned; where two overlap, the one planned last counts.
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

// ConnectionRefused is no answer: nobody listens, and the request is never sent. See [Answer.Err] for what
// that means.
func ConnectionRefused() Answer {
	return Answer{Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
}

// Hanging is no answer either: the request is sent, and then nothing comes until the client gives up. A
// request that meets it hangs on when the outage is over.
func Hanging() Answer {
	return Answer{Delay: math.MaxInt64, Err: os.ErrDeadlineExceeded}
}

// Outage is the page that stands in for Slack when Slack is down: an HTTP status, such as 503, and HTML.
func Outage(status int) Answer {
	return page(status, "Slack is having trouble")
}

// Proxy is the answer of a proxy between client and Slack that does not let the request through, with HTML and
// without any header of Slack's. With a status of 302, or another 3xx, it leads to its login page; with 407
// it asks for credentials; with 403 it forbids; with 200 it is the login page itself.
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

// neverConnected reports whether err arises before a connection is there to send a request on.
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
