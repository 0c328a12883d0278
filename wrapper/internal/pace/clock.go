package pace

import (
	"context"
	"time"
)

// Sleep returns after d, or at once with the reason why ctx ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	if err := Ends(ctx, d); err != nil || d <= 0 {
		return err
	}
	rest(ctx, d, nil)
	return ctx.Err()
}

// Ends says why ctx ends before d has passed, as far as is known; nil: it does not. It does not wait for d.
func Ends(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	deadline, ok := ctx.Deadline()
	switch left := time.Until(deadline); {
	case !ok || left > 0 && left >= d:
		return nil
	case left <= 0: // the timer of ctx is late
		return context.DeadlineExceeded
	}
	return errOutlasts
}

var errOutlasts error = outlasts{}

// outlasts says that ctx would end before a wait does.
type outlasts struct{}

func (outlasts) Error() string { return "the wait would outlast the context" }
func (outlasts) Unwrap() error { return context.DeadlineExceeded }

func ceil(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// rest returns after d, when woken, or when ctx ends.
func rest(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	var after <-chan time.Time
	if d < Forever {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-after:
	case <-woken:
	case <-ctx.Done():
	}
}
