package wrapper_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestLogAttempts(t *testing.T) {
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
			wrapper.Attempt{Method: "m", Number: 2, RequestID: "1a2b", Elapsed: time.Second, Delay: time.Minute, Err: &wrapper.Error{Method: "m", StatusCode: 503}},
			`level=WARN msg="slack request failed" method=m attempt=2 elapsed=1s status=503 reason=http_503 error="slack: m: HTTP 503 Service Unavailable; outcome unknown" request_id=1a2b retry_in=1m0s`,
		},
		{
			"no response",
			wrapper.Attempt{Method: "m", Number: 1, Elapsed: time.Second, Err: errBoom},
			`level=WARN msg="slack request failed" method=m attempt=1 elapsed=1s reason=other error=boom`,
		},
		{
			"message that names the user",
			wrapper.Attempt{Method: "m", Number: 1, Err: &wrapper.Error{Method: "m", StatusCode: 200, Code: "is_bot", Messages: []string{user}}},
			`level=WARN msg="slack request failed" method=m attempt=1 elapsed=0s status=200 reason=is_bot error="slack: m: is_bot"`,
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

func TestLogAttemptsNeedsALogger(t *testing.T) {
	assert.PanicsWithValue(t, "wrapper.LogAttempts: the logger is nil", func() { wrapper.LogAttempts(nil) })
}

func TestObserveReportsTheTimeOfARequestAndTheWaitAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := makeCall(t, resetForm, setup{responses: []slacktest.Answer{
			{Status: 429, Delay: 2 * time.Second}, {Status: 503, Delay: 3 * time.Second}, {Delay: 4 * time.Second},
		}})
		require.NoError(t, m.err)
		for i, a := range m.attempts {
			assert.Equal(t, "admin.users.session.reset", a.Method)
			assert.Equal(t, i+1, a.Number)
			assert.Equal(t, m.requests[i].RequestID, a.RequestID)
			assert.Equal(t, time.Duration(i+2)*time.Second, a.Elapsed)
			next := m.end
			if i < len(m.requests)-1 {
				next = m.requests[i+1].At
			}
			assert.Equal(t, next.Sub(m.requests[i].At)-a.Elapsed, a.Delay)
		}
	})
}

func TestObserveIsNotCalledIfNothingWasSent(t *testing.T) {
	for name, s := range map[string]setup{
		"cancelled":           {ctx: cancelledAfter(0)},
		"token source fails":  {source: tokens()},
		"limiter fails":       {limiter: limiterOf(0)},
		"token cannot be one": {source: tokens("a b")},
	} {
		inBubble(t, name, func(t *testing.T) {
			m := makeCall(t, resetForm, s)
			require.Error(t, m.err)
			assert.Empty(t, m.attempts)
		})
	}
}
