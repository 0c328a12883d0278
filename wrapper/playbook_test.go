package wrapper_test

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// spentLimiter fails every call.
type spentLimiter struct{}

func (spentLimiter) Wait(context.Context) error { return errors.New("no requests left today") }

// tokensInTurn supplies one token after the other, and then fails.
func tokensInTurn(left ...string) wrapper.TokenSource {
	return func(context.Context) (string, error) {
		if len(left) == 0 {
			return "", errors.New("vault: sealed")
		}
		token := left[0]
		left = left[1:]
		return token, nil
	}
}

func TestPlaybookFindsTheNextStep(t *testing.T) {
	const second = "xoxp-test-second"
	for name, c := range map[string]struct {
		script   []slacktest.Answer
		source   wrapper.TokenSource // nil: a token that never changes
		limiter  wrapper.Limiter
		deadline time.Duration // 0: none
		cancel   bool
		want     string
		requests int
		out      bool // Slack has ended the sessions
	}{
		"429 of 30 s under a deadline of 20 s": {
			script: []slacktest.Answer{slacktest.RateLimited(30 * time.Second)}, deadline: 20 * time.Second, requests: 1,
			want: "repeat later: not signed out: ratelimited; stop, the next user would fail too",
		},
		"deadline over before the call": {
			deadline: -time.Second,
			want:     "repeat later: not signed out: deadline",
		},
		"cancelled before the call": {
			cancel: true,
			want:   "hand to a person: not signed out: canceled",
		},
		"limiter that fails": {
			limiter: spentLimiter{},
			want:    "hand to a person: not signed out: limiter; stop, the next user would fail too",
		},
		"503 that took effect, then a failing token source": {
			script: []slacktest.Answer{{Status: http.StatusServiceUnavailable, Effect: true}},
			source: tokensInTurn("xoxp-test-token"), requests: 1, out: true,
			want: "repeat: may be signed out: http_503; stop, the next user would fail too",
		},
		"reset connection that took effect, then token_revoked": {
			script: []slacktest.Answer{{Err: syscall.ECONNRESET, Effect: true}},
			source: tokensInTurn("xoxp-test-token", second), requests: 2, out: true,
			want: "repeat: may be signed out: token_revoked; stop, the next user would fail too",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 1}}})
				slack.AddToken("xoxp-test-token", slacktest.Token{})
				slack.AddToken(second, slacktest.Token{Refusal: "token_revoked"})
				slack.Script(c.script...)
				source := c.source
				if source == nil {
					source = wrapper.StaticToken("xoxp-test-token")
				}
				client, err := wrapper.New(source, wrapper.Options{
					HTTPClient: &http.Client{Transport: slack}, Limiter: c.limiter,
				})
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.deadline != 0 {
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				if c.cancel {
					cancel()
				}

				_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})

				assert.Equal(t, c.want, nextStep(err), "%v", err)
				assert.Len(t, slack.Calls(), c.requests)
				assert.Equal(t, c.out, len(slack.Sessions("W0123456789")) == 0)
			})
		})
	}
}
