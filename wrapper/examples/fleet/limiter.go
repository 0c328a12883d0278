// Package fleet makes jobs on several machines share one rate limit. Slack counts the requests of an app
// to a workspace or organisation, whichever machine they come from; a [Limiter] counts them in Redis, with
// the algorithm of github.com/go-redis/redis_rate, before they are sent:
//
//	rdb := redis.NewClient(&redis.Options{Addr: "redis.example.com:6379", ContextTimeoutEnabled: true})
//	limiter, err := fleet.New(rdb, "slack:T0123456789:A0123456789:admin.users.session.reset", fleet.Tier2)
//	if err != nil {
//		return err
//	}
//	client, err := wrapper.New(source, wrapper.Options{Limiter: limiter})
//
// # The key
//
// All jobs that use the same key share its limit. Slack limits each method of each app on each workspace
// or organisation on its own, so name these three in the key. A limiter is not told which method asks: a
// client that calls both methods through one limiter keeps within the limit, at half the rate that Slack
// would allow. Where that matters, make a client with a limiter for each method. A client made with
// WithTokenSource keeps the limiter, and so shares it across workspaces: there, call wrapper.New instead.
//
// # The limit
//
// In any span as long as Period at most Rate+Burst-1 requests pass. Slack documents a number of requests
// a minute and not how it counts them, so keep that sum at what Slack allows; then it holds however the
// minute is cut. Requests pass one every Period/Rate, and Burst-1 of them may make up for time that was
// lost: at 20 a minute, where one is due every three seconds and a few milliseconds late, none needs to,
// and [Tier2] has a Burst of 1; at 50 a second, Rate 49 and Burst 2 come closer to the full rate than
// Rate 50 and Burst 1. Do not use redis_rate.PerMinute(20): with a Burst of 20 it lets 39 requests pass in
// the first minute.
//
// Where other programs use the same app, or people sign users out by hand through it, leave them a part.
//
// # When Redis fails
//
// The call ends with an error that says "fleet: Redis", after the retries that the Redis client is set to
// (about two seconds by default where nobody listens), and a bulk run takes no more. Nothing is sent that
// Redis did not count. Start again when Redis is back: both methods of Slack may be repeated.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// Limiter lets a request pass when Redis says that the limit has room for it. Make it with [New]. It is
// safe for concurrent use, and may serve several clients.
type Limiter struct {
	redis engine
	key   string
	limit redis_rate.Limit

	turn     chan struct{} // held by the call that asks Redis
	failures atomic.Int64
	err      error // the last failure; guarded by turn
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

// Wait returns when a request may be sent, and at once if that is certain to come after ctx's deadline.
//
// Of one process only the call whose turn it is asks Redis: a hundred waiting calls load it no more than
// one, and are served in the order in which they came. Where Redis fails, they all end with that failure.
func (l *Limiter) Wait(ctx context.Context) error {
	failures := l.failures.Load()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.failures.Load() != failures {
		return l.err
	}
	for {
		answer, err := l.redis.Allow(ctx, l.key, l.limit)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.err = fmt.Errorf("fleet: Redis: %w", err)
			l.failures.Add(1)
			return l.err
		case answer.Allowed > 0:
			return nil
		}
		if err := sleep(ctx, answer.RetryAfter+l.jitter()); err != nil {
			return err
		}
	}
}

// jitter is up to a twentieth of the time from one request to the next. Without it the process that is
// nearest to Redis would always be the first to ask again, and the others would get nothing.
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
