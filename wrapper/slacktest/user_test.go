package slacktest_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

var (
	phone   = slacktest.Session{ID: 1, Device: slacktest.Mobile}
	browser = slacktest.Session{ID: 2, Device: slacktest.Web}
	other   = slacktest.Session{ID: 847288190092}
)

// crowd adds one of every kind of user, each with all three sessions except for the bot.
func crowd(slack *slacktest.Slack) {
	all := []slacktest.Session{phone, browser, other}
	slack.AddUser(
		slacktest.User{ID: "W1", TeamID: "T1", Sessions: all},
		slacktest.User{ID: "WOWNER", TeamID: "T2", PrimaryOwner: true, Sessions: all},
		slacktest.User{ID: "WBOT", TeamID: "T1", Bot: true},
	)
}

func TestResetEndsSessionsByDevice(t *testing.T) {
	for _, tc := range []struct {
		name string
		form url.Values
		left []slacktest.Session
	}{
		{"all", url.Values{}, []slacktest.Session{}},
		{"mobile", url.Values{"mobile_only": {"true"}}, []slacktest.Session{browser, other}},
		{"web", url.Values{"web_only": {"1"}}, []slacktest.Session{phone, other}},
		{"flags that say no", url.Values{"mobile_only": {"0"}, "web_only": {"false"}}, []slacktest.Session{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			slack := slacktest.New()
			crowd(slack)
			tc.form.Set("user_id", "W1")
			assert.True(t, inMemory(slack).post(t, reset, tc.form).OK)
			assert.Equal(t, tc.left, slack.Sessions("W1"))
			call := slack.Calls()[0]
			assert.True(t, call.Effect)
			assert.Equal(t, 3-len(tc.left), call.Ended)
		})
	}
}

func TestResetOfSomebodySignedOutIsGranted(t *testing.T) {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W1"})
	assert.True(t, inMemory(slack).reset(t, "W1").OK)
	assert.True(t, slack.Calls()[0].Effect)
}

func TestInvalidateEndsOneSessionOnce(t *testing.T) {
	for name, who := range map[string]url.Values{
		"user":          {"user_id": {"W1"}},
		"team":          {"team_id": {"T1"}},
		"user and team": {"user_id": {"W1"}, "team_id": {"T1"}},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			crowd(slack)
			who.Set("session_id", "847288190092")
			at := inMemory(slack)
			assert.True(t, at.post(t, invalidate, who).OK)
			assert.Equal(t, []slacktest.Session{phone, browser}, slack.Sessions("W1"))
			assert.Equal(t, "session_not_found", at.post(t, invalidate, who).Error)
			assert.Equal(t, []bool{true, false}, []bool{slack.Calls()[0].Effect, slack.Calls()[1].Effect})
		})
	}
}

func TestUsersWhoCannotBeSignedOutAreRefused(t *testing.T) {
	for _, tc := range []struct {
		method string
		form   url.Values
		code   string
	}{
		{reset, url.Values{"user_id": {"W404"}}, "user_not_found"},
		{reset, url.Values{"user_id": {""}}, "user_not_found"},
		{reset, url.Values{"user_id": {"WBOT"}}, "cannot_reset_bot"},
		{reset, url.Values{"user_id": {"WOWNER"}}, "cannot_reset_primary_owner"},
		{invalidate, url.Values{"user_id": {"W404"}, "session_id": {"1"}}, "user_not_found"},
		{invalidate, url.Values{"user_id": {""}, "session_id": {"1"}}, "user_not_found"},
		{invalidate, url.Values{"user_id": {"W1"}, "team_id": {"T2"}, "session_id": {"1"}}, "user_not_found"},
		{invalidate, url.Values{"user_id": {"WOWNER"}, "session_id": {"1"}}, "cannot_invalidate_primary_owner"},
		{invalidate, url.Values{"user_id": {"WBOT"}, "session_id": {"1"}}, "session_not_found"},
		{invalidate, url.Values{"user_id": {"W1"}, "session_id": {"404"}}, "session_not_found"},
		{invalidate, url.Values{"team_id": {"T2"}, "session_id": {"1"}}, "cannot_invalidate_primary_owner"},
		{invalidate, url.Values{"team_id": {"T404"}, "session_id": {"1"}}, "session_not_found"},
	} {
		t.Run(tc.method+" "+tc.form.Encode(), func(t *testing.T) {
			slack := slacktest.New()
			crowd(slack)
			a := inMemory(slack).post(t, tc.method, tc.form)
			assert.Equal(t, 200, a.status)
			assert.Equal(t, tc.code, a.Error)
			assert.False(t, slack.Calls()[0].Effect)
			assert.Len(t, slack.Sessions("W1"), 3)
			assert.Len(t, slack.Sessions("WOWNER"), 3)
		})
	}
}

func TestAddingAUserAgainSignsThemInAgain(t *testing.T) {
	slack := slacktest.New()
	crowd(slack)
	inMemory(slack).reset(t, "W1")
	crowd(slack)
	assert.Len(t, slack.Sessions("W1"), 3)
}
