package pace

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// A HoldError reports that a call got no permit because an earlier response, maybe to another call, asked to wait.
type HoldError struct {
	RateLimit bool          // the response was a rate limit
	Remaining time.Duration // of the wait, in whole seconds, rounded up
	Deadline  bool          // the context would end first; if false, Remaining is longer than the Waiter waits for
}

func (e *HoldError) Error() string {
	text := fmt.Sprintf("an earlier response asked to wait %v", e.Remaining)
	if e.Deadline {
		text += "; " + errWouldEnd.Error()
	}
	return text
}

// Unwrap returns an error that wraps [context.DeadlineExceeded] if the context would end first.
func (e *HoldError) Unwrap() error {
	if e.Deadline {
		return errWouldEnd
	}
	return nil
}

// maxHold is longer than a century. It can be added to any time of a Pacer without overflow.
const maxHold = Forever / 2

// hold keeps requests back for d, because a response asked to wait. It is a no-op if d <= 0, or if a longer hold is in force.
func (r *rate) hold(now, d time.Duration, rateLimit bool) {
	if until := now + min(d, maxHold); d > 0 && until >= r.holdUntil {
		r.holdUntil, r.holdIsRateLimit = until, rateLimit
	}
}

// A defaultHold computes how long to hold requests back after a rate limit without a Retry-After. Pacer.mu guards it.
type defaultHold struct {
	count int           // number of such rate limits in a row
	last  time.Duration // time of the last one that was counted
}

// next returns the hold after such a rate limit, which responds to a request sent at sent. Those of requests sent before the
// last one count as one. The random part keeps clients from coming back at the same time.
func (h *defaultHold) next(now, sent time.Duration) time.Duration {
	if h.count == 0 || sent > h.last {
		h.count, h.last = h.count+1, now
	}
	hold := min(minute, 5*time.Second<<min(h.count-1, 4))
	return hold + rand.N(hold/5) //nolint:gosec // jitter need not be unpredictable
}
