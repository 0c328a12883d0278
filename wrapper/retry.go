package wrapper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RetryOptions says how often a call is tried, and how long it waits in between. The zero value is
// ready to use. The wait before attempt n+1 is uniform in [0, min(MaxDelay, MinDelay·2^(n−1))], and
// at least the Retry-After of the answer, which is never cut short.
type RetryOptions struct {
	MaxAttempts      int              // requests of one call, the first included; 0 = 5, 1 = never retry
	MinDelay         time.Duration    // first backoff; 0 = 500 ms
	MaxDelay         time.Duration    // largest backoff; 0 = 30 s
	MaxRateLimitWait time.Duration    // longest Retry-After to sit out; 0 = 2 min; a longer one ends the call
	Retryable        func(error) bool // what to retry; nil = Retryable; may be called by several goroutines at once
}

func (o RetryOptions) validate() error {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"MaxAttempts", int64(o.MaxAttempts)},
		{"MinDelay", int64(o.MinDelay)},
		{"MaxDelay", int64(o.MaxDelay)},
		{"MaxRateLimitWait", int64(o.MaxRateLimitWait)},
	} {
		if f.value < 0 {
			return invalid("Retry."+f.name, "is negative; 0 means the default")
		}
	}
	return nil
}

func (o RetryOptions) withDefaults() RetryOptions {
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 5
	}
	if o.MinDelay == 0 {
		o.MinDelay = 500 * time.Millisecond
	}
	if o.MaxDelay == 0 {
		o.MaxDelay = 30 * time.Second
	}
	if o.MaxRateLimitWait == 0 {
		o.MaxRateLimitWait = 2 * time.Minute
	}
	if o.Retryable == nil {
		o.Retryable = Retryable
	}
	return o
}

// backoff is the wait before attempt n+1, for a random number in [0, 1).
func (o RetryOptions) backoff(n int, random float64) time.Duration {
	ceiling := math.Min(float64(o.MaxDelay), math.Ldexp(float64(o.MinDelay), n-1))
	return time.Duration(random * ceiling)
}

// policy decides what follows an attempt. In a bulk run rate limits count neither as attempts nor
// against MaxRateLimitWait.
type policy struct {
	RetryOptions
	bulk bool
}

// patience is how long a call sits out a rate limit.
func (p policy) patience() time.Duration {
	if p.bulk {
		return forever
	}
	return p.MaxRateLimitWait
}

// counts reports whether a request that came to err counts against MaxAttempts.
func (p policy) counts(err error) bool { return !p.bulk || !rateLimited(err) }

// wait is how long to wait after the latest request, for a random number in [0, 1). A rate limit that says
// how long it lasts is taken at its word.
func (p policy) wait(h *history, random float64) time.Duration {
	asked := retryAfterOf(h.err)
	switch {
	case h.err == nil, h.renewing:
		return asked
	case !rateLimited(h.err):
		return max(p.backoff(h.attempts, random), asked)
	case asked > 0:
		return asked
	}
	return p.backoff(h.requests, random)
}

// again decides whether another attempt follows, h.wait from now. Where only ctx forbids it, the error
// says so.
func (p policy) again(ctx context.Context, h *history) (bool, error) {
	switch {
	case h.err == nil:
		return false, nil
	case !p.counts(h.err):
	case retryAfterOf(h.err) > p.MaxRateLimitWait:
		return false, h.err
	case h.renewing:
	case h.attempts >= p.MaxAttempts, !p.Retryable(h.err):
		return false, h.err
	}
	if err := ends(ctx, h.wait); err != nil {
		return false, both(h.err, err)
	}
	return true, h.err
}

// Retryable reports whether err is transient: a rate limit, trouble inside Slack, a broken or timed-out
// connection, an answer without a verdict. It judges the error alone; a call whose context has ended
// is not tried again whatever the error.
func Retryable(err error) bool {
	var source *sourceError
	var answered *Error
	switch {
	case errors.As(err, &source):
		return false
	case errors.As(err, &answered):
		return answered.transient()
	default:
		return connectionTrouble(err)
	}
}

// OutcomeUnknown reports whether the call that ended in err may have taken effect all the same: a
// request may have reached Slack and no verdict came back, or Slack said that it failed half-way.
// What one attempt left open, later ones do not clear: a session_not_found can be the echo of the
// call's own success.
//
// Where it is true, repeat the call: both methods reach the same end state again. Where it is false,
// the call changed nothing, and err says what to mend.
func OutcomeUnknown(err error) bool {
	if err == nil {
		return false
	}
	var last interface{ unknown() bool } // the first in err: what it wraps may be somebody else's
	return errors.As(err, &last) && last.unknown()
}

// answerIn is the answer that err is or wraps, nil where there is none.
func answerIn(err error) *Error {
	if err == nil { // the usual case, for which nothing need be allocated
		return nil
	}
	var e *Error
	errors.As(err, &e)
	return e
}

// retryAfterOf is the Retry-After of the answer that err is.
func retryAfterOf(err error) time.Duration {
	if e := answerIn(err); e != nil {
		return e.RetryAfter
	}
	return 0
}

// rateLimited reports whether err is Slack's answer that there were too many requests.
func rateLimited(err error) bool {
	e := answerIn(err)
	return e != nil && (e.StatusCode == http.StatusTooManyRequests || e.StatusCode == http.StatusOK && e.Code == ErrRateLimited)
}

// expired reports whether err is Slack's answer that the token has expired.
func expired(err error) bool {
	e := answerIn(err)
	return e != nil && e.StatusCode == http.StatusOK && e.Code == ErrTokenExpired
}

// transient follows the codes where Slack answered 200 (or a test made the error by hand), and the
// status where it did not.
func (e *Error) transient() bool {
	switch {
	case e.StatusCode == http.StatusTooManyRequests, e.StatusCode >= 500, e.noVerdict:
		return true
	case e.StatusCode != http.StatusOK && e.StatusCode != 0:
		return false
	}
	return e.Code.concerns() == thisTime
}

func (e *Error) unknown() bool {
	switch {
	case e.outcomeUnknown, e.noVerdict, e.StatusCode >= 500:
		return true
	case e.StatusCode != http.StatusOK && e.StatusCode != 0:
		return false
	}
	return e.Code == ErrInternalError || e.Code == ErrFatalError
}

// connectionTrouble reports whether err comes from the connection. A certificate that is not trusted is
// no passing trouble, and a cancelled request was meant to end.
func connectionTrouble(err error) bool {
	var request *url.Error
	var network net.Error
	switch {
	case untrusted(err), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &request): // an attempt's own timeout included
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// untrusted reports whether err is about the server's certificate.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &certificate)
}

// neverSent reports whether err, from a transport that tells nothing of its connections, arose before the
// request was sent.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var record tls.RecordHeaderError
	return untrusted(err) || errors.As(err, &dns) || errors.As(err, &record) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// retryAfter reads Retry-After: seconds, a fraction rounded up, or an HTTP date by the server's clock; the
// longest where there are several. It is 0 where the header is missing, makes no sense or lies in the
// past, and never less than what was asked.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	var longest time.Duration
	for _, v := range h.Values("Retry-After") {
		longest = max(longest, parseRetryAfter(strings.TrimSpace(v), now))
	}
	return longest
}

func parseRetryAfter(v string, now time.Time) time.Duration {
	if strings.Trim(v, "0123456789.") != "" {
		t, err := http.ParseTime(v)
		if err != nil {
			return 0
		}
		return t.Sub(now)
	}
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	if seconds = math.Ceil(seconds); seconds >= math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds) * time.Second
}
