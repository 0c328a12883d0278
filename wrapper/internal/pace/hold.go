package pace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A HoldError reports that a call got no permit because an earlier response, maybe to another call, asked to wait. Every
// rate limit asks to wait, even one without a Retry-After.
type HoldError struct {
	RateLimit bool          // the response was a rate limit
	Remaining time.Duration // of the wait, in whole seconds, rounded up
	Reason    error         // why the call does not wait; it wraps context.DeadlineExceeded if the context would end first
}

func (e *HoldError) Error() string {
	return fmt.Sprintf("an earlier response asked to wait %v, %v", e.Remaining, e.Reason)
}

func (e *HoldError) Unwrap() error { return e.Reason }

// holdErr returns why w should not wait for the end of the hold; nil if it should, or if there is none.
func (p *Pacer) holdErr(ctx context.Context, now time.Duration, w *Waiter) error {
	hold, bulk := p.rate.holdUntil-now, w.Breaker != nil
	if hold <= 0 {
		return nil
	}
	setting, longest := "MaxRetryAfter", w.MaxRetryAfter
	if bulk && w.Breaker.MaxOutage > longest {
		setting, longest = "MaxOutage", w.Breaker.MaxOutage
	}
	remaining := (hold + time.Second - 1).Truncate(time.Second)
	err := &HoldError{RateLimit: p.rate.holdIsRateLimit, Remaining: remaining, Reason: DeadlineErr(ctx, hold)}
	switch {
	case err.Reason != nil:
		return err
	case hold <= longest, bulk && err.RateLimit: // no rate limit fails a call of a bulk run
		return nil
	default:
		err.Reason = fmt.Errorf("longer than %s (%v)", setting, longest)
		return err
	}
}

// throttledHold returns for how long to hold requests back because the request of permit was throttled. The random part keeps
// clients from coming back at the same time.
func (p *Pacer) throttledHold(permit *Permit, retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		p.withoutRetryAfter = 0
		return retryAfter
	}
	if p.withoutRetryAfter == 0 || permit.grantedAt >= p.rate.holdUntil { // requests that were in flight together count once
		p.withoutRetryAfter++
	}
	hold := defaultHolds[min(p.withoutRetryAfter, len(defaultHolds))-1]
	return hold + rand.N(hold/5) //nolint:gosec // jitter need not be unpredictable
}

// defaultHolds are the holds after one rate limit without a Retry-After, after two in a row, and so on.
var defaultHolds = [...]time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute}
