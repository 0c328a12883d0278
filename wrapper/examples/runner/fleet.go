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

// shared is the rate limit of all who use the same Redis and key.
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
	return fleet.New(client, key, fleet.Tier2)
}
