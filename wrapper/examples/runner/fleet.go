//go:build !nofleet

package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/fleet"
)

// shared returns the rate limit of all programs that use the same Redis and key.
func (r *run[O]) shared(ctx context.Context) (wrapper.Limiter, error) {
	address, key, _ := strings.Cut(r.opts.Fleet, "#")
	opts, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("--fleet is no URL such as redis://HOST:PORT/0") // it may hold a password
	}
	opts.ContextTimeoutEnabled = true
	if key == "" {
		key = "slack " + r.opts.target() + " " + r.Method
	}
	logging.Disable() // what ends a run is in its error
	client := redis.NewClient(opts)
	r.redis = client
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("--fleet: Redis at %s: %w", opts.Addr, err)
	}
	limiter, err := fleet.New(client, key, fleet.Tier2)
	if err != nil {
		return nil, err
	}
	limiter.OnOutage = func(err error) { fmt.Fprintln(r.err, redisNews(opts.Addr, err, time.Now())) }
	fmt.Fprintf(r.say, "The rate is fixed at %d a minute, shared through Redis at %s.\n", fleet.Tier2.Rate, opts.Addr)
	return limiter, nil
}

// redisNews says that calls wait for Redis, or that it is back if err is nil.
func redisNews(address string, err error, now time.Time) string {
	if err == nil {
		return fmt.Sprintf("Redis at %s responds again.", address)
	}
	return fmt.Sprintf("Waiting for Redis at %s (%v) since %s; gives up after %v.", address, err, minute(now), fleet.DefaultMaxOutage)
}
