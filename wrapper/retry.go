package wrapper

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// RetryOptions controls how often a call is attempted and how long it waits in between. The zero value is ready to use.
//
// The wait after the nth attempt that counts is uniform in [0, min(MaxDelay, MinDelay·2^(n−1))], and at least the response's
// Retry-After. After a rate limit it is the Retry-After alone. A rate limit without Retry-After makes the call wait for 5 s,
// then 10, 20, 40 and 60 s as long as such responses follow each other, plus up to a fifth at random.
type RetryOptions struct {
	// MaxAttempts is the number of attempts of one call, the first included; 0 means 5, 1 means never to retry. If Slack
	// refuses an attempt with [ErrTokenExpired] and the token source then supplies another token, the refused attempt does not
	// count, so a call with MaxAttempts 1 can make two requests. In a bulk run, rate limits and attempts in an outage do not
	// count either.
	MaxAttempts int

	MinDelay time.Duration // longest first backoff, which doubles with each attempt that counts; 0 means 500 ms
	MaxDelay time.Duration // longest backoff; 0 means 30 s

	// MaxRetryAfter is the longest wait for a Retry-After, of any response, and for a rate limit without one; 0 means 2 min. A
	// call ends if it would have to wait longer, because of its own response or that of another call. Bulk runs wait for the
	// end of any rate limit. If another response, such as a 503, asks for a longer wait than MaxRetryAfter, its call ends, and
	// the other calls wait for up to MaxRetryAfter or [BulkOptions].MaxOutage, whichever is longer.
	MaxRetryAfter time.Duration

	// Retryable reports whether to retry after an error; nil means [Retryable]. Its answer is ignored if ctx has ended, for a
	// call's first token_expired, for rate limits in a bulk run, and for attempts in an outage. It is called by several
	// goroutines at once.
	Retryable func(error) bool
}

func (o RetryOptions) validate() error {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"MaxAttempts", int64(o.MaxAttempts)},
		{"MinDelay", int64(o.MinDelay)},
		{"MaxDelay", int64(o.MaxDelay)},
		{"MaxRetryAfter", int64(o.MaxRetryAfter)},
	} {
		if f.value < 0 {
			return invalid("Retry."+f.name, "is negative; 0 means the default")
		}
	}
	return nil
}

func (o RetryOptions) withDefaults() RetryOptions {
	o.MaxAttempts = cmp.Or(o.MaxAttempts, 5)
	o.MinDelay = cmp.Or(o.MinDelay, 500*time.Millisecond)
	o.MaxDelay = cmp.Or(o.MaxDelay, 30*time.Second)
	o.MaxRetryAfter = cmp.Or(o.MaxRetryAfter, 2*time.Minute)
	if o.Retryable == nil {
		o.Retryable = Retryable
	}
	return o
}

// backoff is the wait after the nth attempt that counts, or the nth trial of an outage, for a random number in [0, 1).
func (o RetryOptions) backoff(n int, random float64) time.Duration {
	ceiling := math.Min(float64(o.MaxDelay), math.Ldexp(float64(o.MinDelay), n-1))
	return time.Duration(random * ceiling)
}

// failedAttempt is what the retry policy needs to know of a failed attempt. The policy decides whether to retry, and the
// backoff; package pace may add to the wait.
type failedAttempt struct {
	kind          kind
	retryable     bool          // by RetryOptions.Retryable
	counted       int           // number of attempts so far that count against MaxAttempts
	bulk          bool          // the call is part of a bulk run
	outage        pace.Outage   // state of the bulk run
	wait          time.Duration // shortest time to the next attempt, by Retry-After or by the pacer
	asked         bool          // the response has a Retry-After
	needsNewToken bool          // the token has expired, and the token source may have another
}

// counts reports whether the attempt counts against MaxAttempts.
func (f failedAttempt) counts() bool {
	return f.outage == pace.NoOutage && !f.needsNewToken && (!f.bulk || f.kind != rateLimited)
}

// decision is what follows an attempt.
type decision struct {
	retry   bool
	delay   time.Duration // expected time to the next attempt
	backoff time.Duration // how long the call sleeps for it; 0 if the pacer does the waiting
	gaveUp  bool          // no attempt follows because of MaxAttempts
	tooLong string        // no attempt follows because of MaxRetryAfter: the wait, in words
	stop    *stopError    // no attempt follows because of the context
}

// decide returns what follows a failed attempt. random is in [0, 1). A call of a bulk run waits for the end of any rate limit
// and of an outage. In an outage the pacer ends that wait: after MaxOutage, or at once if the connection cannot work.
func (o RetryOptions) decide(f failedAttempt, random float64) decision {
	paced := decision{retry: true, delay: f.wait}
	switch {
	case f.kind == canceled, f.kind == deadline:
		return decision{}
	case f.outage != pace.NoOutage:
		return paced
	case f.kind == rateLimited && f.bulk:
		return paced
	case f.needsNewToken && f.wait <= o.MaxRetryAfter:
		return decision{retry: true, delay: f.wait, backoff: f.wait}
	case !f.retryable:
		return decision{}
	case f.wait > o.MaxRetryAfter && !f.asked:
		return decision{tooLong: fmt.Sprintf("no Retry-After; the wait would be longer than MaxRetryAfter (%v)", o.MaxRetryAfter)}
	case f.wait > o.MaxRetryAfter:
		return decision{tooLong: fmt.Sprintf("asked to wait %v, longer than MaxRetryAfter (%v)", f.wait, o.MaxRetryAfter)}
	case f.counted >= o.MaxAttempts:
		return decision{gaveUp: true}
	case f.kind == rateLimited:
		return paced
	default:
		d := max(o.backoff(f.counted, random), f.wait)
		return decision{retry: true, delay: d, backoff: d}
	}
}
