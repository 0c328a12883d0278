package wrapper_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

func TestTheTextOfAnErrorSaysWhatWhereAndWhichOne(t *testing.T) {
	const method = "admin.users.session.reset"
	for _, tt := range []struct {
		err  wrapper.Error
		want string
	}{
		{
			wrapper.Error{Method: method, Code: wrapper.ErrUserNotFound, StatusCode: 200, RequestID: "1a2b"},
			"slack: admin.users.session.reset: user_not_found (request 1a2b)",
		},
		{
			wrapper.Error{Method: method, Code: wrapper.ErrUserNotFound},
			"slack: admin.users.session.reset: user_not_found",
		},
		{
			wrapper.Error{Method: method, StatusCode: 503, RetryAfter: 20 * time.Second},
			"slack: admin.users.session.reset: HTTP 503 Service Unavailable (retry after 20s)",
		},
		{
			wrapper.Error{Method: method, StatusCode: 599},
			"slack: admin.users.session.reset: HTTP 599",
		},
		{
			wrapper.Error{Method: method, Code: wrapper.ErrRateLimited, StatusCode: 429, RetryAfter: time.Minute, Attempts: 5},
			"slack: admin.users.session.reset: ratelimited (HTTP 429, retry after 1m0s, 5 attempts)",
		},
		{
			wrapper.Error{Method: method, Code: wrapper.ErrMissingScope, StatusCode: 200, Needed: "admin.users:write", Provided: "chat:write"},
			"slack: admin.users.session.reset: missing_scope (needs admin.users:write, has chat:write)",
		},
		{
			wrapper.Error{Method: method, Code: wrapper.ErrInvalidArguments, StatusCode: 200, Messages: []string{"no user_id", "[ERROR] line\nbreak"}},
			`slack: admin.users.session.reset: invalid_arguments; no user_id; "[ERROR] line\nbreak"`,
		},
		{
			wrapper.Error{Method: method, Code: "a\x1b[31m", StatusCode: 200, RequestID: "\r\n"},
			`slack: admin.users.session.reset: "a\x1b[31m" (request "\r\n")`,
		},
	} {
		assert.Equal(t, tt.want, tt.err.Error())
	}
}

func TestTheTextOfAnErrorIsBounded(t *testing.T) {
	long := strings.Repeat("ü", 1e6)
	err := &wrapper.Error{
		Method: "m", Code: wrapper.ErrorCode(long), StatusCode: 404, RequestID: long, Needed: long, Provided: long,
		Messages: strings.Split(strings.Repeat(long+" ", 20), " "),
	}
	assert.Less(t, len(err.Error()), 4096)
	assert.NotContains(t, err.Error(), "\ufffd", "no character is cut")
}

func TestAnErrorMatchesItsCode(t *testing.T) {
	err := fmt.Errorf("signing out: %w", &wrapper.Error{Code: "new_code", StatusCode: 200})
	assert.ErrorIs(t, err, wrapper.ErrorCode("new_code"))
	assert.NotErrorIs(t, err, wrapper.ErrUserNotFound)
	assert.NotErrorIs(t, err, errors.New("new_code"))
	assert.Equal(t, "new_code", wrapper.ErrorCode("new_code").Error())
}

func TestAnErrorWithoutACodeMatchesNone(t *testing.T) {
	assert.NotErrorIs(t, &wrapper.Error{StatusCode: 500}, wrapper.ErrorCode(""))
}

func TestHTTP429IsARateLimitWhateverTheBodySays(t *testing.T) {
	err := &wrapper.Error{StatusCode: 429, Code: "other"}
	assert.ErrorIs(t, err, wrapper.ErrRateLimited)
	assert.ErrorIs(t, err, wrapper.ErrorCode("other"))
}

func TestLogAttemptsSaysWhatHappenedAndNotToWhom(t *testing.T) {
	for _, tt := range []struct {
		name    string
		attempt wrapper.Attempt
		want    string
	}{
		{
			"success",
			wrapper.Attempt{Method: "m", Number: 1, RequestID: "1a2b", Elapsed: time.Second},
			`level=INFO msg="slack request" method=m attempt=1 elapsed=1s request_id=1a2b`,
		},
		{
			"failure",
			wrapper.Attempt{Method: "m", Number: 2, Elapsed: time.Second, Err: errBoom, Delay: time.Minute},
			`level=WARN msg="slack request failed" method=m attempt=2 elapsed=1s error=boom retry_in=1m0s`,
		},
		{
			"messages",
			wrapper.Attempt{Method: "m", Number: 1, Err: &wrapper.Error{Method: "m", Code: "c", Messages: []string{user}}},
			`level=WARN msg="slack request failed" method=m attempt=1 elapsed=0s error="slack: m: c"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log strings.Builder
			handler := slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}})
			wrapper.LogAttempts(slog.New(handler))(t.Context(), tt.attempt)
			assert.Equal(t, tt.want+"\n", log.String())
		})
	}
}
