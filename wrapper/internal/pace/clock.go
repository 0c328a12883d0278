package pace

import (
	"context"
	"math"
	"time"
)

// forever is longer than a century, and can be added to any time of a Pacer without overflow. A wake-up or
// ctx ends such a wait.
const forever = time.Duration(math.MaxInt64 / 2)

// DeadlineErr returns ctx.Err() if ctx has ended, an error that wraps [context.DeadlineExceeded] if ctx has a deadline
// before d has passed, and nil otherwise. It does not wait.
func DeadlineErr(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	deadline, ok := ctx.Deadline()
	switch left := time.Until(deadline); {
	case !ok, left > 0 && left >= d:
		return nil
	case left <= 0: // the deadline has passed, but the timer of ctx has not fired yet
		return context.DeadlineExceeded
	default:
		return wouldEndError{}
	}
}

type wouldEndError struct{}

func (wouldEndError) Error() string { return "the context would end first" }
func (wouldEndError) Unwrap() error { return context.DeadlineExceeded }

// sleepOrWake returns when d has passed, when wakeup is closed, or when ctx ends.
func sleepOrWake(ctx context.Context, d time.Duration, wakeup <-chan struct{}) {
	select {
	case <-time.After(d):
	case <-wakeup:
	case <-ctx.Done():
	}
}
