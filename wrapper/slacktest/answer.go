package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Answer says how the fake answers one request. With the zero value the state of the [Slack] decides: the
// request is checked, carried out and answered.
//
// Status, Body and Err replace the answer of the state, and the request then has no effect unless Effect is
// set. The other fields change how an answer is sent, be it the state's or a replaced one. Fields may be combined:
//
//	slacktest.Answer{Delay: time.Minute}               // done, but the answer is late
//	slacktest.Answer{Status: 500}                      // not done
//	slacktest.Answer{Body: "[]"}                       // not done, and the body is not what Slack sends
//	slacktest.Answer{Err: syscall.ECONNRESET}          // not done: the connection broke before
//	slacktest.Answer{Err: io.EOF, Effect: true}        // done, and then the connection broke
//	slacktest.Answer{Cut: true}                        // done, and half of the body arrives
//	slacktest.Answer{Status: 307}.With("Location", to) // a redirect
type Answer struct {
	// Status is the HTTP status; 0 means 200. As a Handler the Slack closes the connection in place of a status below 200,
	// except for 101 in HTTP/1.1, because net/http would send a 200 after it.
	Status int

	Header http.Header // added to X-Slack-Req-Id and a Content-Type of JSON; a key without values removes one
	Body   string      // "" with a Status: the body is empty

	// Err breaks the connection instead of answering. As a RoundTripper the Slack returns Err as it is. As a
	// Handler it closes the connection, or resets it if Err is syscall.ECONNRESET.
	//
	// Some errors mean that there never was a connection: a [net.OpError] with Op "dial" or "proxyconnect", a
	// [net.DNSError], and errors of crypto/tls and crypto/x509 about a certificate that is not trusted. If
	// [Slack.Script] or [Slack.Down] gives one of these, the RoundTripper does not read the request's body,
	// ignores Effect and sets [Call.NotSent].
	Err error

	Effect bool          // the request is carried out, if the state grants it, although the answer is replaced
	Delay  time.Duration // time between the effect and the answer
	Cut    bool          // the connection breaks after half of the body
	Drip   time.Duration // the body comes one byte each Drip, and is followed by blanks that never end
}

// Refused is a refusal with a code, such as "user_not_found", in HTTP 200 as Slack sends it.
func Refused(code string) Answer {
	return verdict{Error: code}.answer()
}

// RateLimited is HTTP 429 with code ratelimited and a Retry-After in whole seconds, rounded up. [Answer.With]
// changes the Retry-After to another form, or removes it:
//
//	slacktest.RateLimited(0).With("Retry-After", "soon")
//	slacktest.RateLimited(0).With("Retry-After")
func RateLimited(retryAfter time.Duration) Answer {
	a := Refused("ratelimited").With("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	a.Status = http.StatusTooManyRequests
	return a
}

// With returns a copy of a that sets a header, or removes it if no values are given.
func (a Answer) With(key string, values ...string) Answer {
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header[http.CanonicalHeaderKey(key)] = values
	a.Header = header
	return a
}

// replaces reports whether a takes the place of the state's answer.
func (a Answer) replaces() bool {
	return a.Status != 0 || a.Body != "" || a.Err != nil
}
