package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// call calls a method of the wrapper.
type call func(context.Context, *wrapper.Client) (*wrapper.Response, error)

// calls has a row for each way to call the two methods, with the arguments that it must send.
var calls = []struct {
	name      string
	method    string
	call      call
	arguments map[string]any
}{
	{
		"all sessions", "admin.users.session.reset",
		reset(wrapper.ResetOptions{UserID: "W1"}),
		map[string]any{"user_id": "W1"},
	},
	{
		"mobile sessions", "admin.users.session.reset",
		reset(wrapper.ResetOptions{UserID: "W1", MobileOnly: true}),
		map[string]any{"user_id": "W1", "mobile_only": true},
	},
	{
		"web sessions", "admin.users.session.reset",
		reset(wrapper.ResetOptions{UserID: "W1", WebOnly: true}),
		map[string]any{"user_id": "W1", "web_only": true},
	},
	{
		"an ID to escape", "admin.users.session.reset",
		reset(wrapper.ResetOptions{UserID: `W&1=%"é<;>`}),
		map[string]any{"user_id": `W&1=%"é<;>`},
	},
	{
		"session of a user", "admin.users.session.invalidate",
		invalidate(wrapper.InvalidateOptions{SessionID: 847288190092, UserID: "W1"}),
		map[string]any{"session_id": int64(847288190092), "user_id": "W1"},
	},
	{
		"session of a workspace", "admin.users.session.invalidate",
		invalidate(wrapper.InvalidateOptions{SessionID: 1, TeamID: "T1"}), //nolint:staticcheck // deprecated, and still to work
		map[string]any{"session_id": int64(1), "team_id": "T1"},
	},
	{
		"session of a user in a workspace", "admin.users.session.invalidate",
		invalidate(wrapper.InvalidateOptions{SessionID: 1, UserID: "W1", TeamID: "T1"}), //nolint:staticcheck // deprecated, and still to work
		map[string]any{"session_id": int64(1), "user_id": "W1", "team_id": "T1"},
	},
	{
		"session of the largest ID, which no float64 holds", "admin.users.session.invalidate",
		invalidate(wrapper.InvalidateOptions{SessionID: math.MaxInt64, UserID: "W1"}),
		map[string]any{"session_id": int64(math.MaxInt64), "user_id": "W1"},
	},
}

func reset(opts wrapper.ResetOptions) call {
	return func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.ResetSessions(ctx, opts)
	}
}

func invalidate(opts wrapper.InvalidateOptions) call {
	return func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.InvalidateSession(ctx, opts)
	}
}

var encodings = map[string]wrapper.Encoding{"form": wrapper.Form, "JSON": wrapper.JSON}

// connect returns a client of the fake, and the tap between the two.
func connect(t *testing.T, slack http.RoundTripper, opts wrapper.Options) (*wrapper.Client, *tap) {
	t.Helper()
	line := &tap{t: t, contract: newContract(t), slack: slack}
	opts.HTTPClient = &http.Client{Transport: line}
	c, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), opts)
	require.NoError(t, err)
	return c, line
}

func TestBothEncodingsSayWhatTheOptionsSay(t *testing.T) {
	for _, row := range calls {
		for name, encoding := range encodings {
			for _, base := range []string{wrapper.DefaultBaseURL, wrapper.GovSlackBaseURL} {
				t.Run(row.name+"/"+name+"/"+base, func(t *testing.T) {
					c, line := connect(t, slacktest.New(), wrapper.Options{Encoding: encoding, BaseURL: base})
					_, err := row.call(t.Context(), c)
					if t.Failed() {
						return // the tap reported what breaks the spec
					}
					require.NoError(t, err)
					require.Len(t, line.exchanges, 1)
					assert.Equal(t, row.method, line.exchanges[0].method())
					assert.Equal(t, row.arguments, line.arguments[0])
				})
			}
		}
	}
}

// eachWay runs f for a call of each method in each encoding.
func eachWay(t *testing.T, f func(t *testing.T, encoding wrapper.Encoding, do call)) {
	for name, encoding := range encodings {
		t.Run("reset/"+name, func(t *testing.T) { f(t, encoding, reset(wrapper.ResetOptions{UserID: "W1"})) })
		t.Run("invalidate/"+name, func(t *testing.T) {
			f(t, encoding, invalidate(wrapper.InvalidateOptions{SessionID: 1, UserID: "W1"}))
		})
	}
}

