package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Answer is how one request is answered. The zero value is what the state says: it checks the request,
// carries it out and answers. Fields may be combined.
//
// An answer with a Status, a Body or an Err replaces that of the state, and the request does not take effect
// unless Effect says so. The other fields change how the answer travels, whoever gave it.
//
//	slacktest.Answer{Delay: time.Minute}               // done, but the answer is late
//	slacktest.Answer{Status: 500}                      // not done
//	slacktest.Answer{Body: "[]"}                       // not done, and not an answer
//	slacktest.Answer{Err: syscall.ECONNRESET}          // the connection broke before the request was seen
//	slacktest.Answer{Err: io.EOF, Effect: true}        // done, and then the connection broke
//	slacktest.Answer{Cut: true}                        // done, and half of the answer arrives
//	slacktest.Answer{Status: 307}.With("Location", to) // a redirect
type Answer struct {
	Status int         // HTTP status; 0 with a Body: 200
	Header http.Header // added to the usual headers; a key without values removes one
	Body   string      // "" with a Status: none

	// Err breaks the connection instead of answering. As a RoundTripper the Slack returns it as it is; as a
	// Handler it closes the connection, or resets it where Err is syscall.ECONNRESET. The request is on record
	// either way.
	//
	// Some errors mean that there never was a connection: a [net.OpError] of "dial" or "proxyconnect", a
	// [net.DNSError], a certificate that cannot be verified. With one of these from [Slack.Script] or
	// [Slack.Down] the RoundTripper does not read the request's body, and Effect counts for nothing; see
	// [Call.NotSent].
	Err error

	Effect bool          // although the answer is replaced, the request is carried out if the state grants it
	Delay  time.Duration // passes before the answer, after the effect
	Cut    bool          // the connection breaks after half of the body
	Drip   time.Duration // the body comes byte by byte, one each Drip, then blanks without end
}

// Refused is a refusal with a code, such as "user_not_found", in HTTP 200 as Slack sends it.
func Refused(code string) Answer {
	return verdict{Error: code}.answer()
}

// RateLimited is a refusal for now: HTTP 429 with a Retry-After of whole seconds, rounded up. For a
// Retry-After of another form: slacktest.RateLimited(0).With("Retry-After", "soon").
func RateLimited(retryAfter time.Duration) Answer {
	a := Refused("ratelimited").With("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	a.Status = http.StatusTooManyRequests
	return a
}

// With returns a copy of a with a header set, or without that header if no values are given.
func (a Answer) With(key string, values ...string) Answer {
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header[http.CanonicalHeaderKey(key)] = values
	a.Header = header
	return a
}

// replaces tells whether the state's answer is not the one sent.
func (a Answer) replaces() bool {
	return a.Status != 0 || a.Body != "" || a.Err != nil
}
