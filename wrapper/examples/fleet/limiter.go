package fleet

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// Tier2 is what Slack documents for both methods, 20 requests a minute, evenly spread.
// See https://docs.slack.dev/apis/web-api/rate-limits.
var Tier2 = redis_rate.Limit{Rate: 20, Period: time.Minute, Burst: 1}

// Limiter is a [wrapper.Limiter] that counts requests in Redis. Make it with [New], and set its fields before the first
// call. It is safe for concurrent use, and may serve several clients.
type Limiter struct {
	// MaxOutage is the longest time that calls wait for Redis to respond again; 0 means 2 minutes, negative means none.
	MaxOutage time.Duration

	// OnOutage is called with the failure when calls begin to wait for Redis, and with nil when Redis responds again; nil
	// means that nobody is told. It must not call Wait.
	OnOutage func(err error)

	redis engine
	key   string
	limit redis_rate.Limit

	givenUp atomic.Int64 // how often Redis was given up

	turn     chan struct{} // held by the call that asks Redis; guards the fields below
	known    bool          // Redis has responded once
	failures int           // in a row
	since    time.Time     // time of the first of them
	err      error         // why Redis was last given up
}

var _ wrapper.Limiter = (*Limiter)(nil)

type engine interface {
	Allow(ctx context.Context, key string, limit redis_rate.Limit) (*redis_rate.Result, error)
}

// New returns a limiter that counts under key. A Burst of 0 is 1. It does not talk to Redis yet.
func New(rdb redis.UniversalClient, key string, limit redis_rate.Limit) (*Limiter, error) {
	limit.Burst = cmp.Or(limit.Burst, 1)
	switch {
	case rdb == nil:
		return nil, errors.New("fleet: no Redis client; give one, for instance redis.NewClient")
	case key == "":
		return nil, errors.New("fleet: key is empty; name the app, the workspace and the method that share the limit")
	case limit.Rate <= 0 || limit.Burst < 0 || limit.Period <= 0:
		return nil, errors.New("fleet: limit has a Rate or a Period that is not positive, or a negative Burst; use one like Tier2")
	}
	return newLimiter(redis_rate.NewLimiter(rdb), key, limit), nil
}

func newLimiter(e engine, key string, limit redis_rate.Limit) *Limiter {
	return &Limiter{redis: e, key: key, limit: limit, turn: make(chan struct{}, 1)}
}

// Wait returns when a request may be sent. It fails immediately if Redis asks it to wait longer than ctx's deadline allows.
//
// Only one call of a process asks Redis at a time, so a hundred waiting calls load it no more than one. They are served in
// the order in which they came. When Redis is given up, all calls that wait fail.
func (l *Limiter) Wait(ctx context.Context) error {
	givenUp := l.givenUp.Load()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.givenUp.Load() != givenUp {
		return l.err
	}
	for {
		wait, err := l.ask(ctx)
		if err != nil || wait == 0 {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// jitter returns up to a twentieth of the time from one request to the next. Without it the process that is nearest to Redis
// would always be the first to ask again, and the others would get nothing.
func (l *Limiter) jitter() time.Duration {
	interval := float64(l.limit.Period) / float64(l.limit.Rate)
	return time.Duration(rand.Float64() * interval / 20) //nolint:gosec // G404: nobody gains by guessing it
}

func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
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
