package wrapper

import (
	"context"
	"time"
)

// sleep returns after d, or at once with the reason why ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if err := ends(ctx, d); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ends says why ctx ends before d has passed, as far as is known.
func ends(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	return nil
}
