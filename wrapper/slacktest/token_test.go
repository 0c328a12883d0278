package slacktest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTokensAreChecked(t *testing.T) {
	for _, tc := range []struct {
		name   string
		known  map[string]slacktest.Token
		header string
		code   string
	}{
		{"none", nil, "", "not_authed"},
		{"another scheme", nil, "Basic eHg6eHg=", "not_authed"},
		{"empty", nil, "Bearer ", "not_authed"},
		{"no token at all", nil, "Bearer test", "invalid_auth"},
		{"any user token", nil, "Bearer xoxp-test-1", ""},
		{"rotated user token", nil, "Bearer xoxe.xoxp-test-1", ""},
		{"bot token", nil, "Bearer xoxb-test-1", "not_allowed_token_type"},
		{"rotated bot token", nil, "Bearer xoxe.xoxb-test-1", "not_allowed_token_type"},
		{"known token", map[string]slacktest.Token{"xoxp-test-1": {}}, "Bearer xoxp-test-1", ""},
		{"unknown token", map[string]slacktest.Token{"xoxp-test-1": {}}, "Bearer xoxp-test-2", "invalid_auth"},
		{"refused token", map[string]slacktest.Token{"xoxp-test-1": {Refusal: "not_an_admin"}}, "Bearer xoxp-test-1", "not_an_admin"},
		{"expired token", map[string]slacktest.Token{"xoxp-test-1": {Expires: time.Unix(1, 0)}}, "Bearer xoxp-test-1", "token_expired"},
		{"known bot token", map[string]slacktest.Token{"xoxb-test-1": {}}, "Bearer xoxb-test-1", "not_allowed_token_type"},
		{"poor token", map[string]slacktest.Token{"xoxp-test-1": {Scopes: []string{"admin.users:read", "chat:write"}}}, "Bearer xoxp-test-1", "missing_scope"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			slack := slacktest.New()
			for token, properties := range tc.known {
				slack.AddToken(token, properties)
			}
			at := inMemory(slack)
			req := at.request(t, reset, form, "user_id=W1")
			req.Header.Set("Authorization", tc.header)
			a, err := at.do(t, req)
			assert.NoError(t, err)
			assert.Equal(t, tc.code, a.Error)
			assert.Equal(t, tc.code, a.header.Get("X-Slack-Failure"))
			scopes := []string{a.header.Get("X-OAuth-Scopes"), a.header.Get("X-Accepted-OAuth-Scopes")}
			switch tc.code {
			case "not_authed", "invalid_auth", "not_allowed_token_type":
				assert.Equal(t, []string{"", ""}, scopes)
			case "missing_scope":
				assert.Equal(t, []string{"admin.users:read,chat:write", "admin.users:write"}, scopes)
			default:
				assert.Equal(t, []string{"admin.users:write", "admin.users:write"}, scopes)
			}
			if tc.code == "missing_scope" {
				assert.Equal(t, "admin.users:write", a.Needed)
				assert.Equal(t, "admin.users:read,chat:write", a.Provided)
			}
		})
	}
}

func TestTokensExpireAndAreRevokedWhileATestRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		at := inMemory(slack)
		slack.AddToken("xoxp-test-token", slacktest.Token{Expires: time.Now().Add(time.Hour)})
		assert.True(t, at.reset(t, "W1").OK)
		time.Sleep(time.Hour)
		assert.Equal(t, "token_expired", at.reset(t, "W1").Error)
		slack.AddToken("xoxp-test-token", slacktest.Token{})
		assert.True(t, at.reset(t, "W1").OK)
		slack.AddToken("xoxp-test-token", slacktest.Token{Refusal: "token_revoked"})
		assert.Equal(t, "token_revoked", at.reset(t, "W1").Error)
	})
}
