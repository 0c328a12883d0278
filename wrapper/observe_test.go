package wrapper_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

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
			`level=WARN msg="slack request failed" method=m attempt=2 elapsed=1s reason=other error=boom retry_in=1m0s`,
		},
		{
			"messages",
			wrapper.Attempt{Method: "m", Number: 1, Err: &wrapper.Error{Method: "m", Code: "c", Messages: []string{user}}},
			`level=WARN msg="slack request failed" method=m attempt=1 elapsed=0s reason=other_code error="slack: m: c"`,
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

func TestLogAttemptsRefusesToHaveNoLogger(t *testing.T) {
	assert.PanicsWithValue(t, "wrapper.LogAttempts: the logger is nil", func() { wrapper.LogAttempts(nil) })
}
