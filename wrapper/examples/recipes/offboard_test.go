package recipes

import (
	"context"
	"errors"
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

// company returns a Slack of n people with two sessions each, and a client that talks to it.
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

// Within synctest.Test the clock jumps to the next event, so minutes of a rate limit take no time.
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

func TestOffboardingNamesTheOneUserThatSlackRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 3)
		slack.AddUser(slacktest.User{ID: ids[1], PrimaryOwner: true, Sessions: []slacktest.Session{{ID: 9}}})

		open := Offboard(t.Context(), client, ids)

		require.Len(t, open, 1)
		assert.ErrorIs(t, open[ids[1]], wrapper.ErrCannotResetPrimaryOwner)
	})
}

func TestTokenOfAnotherOrganisationConfirmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, _ := company(t, 1)
		strangers := []string{"W9999999998", "W9999999999"}

		open := Offboard(t.Context(), client, strangers)

		require.Len(t, open, 2)
		for _, id := range strangers {
			assert.ErrorIs(t, open[id], wrapper.ErrUserNotFound)
		}
	})
}

func TestOffboardingEndsWhenTheTokenIsRevoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 50)
		slack.Respond(func(slacktest.Call) slacktest.Answer {
			if len(slack.Calls()) < 20 {
				return slacktest.Answer{}
			}
			return slacktest.Refused("token_revoked")
		})

		open := Offboard(t.Context(), client, ids)

		tried := 0
		for _, id := range ids {
			assert.Equal(t, len(slack.Sessions(id)) > 0, open[id] != nil, "%s: %v", id, open[id])
			if open[id] != nil && !errors.Is(open[id], errNotTried) {
				tried++
				require.ErrorIs(t, open[id], wrapper.ErrTokenRevoked)
			}
		}
		assert.NotZero(t, tried)
		assert.Less(t, tried, 10, "the run took more users")
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
