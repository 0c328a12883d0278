package recipes

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

var _ wrapper.Limiter = HalfOfTier2()

func TestHalfTheLimitIsLeftToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			HTTPClient: &http.Client{Transport: slack},
			Limiter:    HalfOfTier2(),
		})
		require.NoError(t, err)
		start := time.Now()
		users := slices.Repeat([]wrapper.ResetOptions{{UserID: "W0123456789"}}, 31)
		for r := range client.BulkReset(t.Context(), slices.Values(users), wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}
		assert.Equal(t, 3*time.Minute, time.Since(start).Round(time.Millisecond))
	})
}
