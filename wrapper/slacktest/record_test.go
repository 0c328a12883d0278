package slacktest_test

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTheRecordHoldsWhatArrivedAndWhatWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		crowd(slack)
		at := inMemory(slack)
		time.Sleep(time.Minute)
		body := `{"user_id":"W1","web_only":true}`
		req := at.request(t, reset, jsonUTF8, body)
		a, err := at.do(t, req)
		require.NoError(t, err)
		require.True(t, a.OK)
		assert.Equal(t, []slacktest.Call{{
			At:          time.Now(),
			Method:      reset,
			HTTPMethod:  "POST",
			URL:         "https://slack.com/api/admin.users.session.reset",
			Header:      req.Header,
			ContentType: jsonUTF8,
			Body:        body,
			Token:       "xoxp-test-token",
			Arguments:   slacktest.Arguments{UserID: "W1", WebOnly: true},
			RequestID:   "00000000000000000000000000000001",
			Effect:      true,
			Ended:       1,
			Status:      200,
		}}, slack.Calls())

		assert.Equal(t, "session_not_found", at.post(t, invalidate, map[string][]string{"team_id": {"T1"}, "session_id": {"9"}}).Error)
		call := slack.Calls()[1]
		assert.Equal(t, "T1", call.TeamID)
		assert.EqualValues(t, 9, call.SessionID)
		assert.Equal(t, "session_not_found", call.Error)
	})
}

func TestTheRecordCanBeBounded(t *testing.T) {
	slack := slacktest.New()
	at := inMemory(slack)
	users := func() (ids []string) {
		for _, call := range slack.Calls() {
			ids = append(ids, call.UserID)
		}
		return ids
	}
	for i := range 4 {
		at.reset(t, "W"+strconv.Itoa(i))
	}
	assert.Equal(t, []string{"W0", "W1", "W2", "W3"}, users())
	slack.KeepCalls(2)
	assert.Equal(t, []string{"W2", "W3"}, users())
	at.reset(t, "W4")
	assert.Equal(t, []string{"W3", "W4"}, users())
	slack.KeepCalls(0)
	at.reset(t, "W5")
	assert.Empty(t, users())
}

func TestASlackMayBeUsedAndChangedConcurrently(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{}.With("X-Test", "1") })
		var wg sync.WaitGroup
		for i := range 8 {
			id := "W" + strconv.Itoa(i)
			wg.Go(func() {
				for range 20 {
					slack.AddUser(slacktest.User{ID: id, Sessions: []slacktest.Session{phone}})
					slack.AddToken("xoxp-test-token", slacktest.Token{})
					slack.Limit(reset, slacktest.SlidingWindow(1000, time.Minute))
					slack.Take(reset, 1)
					assert.True(t, at.reset(t, id).OK)
					assert.Empty(t, slack.Sessions(id))
				}
			})
		}
		wg.Wait()
		assert.Len(t, slack.Calls(), 160)
	})
}
