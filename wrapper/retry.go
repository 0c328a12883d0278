package wrapper

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// RetryOptions controls how often a call is attempted and how long it waits in between. The zero value is ready to use.
// The wait before attempt n+1 is uniform in [0, min(MaxDelay, MinDelay·2^(n−1))], and at least the response's Retry-After,
// which is never cut short.
type RetryOptions struct {
	// MaxAttempts is the number of attempts of one call, the first included; 0 means 5, 1 means never to retry. An attempt
	// that Slack refuses with [ErrTokenExpired] does not count if the token source then supplies another token, so a call
	// with MaxAttempts 1 can make two requests. In a bulk run, rate limits and attempts in an outage do not count either.
	MaxAttempts int

	MinDelay time.Duration // first backoff; 0 means 500 ms
	MaxDelay time.Duration // largest backoff; 0 means 30 s

	// MaxRetryAfter is the longest Retry-After, of any response, that a call waits for; 0 means 2 min. A longer one ends the
	// call. Bulk runs wait for any rate limit.
	MaxRetryAfter time.Duration

	// Retryable reports whether to retry after an error; nil means [Retryable]. It is called by several goroutines at once.
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

// backoff is the wait before attempt n+1, for a random number in [0, 1).
func (o RetryOptions) backoff(n int, random float64) time.Duration {
	ceiling := math.Min(float64(o.MaxDelay), math.Ldexp(float64(o.MinDelay), n-1))
	return time.Duration(random * ceiling)
}

// failure is what the retry policy must know of a failed attempt. The policy decides whether to retry; package pace decides
// when.
type failure struct {
	kind          kind
	retryable     bool          // by RetryOptions.Retryable
	retryAfter    time.Duration // Retry-After of the response
	counted       int           // number of attempts that count against MaxAttempts, this one included
	bulk          bool          // the call is part of a bulk run
	needsNewToken bool          // the token has expired, and the token source may have another

	wait   time.Duration // until the pacing lets the next attempt go, about
	outage pace.Outage
}

// counts reports whether the attempt counts against MaxAttempts.
func (f failure) counts() bool {
	return f.outage == pace.NoOutage && !f.needsNewToken && !(f.bulk && f.kind == rateLimited)
}

// decision is what follows an attempt.
type decision struct {
	retry   bool
	delay   time.Duration // until the next attempt, about
	backoff time.Duration // the part of delay for which the call sleeps; 0 means that the pacing waits
	gaveUp  bool          // MaxAttempts is reached
	why     string        // other reason why no attempt follows, for the text of the error
	err     error         // such a reason that the error wraps
}

// decide returns what follows a failed attempt. random is in [0, 1).
func (o RetryOptions) decide(f failure, random float64) decision {
	paced := decision{retry: true, delay: f.wait}
	asked := max(f.retryAfter, f.wait)
	switch {
	case f.kind == canceled, f.kind == deadline:
		return decision{}
	case f.outage == pace.BrokenConnection:
		return decision{why: "no call of the run got a response, and retrying cannot help"}
	case f.outage == pace.OpenOutage:
		return paced
	case f.kind == rateLimited && f.bulk:
		return paced
	case f.needsNewToken && asked <= o.MaxRetryAfter:
		return decision{retry: true, delay: asked, backoff: asked}
	case !f.retryable:
		return decision{}
	case asked > o.MaxRetryAfter:
		return decision{why: fmt.Sprintf("asked to wait %v, longer than MaxRetryAfter (%v)", asked, o.MaxRetryAfter)}
	case f.counted >= o.MaxAttempts:
		return decision{gaveUp: true}
	case f.kind == rateLimited:
		return paced
	default:
		d := max(o.backoff(f.counted, random), f.retryAfter)
		return decision{retry: true, delay: d, backoff: d}
	}
}
