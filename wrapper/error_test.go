package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestErrorTextSaysWhatWhereAndWhichOne(t *testing.T) {
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
			"slack: admin.users.session.reset: HTTP 503 Service Unavailable (retry after 20s); outcome unknown",
		},
		{
			wrapper.Error{Method: method, StatusCode: 599},
			"slack: admin.users.session.reset: HTTP 599; outcome unknown",
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
			wrapper.Error{Method: method, Err: syscall.ECONNRESET},
			"slack: admin.users.session.reset: connection reset by peer",
		},
		{
			wrapper.Error{Method: method, Err: errors.New("two\nlines"), Attempts: 5},
			`slack: admin.users.session.reset: "two\nlines" (5 attempts); outcome unknown`,
		},
		{
			wrapper.Error{Method: method, Code: wrapper.ErrServiceUnavailable, StatusCode: 200, Err: errBoom, Attempts: 1, RequestID: "1a2b"},
			"slack: admin.users.session.reset: service_unavailable; boom (request 1a2b)",
		},
		{
			wrapper.Error{Method: method, Code: "a\x1b[31m", StatusCode: 200, RequestID: "\r\n"},
			`slack: admin.users.session.reset: "a\x1b[31m" (request "\r\n")`,
		},
	} {
		assert.Equal(t, tt.want, tt.err.Error())
	}
}

func TestErrorTextIsBounded(t *testing.T) {
	long := "a" + strings.Repeat("ü", 1e6) // so that no even number of bytes ends a character
	err := &wrapper.Error{
		Method: "m", Code: wrapper.ErrorCode(long), StatusCode: 404, RequestID: long, Needed: long, Provided: long,
		Messages: strings.Split(strings.Repeat(long+" ", 20), " "), Warnings: []string{long}, Raw: []byte(long), Err: errors.New(long),
	}
	assert.Less(t, len(err.Error()), 4096)
	assert.NotContains(t, err.Error(), `\x`, "no character is cut")
}

func TestErrorMatchesItsCode(t *testing.T) {
	err := fmt.Errorf("signing out: %w", &wrapper.Error{Code: "new_code", StatusCode: 200})
	assert.ErrorIs(t, err, wrapper.ErrorCode("new_code"))
	assert.NotErrorIs(t, err, wrapper.ErrUserNotFound)
	assert.NotErrorIs(t, err, errors.New("new_code"))
	assert.Equal(t, "new_code", wrapper.ErrorCode("new_code").Error())
	assert.NotErrorIs(t, &wrapper.Error{StatusCode: 500}, wrapper.ErrorCode(""), "no code is not a code")
}

