package wrapper

import (
	"context"
	"math"
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
