package wrapper

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// RetryOptions says how often a call is tried, and how long it waits in between. The zero value is ready to use. The
// wait before attempt n+1 is uniform in [0, min(MaxDelay, MinDelay·2^(n−1))], and at least the Retry-After of the answer,
// which is never cut short.
type RetryOptions struct {
	MaxAttempts   int           // requests of one call, the first included; 0 = 5, 1 = never retry
	MinDelay      time.Duration // first backoff; 0 = 500 ms
	MaxDelay      time.Duration // largest backoff; 0 = 30 s
	MaxRetryAfter time.Duration // longest Retry-After that a call waits for; 0 = 2 min; a longer one ends the call

	// Retryable says what to retry; nil means [Retryable]. Several goroutines may call it at once.
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

// policy decides what follows an attempt. The rules of retries are here, and those of time in package pace.
type policy struct {
	RetryOptions
	run *pace.Run // nil: the call is part of no bulk run
}

// pacing is how a call waits for its turn.
func (p policy) pacing() pace.Call {
	if p.run == nil {
		return pace.Call{MaxHold: p.MaxRetryAfter}
	}
	return pace.Call{MaxHold: pace.Forever, Run: p.run}
}

// counts reports whether an attempt that failed counts against MaxAttempts.
func (p policy) counts(e *Error, outage bool) bool {
	return !outage && (p.run == nil || !e.rateLimited())
}

// decision is what follows an attempt.
type decision struct {
	again bool
	delay time.Duration // until the next attempt, as far as is known
	paced bool          // the pacing waits for delay, not the call
	err   error         // with which the call ends where no attempt follows
}

// decide says what follows the latest attempt. The pacing holds the call back for hold, or until an outage ends. random is
// in [0, 1).
func (p policy) decide(ctx context.Context, h *history, hold time.Duration, outage bool, random float64) decision {
	e := h.last
	d := decision{again: true, delay: hold, paced: true, err: e}
	switch {
	case outage:
		return d // the pacing knows when to go on or to end
	case p.run != nil && e.rateLimited():
	case max(e.RetryAfter, hold) > p.MaxRetryAfter:
		d.again = false
	case h.renewing:
		d.delay, d.paced = e.RetryAfter, false
	case h.attempts >= p.MaxAttempts, !p.Retryable(e):
		d.again = false
	case !e.rateLimited():
		d.delay, d.paced = max(p.backoff(h.attempts, random), e.RetryAfter), false
	}
	if d.again {
		if err := pace.Ends(ctx, d.delay); err != nil {
			d.again, d.err = false, e.endedBy(err)
		}
	}
	if !d.again {
		d.delay = 0
	}
	return d
}
