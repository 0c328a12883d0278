package recipes

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestHandlerTellsItsCallerWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		user       string // "": W0123456789
		answer     slacktest.Answer
		status     int
		body       string
		retryAfter string
	}{
		"signed out": {
			status: http.StatusOK, body: `{"signed_out": true, "unknown": false, "reason": ""}`,
		},
		"503 that may have taken effect": {
			answer: slacktest.Outage(http.StatusServiceUnavailable),
			status: http.StatusBadGateway, body: `{"signed_out": false, "unknown": true, "reason": "http_503"}`,
		},
		"rate limit longer than the handler waits": {
			answer: slacktest.RateLimited(30 * time.Second),
			status: http.StatusServiceUnavailable, body: `{"signed_out": false, "unknown": false, "reason": "ratelimited"}`,
			retryAfter: "30",
		},
		"no connection": {
			answer: slacktest.ConnectionRefused(),
			status: http.StatusServiceUnavailable, body: `{"signed_out": false, "unknown": false, "reason": "no_answer"}`,
		},
		"revoked token": {
			answer: slacktest.Refused("token_revoked"),
			status: http.StatusInternalServerError, body: `{"signed_out": false, "unknown": false, "reason": "token_revoked"}`,
		},
		"no user ID": {
			user:   "%20",
			status: http.StatusBadRequest, body: `{"signed_out": false, "unknown": false, "reason": "invalid_options"}`,
		},
		"no such user": {
			answer: slacktest.Refused("user_not_found"),
			status: http.StatusNotFound, body: `{"signed_out": false, "unknown": false, "reason": "user_not_found"}`,
		},
		"bot": {
			answer: slacktest.Refused("cannot_reset_bot"),
			status: http.StatusUnprocessableEntity, body: `{"signed_out": false, "unknown": false, "reason": "cannot_reset_bot"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Script(slices.Repeat([]slacktest.Answer{c.answer}, 5)...)
				client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
					HTTPClient: &http.Client{Transport: slack},
				})
				require.NoError(t, err)
				user := "W0123456789"
				if c.user != "" {
					user = c.user
				}
				w := httptest.NewRecorder()
				request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/users/"+user+"/sign-out", nil)
				start := time.Now()

				SignOutHandler(client).ServeHTTP(w, request)

				assert.Equal(t, c.status, w.Code)
				assert.JSONEq(t, c.body, w.Body.String())
				assert.Equal(t, c.retryAfter, w.Header().Get("Retry-After"))
				assert.LessOrEqual(t, time.Since(start), 20*time.Second)
			})
		})
	}
}
