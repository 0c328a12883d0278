package fleet

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// DefaultMaxOutage is the zero value of [Limiter].MaxOutage. A restart of Redis with its data, or a failover, takes less.
const DefaultMaxOutage = 2 * time.Minute

const (
	requestTimeout = 10 * time.Second // of one question to Redis, its client's retries included
	minBackoff     = 250 * time.Millisecond
	maxBackoff     = 5 * time.Second
)

// ask asks Redis once. It returns how long to wait before the next question, 0 if a request may be sent.
func (l *Limiter) ask(ctx context.Context) (wait time.Duration, err error) {
	bounded, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	result, err := l.redis.Allow(bounded, l.key, l.limit)
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return l.fail(ctx, err)
	}
	if l.failures > 0 && l.known {
		l.report(nil)
	}
	l.known, l.failures = true, 0
	if result.Allowed > 0 {
		return 0, nil
	}
	return result.RetryAfter + l.jitter(), nil
}

// fail records that Redis failed. It returns how long to wait before the next question, or an error if none is worth asking.
func (l *Limiter) fail(ctx context.Context, err error) (wait time.Duration, _ error) {
	if l.failures == 0 {
		l.since = time.Now()
		if l.known {
			l.report(err)
		}
	}
	wait = min(maxBackoff, minBackoff<<min(l.failures, 10))
	l.failures++
	if !l.known || time.Since(l.since) >= cmp.Or(l.MaxOutage, DefaultMaxOutage) {
		l.err = fmt.Errorf("fleet: Redis: %w", err)
		l.givenUp.Add(1)
		return 0, l.err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return 0, fmt.Errorf("fleet: Redis: %w; the context would end before the next attempt", err)
	}
	return wait, nil
}

func (l *Limiter) report(err error) {
	if l.OnOutage != nil {
		l.OnOutage(err)
	}
}
