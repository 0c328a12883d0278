package recipes

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

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

func TestPermitThatComesAfterTheDeadlineIsTheDeadlinesFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			HTTPClient: &http.Client{Transport: slack},
			Limiter:    HalfOfTier2(),
		})
		require.NoError(t, err)
		_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})

		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, "deadline", wrapper.Reason(err))
		assert.True(t, wrapper.Retryable(err))
		assert.True(t, wrapper.NotSent(err))
		assert.Len(t, slack.Calls(), 1)
	})
}

func TestLimiterThatPermitsNothingIsNotTheDeadlinesFault(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	err := RateLimiter{rate.NewLimiter(1, 0)}.Wait(ctx)
	require.ErrorContains(t, err, "burst")
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
}
