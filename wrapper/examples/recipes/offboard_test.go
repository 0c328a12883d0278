package recipes

import (
	"context"
	"fmt"
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

// company is a Slack of n people, each signed in twice, and a client that talks to it.
func company(t *testing.T, n int) (*slacktest.Slack, *wrapper.Client, []string) {
	t.Helper()
	slack := slacktest.New()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("W%010d", i)
		slack.AddUser(slacktest.User{ID: ids[i], Sessions: []slacktest.Session{{ID: int64(2*i + 1)}, {ID: int64(2*i + 2)}}})
	}
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
	require.NoError(t, err)
	return slack, client, ids
}

// Minutes of a rate limit pass in no time: within synctest.Test the clock jumps to the next event.
func TestOffboardingKeepsToTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 100)
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(20, time.Minute))
		start := time.Now()

		assert.Empty(t, Offboard(t.Context(), client, ids))

		assert.GreaterOrEqual(t, time.Since(start), 4*time.Minute)
		for _, id := range ids {
			assert.Empty(t, slack.Sessions(id))
		}
	})
}

func TestOffboardingOutlastsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 20)
		slack.Script(slices.Repeat([]slacktest.Answer{slacktest.Outage(http.StatusServiceUnavailable)}, 10)...)
		assert.Empty(t, Offboard(t.Context(), client, ids))
		assert.Len(t, slack.Calls(), 10+len(ids))
		for _, id := range ids {
			assert.Empty(t, slack.Sessions(id))
		}
	})
}

func TestOffboardingNamesWhoIsStillSignedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 2)
		slack.AddUser(slacktest.User{ID: ids[1], PrimaryOwner: true, Sessions: []slacktest.Session{{ID: 9}}})

		open := Offboard(t.Context(), client, append(ids, "W9999999999"))

		require.Len(t, open, 1, "the one that nobody knows is not signed in")
		assert.ErrorIs(t, open[ids[1]], wrapper.ErrCannotResetPrimaryOwner)
	})
}

func TestOffboardingThatStopsAtItsDeadlineSaysWhoIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 100)
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(20, time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		start := time.Now()

		open := Offboard(ctx, client, ids)

		assert.LessOrEqual(t, time.Since(start), 90*time.Second)
		assert.NotEmpty(t, open)
		for _, id := range ids {
			assert.Equal(t, len(slack.Sessions(id)) > 0, open[id] != nil, "%s: %v", id, open[id])
		}
	})
}
