package recipes

import (
	"context"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// SecretToken supplies a token from a secret manager. A client asks its source before every attempt, and secret managers are
// slow and limit requests, so SecretToken fetches the token once and keeps it for the time given: a minute, say. A new token
// in the manager is used after that time at the latest. If fetch fails, the last token stays in use.
//
// One call at a time runs fetch, and the others wait for it, so fetch should return within seconds.
func SecretToken(fetch func(context.Context) (string, error), keep time.Duration) wrapper.TokenSource {
	turn := make(chan struct{}, 1) // held by the call that uses the variables below
	var token string
	var fetched time.Time
	return func(ctx context.Context) (string, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if token != "" && time.Since(fetched) < keep {
			return token, nil
		}
		newest, err := fetch(ctx)
		if err == nil {
			token = newest
		} else if token == "" {
			return "", err
		}
		fetched = time.Now()
		return token, nil
	}
}
