package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Answer says how the fake answers one request. The zero value lets the state of the [Slack] decide: the request is
// checked, carried out and answered.
//
// If Status, Body or Err is set, it replaces the state's answer, and the request has no effect unless Effect is set
// too. The other fields change how the answer is sent, whether it is replaced or not. Fields may be combined:
//
//	slacktest.Answer{Delay: time.Minute}               // takes effect; the answer is late
//	slacktest.Answer{Status: 500}                      // no effect
//	slacktest.Answer{Body: "[]"}                       // no effect; the body is not what Slack sends
//	slacktest.Answer{Err: syscall.ECONNRESET}          // no effect; the connection breaks
//	slacktest.Answer{Err: io.EOF, Effect: true}        // takes effect; then the connection breaks
//	slacktest.Answer{Cut: true}                        // takes effect; half of the body arrives
//	slacktest.Answer{Status: 307}.With("Location", to) // a redirect
type Answer struct {
	// Status is the HTTP status; 0 means 200. As a Handler, the Slack closes the connection instead of sending a
	// status below 200, because net/http would send a 200 after it; 101 in HTTP/1.1 is sent.
	Status int

	// Header is added to the default headers, X-Slack-Req-Id and Content-Type. An empty value list removes the
	// header.
	Header http.Header

	Body string // "" with a Status means an empty body

	// Err breaks the connection instead of answering. As a RoundTripper, the Slack returns Err as it is. As a
	// Handler, it closes the connection, or resets it if Err is syscall.ECONNRESET.
	//
	// Some errors mean that there was no connection at all: a [net.OpError] with Op "dial" or "proxyconnect", a
	// [net.DNSError], and errors of crypto/tls and crypto/x509 about an untrusted certificate. If [Slack.Script] or
	// [Slack.Down] gives one of these, the RoundTripper does not read the request's body, ignores Effect and sets
	// [Call.NotSent].
	Err error

	Effect bool          // apply the request although the answer is replaced, if the state grants it
	Delay  time.Duration // time between the effect and the answer
	Cut    bool          // break the connection after half of the body
	Drip   time.Duration // send one byte of the body after each Drip, and spaces without end after it
}

// Refused is Slack's refusal with a code, such as "user_not_found", in HTTP 200.
func Refused(code string) Answer {
	return verdict{Error: code}.answer()
}

// RateLimited is HTTP 429 with the code ratelimited and a Retry-After in whole seconds, rounded up. [Answer.With]
// gives it another Retry-After, or none:
//
//	slacktest.RateLimited(0).With("Retry-After", "soon")
//	slacktest.RateLimited(0).With("Retry-After")
func RateLimited(retryAfter time.Duration) Answer {
	a := Refused("ratelimited").With("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	a.Status = http.StatusTooManyRequests
	return a
}

// With returns a copy of a that also sets a header, or removes it if there are no values.
func (a Answer) With(key string, values ...string) Answer {
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header[http.CanonicalHeaderKey(key)] = values
	a.Header = header
	return a
}

// replaces reports whether a replaces the state's answer.
func (a Answer) replaces() bool {
	return a.Status != 0 || a.Body != "" || a.Err != nil
}