func TestErrorKeepsWhatSlackSaysBesideItsCode(t *testing.T) {
	long := slices.Repeat([]string{"x"}, 1e4)
	many := make([]string, 1e4)
	for i := range many {
		many[i] = fmt.Sprint("w", i)
	}
	for _, tt := range []struct {
		name     string
		response slacktest.Answer
		want     wrapper.Error
	}{
		{
			"warnings, as recorded",
			body(`{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`),
			wrapper.Error{Code: "not_allowed_token_type", Warnings: []string{"missing_charset"}},
		},
		{
			"scopes",
			body(`{"ok":false,"error":"missing_scope","needed":"admin.users:write","provided":"chat:write,identify"}`),
			wrapper.Error{Code: "missing_scope", Needed: "admin.users:write", Provided: "chat:write,identify"},
		},
		{
			"messages and warnings",
			body(`{"ok":false,"error":"invalid_arguments","warning":"a,b","response_metadata":{"messages":["[ERROR] x","",7,"y"],"warnings":["b","c"]}}`),
			wrapper.Error{Code: "invalid_arguments", Messages: []string{"[ERROR] x", "y"}, Warnings: []string{"a", "b", "c"}},
		},
		{"at most 100 messages", messages(quoted(long)), wrapper.Error{Code: "invalid_arguments", Messages: long[:100]}},
		{
			"at most 100 warnings",
			body(`{"ok":false,"error":"no_permission","warning":"` + strings.Join(many[:150], ",") + `","response_metadata":{"warnings":[` + quoted(many[150:]) + `]}}`),
			wrapper.Error{Code: "no_permission", Warnings: many[:100]},
		},
		{"a warning again and again", body(`{"ok":false,"error":"no_permission","warning":"` + strings.Repeat("a,", 200) + `"}`), wrapper.Error{Code: "no_permission", Warnings: []string{"a"}}},
		{"warnings of a 429", statusAndBody(429, `{"ok":false,"error":"ratelimited","warning":"a"}`).With("Retry-After", "43"), wrapper.Error{Code: "ratelimited", Warnings: []string{"a"}, RetryAfter: 43 * time.Second}},
		{"the token in all of them", body(strings.ReplaceAll(`{"ok":false,"error":"T","needed":"T","provided":"T","warning":"T","response_metadata":{"messages":["T"],"warnings":["xT"]}}`, "T", token)), wrapper.Error{
			Code: "[token]", Needed: "[token]", Provided: "[token]", Messages: []string{"[token]"}, Warnings: []string{"[token]", "x[token]"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := responseTo(t, tt.response.With("X-OAuth-Scopes", "chat:write").With("X-Slack-Req-Id", "1a2b"))
			e := assertCallError(t, err)
			assert.Equal(t, "chat:write", e.Header.Get("X-OAuth-Scopes"))
			assert.NotContains(t, string(e.Raw), token)
			want := tt.want
			assert.Equal(t, &wrapper.Error{
				Code: want.Code, Needed: want.Needed, Provided: want.Provided, Messages: want.Messages, Warnings: want.Warnings,
				RetryAfter: want.RetryAfter, Method: e.Method, Attempts: 1, StatusCode: max(200, tt.response.Status), RequestID: "1a2b",
			}, &wrapper.Error{
				Code: e.Code, Needed: e.Needed, Provided: e.Provided, Messages: e.Messages, Warnings: e.Warnings,
				RetryAfter: e.RetryAfter, Method: e.Method, Attempts: e.Attempts, StatusCode: e.StatusCode, RequestID: e.RequestID,
			})
		})
	}
}

func quoted(list []string) string { return `"` + strings.Join(list, `","`) + `"` }

func TestErrorPageOfSlackHasItsIDInAnotherHeader(t *testing.T) {
	page := slacktest.Outage(503).With("X-Slack-Unique-Id", "Zb4cK")
	_, err := responseTo(t, page.With("X-Slack-Req-Id"))
	assert.ErrorContains(t, err, "HTTP 503 Service Unavailable (request Zb4cK)")
	_, err = responseTo(t, page.With("X-Slack-Req-Id", "1a2b"))
	assert.ErrorContains(t, err, "(request 1a2b)")
	_, err = responseTo(t, slacktest.Proxy(503))
	assert.Empty(t, assertCallError(t, err).RequestID)
}

func TestErrorOfAnAttemptIsNotChangedByWhatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := makeCall(t, resetForm, setup{ctx: cancelledAfter(time.Second), responses: []slacktest.Answer{rateLimitedForMinute}})
		require.ErrorIs(t, m.err, context.Canceled)
		assert.NoError(t, errors.Unwrap(m.attempts[0].Err))
	})
}

func TestErrorIsNotChangedAfterRetryableSawIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []error
		var texts []string
		m := makeCall(t, resetForm, setup{responses: repeated(2, slacktest.Outage(503)), retry: wrapper.RetryOptions{MaxAttempts: 2, Retryable: func(err error) bool {
			seen, texts = append(seen, err), append(texts, err.Error())
			return wrapper.Retryable(err)
		}}})
		require.ErrorContains(t, m.err, "gave up after 2 attempts")
		require.Len(t, seen, 2)
		for i, err := range seen {
			assert.EqualError(t, err, texts[i])
		}
	})
}

func TestErrorLogValue(t *testing.T) {
	for name, tc := range map[string]struct {
		setup
		want string
	}{
		"refusal": {
			setup{responses: repeated(1, slacktest.Refused("user_not_found"))},
			`method=admin.users.session.reset reason=user_not_found attempts=1 code=user_not_found status=200 request_id=00000000000000000000000000000001`,
		},
		"unknown outcome": {
			setup{responses: repeated(1, slacktest.Outage(502)), retry: singleAttempt},
			`method=admin.users.session.reset reason=http_502 attempts=1 status=502 request_id=00000000000000000000000000000001 outcome_unknown=true`,
		},
		"nothing sent": {
			setup{source: tokens()},
			`method=admin.users.session.reset reason=token_source attempts=0`,
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			var e *wrapper.Error
			require.ErrorAs(t, makeCall(t, resetForm, tc.setup).err, &e)
			var got []string
			for _, a := range e.LogValue().Group() {
				got = append(got, a.String())
			}
			assert.Equal(t, tc.want, strings.Join(got, " "))
		})
	}
}
