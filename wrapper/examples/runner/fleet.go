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

// fleetLimiter returns the rate limit that all programs with the same Redis and key share.
func (r *run[O]) fleetLimiter(ctx context.Context) (wrapper.Limiter, error) {
	address, key, _ := strings.Cut(r.opts.Fleet, "#")
	opts, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("--fleet is no URL such as redis://HOST:PORT/0") // it may hold a password
	}
	opts.ContextTimeoutEnabled = true
	if key == "" {
		key = "slack " + r.opts.target() + " " + r.Method
	}
	logging.Disable() // errors say what its lines say
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
	limiter.OnOutage = func(err error) { fmt.Fprintln(r.err, redisState(opts.Addr, err, time.Now())) }
	fmt.Fprintf(r.info, "The rate is fixed at %d a minute, shared through Redis at %s.\n", fleet.Tier2.Rate, opts.Addr)
	return limiter, nil
}

// redisState returns a line that says that calls wait for Redis, or if err is nil that it responds again.
func redisState(address string, err error, now time.Time) string {
	if err == nil {
		return fmt.Sprintf("Redis at %s responds again.", address)
	}
	return fmt.Sprintf("Waiting for Redis at %s (%v) since %s; gives up after %v.", address, err, timeOfDay(now), fleet.DefaultMaxOutage)
}
