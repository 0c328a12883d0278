package recipes

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// RateLimiter is a [rate.Limiter] as a [wrapper.Limiter]. Where a permit would come after the deadline of ctx, a
// rate.Limiter fails at once with an error of its own. RateLimiter returns [context.DeadlineExceeded] instead, so that
// [wrapper.Retryable] knows the cause.
type RateLimiter struct{ *rate.Limiter }

var _ wrapper.Limiter = RateLimiter{}

// HalfOfTier2 permits 10 requests a minute, half of what Slack documents, and leaves the rest to others who use the same
// app. A client that shares its limit with nobody needs no limiter: it learns the limit from Slack's responses.
func HalfOfTier2() RateLimiter {
	return RateLimiter{rate.NewLimiter(rate.Every(time.Minute/10), 1)}
}

// Wait returns when a request may be sent. It fails if ctx ends, or would end before that.
func (r RateLimiter) Wait(ctx context.Context) error {
	err := r.Limiter.Wait(ctx)
	_, hasDeadline := ctx.Deadline()
	if err != nil && ctx.Err() == nil && hasDeadline && r.Burst() > 0 { // a burst of 0 fails every call, whatever its deadline
		return context.DeadlineExceeded
	}
	return err
}