func TestEveryDocumentedRefusalPassesAndMatchesItsCode(t *testing.T) {
	codes := loadSpec(t).Components.Schemas["ErrorCode"].Value.Enum
	require.NotEmpty(t, codes)
	eachWay(t, func(t *testing.T, encoding wrapper.Encoding, do call) {
		slack := slacktest.New()
		for _, code := range codes {
			c, line := connect(t, slack, wrapper.Options{Encoding: encoding, Retry: wrapper.RetryOptions{MaxAttempts: 1}})
			slack.Script(slacktest.Refused(code.(string)))
			_, err := do(t.Context(), c)
			require.ErrorIs(t, err, wrapper.ErrorCode(code.(string)))
			require.Len(t, line.exchanges, 1)
		}
	})
}

func TestWhatTheStateOfTheFakeRefusesKeepsToTheSpec(t *testing.T) {
	token := func(t slacktest.Token) func(*slacktest.Slack) {
		return func(s *slacktest.Slack) { s.AddToken("xoxp-test-token", t) }
	}
	user := func(u slacktest.User) func(*slacktest.Slack) {
		u.Sessions = []slacktest.Session{{ID: 1}}
		return func(s *slacktest.Slack) { s.AddUser(u) }
	}
	for _, row := range []struct {
		name              string
		prepare           func(*slacktest.Slack)
		reset, invalidate wrapper.ErrorCode // "": granted
	}{
		{"unknown token", func(s *slacktest.Slack) { s.AddToken("xoxp-test-other", slacktest.Token{}) }, wrapper.ErrInvalidAuth, wrapper.ErrInvalidAuth},
		{"expired token", token(slacktest.Token{Expires: time.Unix(1, 0)}), wrapper.ErrTokenExpired, wrapper.ErrTokenExpired},
		{"revoked token", token(slacktest.Token{Refusal: "token_revoked"}), wrapper.ErrTokenRevoked, wrapper.ErrTokenRevoked},
		{"poor token", token(slacktest.Token{Scopes: []string{"chat:write"}}), wrapper.ErrMissingScope, wrapper.ErrMissingScope},
		{"unknown user", user(slacktest.User{ID: "W2"}), wrapper.ErrUserNotFound, wrapper.ErrUserNotFound},
		{"unknown session", func(s *slacktest.Slack) { s.AddUser(slacktest.User{ID: "W1"}) }, "", wrapper.ErrSessionNotFound},
		{"bot", user(slacktest.User{ID: "W1", Bot: true}), wrapper.ErrCannotResetBot, ""},
		{"primary owner", user(slacktest.User{ID: "W1", PrimaryOwner: true}), wrapper.ErrCannotResetPrimaryOwner, wrapper.ErrCannotInvalidatePrimaryOwner},
	} {
		t.Run(row.name, func(t *testing.T) {
			for name, encoding := range encodings {
				slack := slacktest.New()
				row.prepare(slack)
				c, line := connect(t, slack, wrapper.Options{Encoding: encoding, Retry: wrapper.RetryOptions{MaxAttempts: 1}})
				_, err := c.InvalidateSession(t.Context(), wrapper.InvalidateOptions{SessionID: 1, UserID: "W1"})
				assert.Equal(t, row.invalidate, codeOf(err), name)
				_, err = c.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W1"})
				assert.Equal(t, row.reset, codeOf(err), name)
				assert.Len(t, line.exchanges, 2)
			}
		})
	}
}

// codeOf returns the code of a refusal, "" for nil, and the text of any other error.
func codeOf(err error) wrapper.ErrorCode {
	var refused *wrapper.Error
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case err != nil:
		return wrapper.ErrorCode(err.Error())
	}
	return ""
}

func TestARateLimitPassesAsTheSpecSays(t *testing.T) {
	eachWay(t, func(t *testing.T, encoding wrapper.Encoding, do call) {
		synctest.Test(t, func(t *testing.T) {
			slack := slacktest.New()
			for _, method := range []string{slacktest.MethodReset, slacktest.MethodInvalidate} {
				slack.Limit(method, slacktest.FixedWindow(1, time.Minute, 0))
				slack.Take(method, 1)
			}
			c, line := connect(t, slack, wrapper.Options{Encoding: encoding})
			_, err := do(t.Context(), c)
			require.NoError(t, err)
			require.Len(t, line.exchanges, 2)
			limited := line.exchanges[0]
			assert.Equal(t, http.StatusTooManyRequests, limited.status)
			assert.Regexp(t, `^[0-9]+$`, limited.header.Get("Retry-After"))
			assert.Equal(t, map[string]any{"ok": false, "error": "ratelimited"}, fields(t, limited.response))
			assert.Equal(t, line.arguments[0], line.arguments[1])
		})
	})
}

func fields(t *testing.T, response []byte) map[string]any {
	t.Helper()
	var fields map[string]any
	require.NoError(t, json.Unmarshal(response, &fields))
	return fields
}
