package wrapper_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestResetWaitsAsLongAsSlackAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(7 * time.Second))
		start := time.Now()
		c, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
		require.NoError(t, err)
		_, err = c.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W1"})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		t.Log(time.Since(start))
		for r := range c.BulkReset(t.Context(), func(yield func(wrapper.ResetOptions) bool) {
			for range 30 { if !yield(wrapper.ResetOptions{UserID: "W2"}) { return } }
		}, wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}
		t.Log(time.Since(start))
		slack.Script(slacktest.RateLimited(7 * time.Minute))
		_, err = c.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W1"})
		t.Log(time.Since(start), err)
		for _, c := range slack.Calls()[:2] { t.Logf("%+v", c) }
	})
}
