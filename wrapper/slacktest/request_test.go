package slacktest_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestRequestsAreReadAsStrictlyAsSlackDoes(t *testing.T) {
	for _, tc := range []struct {
		name, method, contentType, body string
		code, message, warning          string
	}{
		{name: "form", method: reset, contentType: form, body: "user_id=W1&mobile_only=true"},
		{name: "JSON", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","web_only":true}`},
		{name: "JSON, spaced, charset in capitals", method: invalidate, contentType: `application/json;charset="UTF-8"`, body: "\n{ \"session_id\": 847288190092,\n \"user_id\": \"W1\" }\n"},
		{name: "form with a charset", method: reset, contentType: form + "; charset=utf-8", body: "user_id=W1", warning: "superfluous_charset"},
		{name: "JSON without a charset", method: reset, contentType: "application/json", body: `{"user_id":"W1"}`, warning: "missing_charset"},
		{name: "a warning beside a refusal", method: reset, contentType: "application/json", body: `{}`, code: "invalid_arguments", message: "[ERROR] missing required field: user_id", warning: "missing_charset"},

		{name: "a warning beside an unknown method", method: "admin.users.session.list", contentType: "application/json", body: `{}`, code: "unknown_method", warning: "missing_charset"},

		{name: "no type", method: reset, body: "user_id=W1", code: "missing_post_type"},
		{name: "no type, no body", method: reset, code: "invalid_arguments", message: "[ERROR] missing required field: user_id"},
		{name: "a type that is none", method: reset, contentType: "form;;", body: "user_id=W1", code: "invalid_post_type"},
		{name: "a type that Slack does not take", method: reset, contentType: "text/xml", body: "<user_id>W1</user_id>", code: "invalid_post_type"},
		{name: "another charset", method: reset, contentType: "application/json; charset=utf-16", body: `{"user_id":"W1"}`, code: "invalid_charset"},
		{name: "no JSON", method: reset, contentType: jsonUTF8, body: "user_id=W1", code: "invalid_json"},
		{name: "no body of JSON", method: reset, contentType: jsonUTF8, code: "invalid_json"},
		{name: "JSON and more", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1"} {}`, code: "invalid_json"},
		{name: "a list", method: reset, contentType: jsonUTF8, body: `[{"user_id":"W1"}]`, code: "json_not_object"},
		{name: "null", method: reset, contentType: jsonUTF8, body: `null`, code: "json_not_object"},
		{name: "a bad escape", method: reset, contentType: form, body: "user_id=%zz", code: "invalid_form_data"},
		{name: "no text", method: reset, contentType: form, body: "user_id=%ff", code: "invalid_form_data"},
		{name: "a name alone", method: reset, contentType: form, body: "user_id=W1&mobile_only", code: "invalid_form_data"},

		{name: "unknown argument", method: reset, contentType: form, body: "user_id=W1&force=1", code: "invalid_arguments", message: "[ERROR] unknown argument: force"},
		{name: "argument of the other method", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","team_id":"T1"}`, code: "invalid_arguments", message: "[ERROR] unknown argument: team_id"},
		{name: "another case", method: reset, contentType: jsonUTF8, body: `{"User_ID":"W1","user_id":"W1"}`, code: "invalid_arguments", message: "[ERROR] unknown argument: User_ID"},
		{name: "token in JSON", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","token":"xoxp-test-1"}`, code: "invalid_arguments", message: "[ERROR] unknown argument: token"},
		{name: "repeated in a form", method: reset, contentType: form, body: "user_id=W1&user_id=W1", code: "invalid_arguments", message: "[ERROR] repeated argument: user_id"},
		{name: "repeated in JSON", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","user_id":"W2"}`, code: "invalid_arguments", message: "[ERROR] repeated argument: user_id"},
		{name: "a flag in words", method: reset, contentType: form, body: "user_id=W1&mobile_only=yes", code: "invalid_arguments", message: "[ERROR] invalid value: mobile_only"},
		{name: "a flag as text", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","mobile_only":"true"}`, code: "invalid_arguments", message: "[ERROR] invalid value: mobile_only"},
		{name: "a flag as number", method: reset, contentType: jsonUTF8, body: `{"user_id":"W1","mobile_only":1}`, code: "invalid_arguments", message: "[ERROR] invalid value: mobile_only"},
		{name: "both flags", method: reset, contentType: form, body: "user_id=W1&mobile_only=1&web_only=1", code: "invalid_arguments", message: "[ERROR] mobile_only and web_only exclude each other"},
		{name: "a user as number", method: reset, contentType: jsonUTF8, body: `{"user_id":1}`, code: "invalid_arguments", message: "[ERROR] invalid value: user_id"},

		{name: "no session", method: invalidate, contentType: form, body: "user_id=W1", code: "invalid_arguments", message: "[ERROR] missing required field: session_id"},
		{name: "neither user nor team", method: invalidate, contentType: form, body: "session_id=1", code: "invalid_arguments", message: "[ERROR] missing required field: user_id or team_id"},
		{name: "team alone", method: invalidate, contentType: form, body: "team_id=T1&session_id=1"},
		{name: "user and team", method: invalidate, contentType: jsonUTF8, body: `{"user_id":"W1","team_id":"T1","session_id":9223372036854775807}`},
		{name: "session as text", method: invalidate, contentType: jsonUTF8, body: `{"user_id":"W1","session_id":"1"}`, code: "invalid_arguments", message: "[ERROR] invalid value: session_id"},
		{name: "session as fraction", method: invalidate, contentType: jsonUTF8, body: `{"user_id":"W1","session_id":1.0}`, code: "invalid_arguments", message: "[ERROR] invalid value: session_id"},
		{name: "session with a sign", method: invalidate, contentType: form, body: "user_id=W1&session_id=%2B1", code: "invalid_arguments", message: "[ERROR] invalid value: session_id"},
		{name: "session zero", method: invalidate, contentType: form, body: "user_id=W1&session_id=0", code: "invalid_arguments", message: "[ERROR] invalid value: session_id"},
		{name: "session beyond 64 bits", method: invalidate, contentType: form, body: "user_id=W1&session_id=9223372036854775808", code: "invalid_arguments", message: "[ERROR] invalid value: session_id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
				a, err := at.do(t, at.request(t, tc.method, tc.contentType, tc.body))
				require.NoError(t, err)
				assert.Equal(t, 200, a.status)
				assert.Equal(t, tc.code == "", a.OK)
				assert.Equal(t, tc.code, a.Error)
				assert.Equal(t, tc.code == "", slack.Calls()[0].Effect)
				if tc.message != "" {
					assert.Equal(t, []string{tc.message}, a.Metadata.Messages)
				}
				assert.Equal(t, tc.warning, a.Warning)
				if tc.warning != "" {
					assert.Equal(t, []string{tc.warning}, a.Metadata.Warnings)
				}
			})
		})
	}
}

// The answer is one that Slack gave.
func TestARefusalOfATokenCarriesWarnings(t *testing.T) {
	at := inMemory(slacktest.New())
	req := at.request(t, reset, "application/json", `{"user_id":"W1"}`)
	req.Header.Set("Authorization", "Bearer xoxb-test-token")
	a, err := at.do(t, req)
	require.NoError(t, err)
	assert.JSONEq(t, `{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`, a.body)
}

func TestEveryWrongArgumentIsNamed(t *testing.T) {
	at := inMemory(slacktest.New())
	a, err := at.do(t, at.request(t, invalidate, form, "a=1&session_id=x&session_id=1"))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"[ERROR] unknown argument: a",
		"[ERROR] invalid value: session_id",
		"[ERROR] repeated argument: session_id",
		"[ERROR] missing required field: user_id or team_id",
	}, a.Metadata.Messages)
}

func TestOnlyPOSTIsTaken(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		req := at.request(t, reset, form, "user_id=W1")
		req.Method = http.MethodPut
		a, err := at.do(t, req)
		require.NoError(t, err)
		assert.Equal(t, "invalid_post_type", a.Error)
		assert.Equal(t, http.MethodPut, slack.Calls()[0].HTTPMethod)
	})
}

func TestArgumentsInTheURLAreRefused(t *testing.T) {
	at := inMemory(slacktest.New())
	assert.Equal(t, "invalid_arguments", at.post(t, reset+"?user_id=W1", url.Values{"user_id": {"W1"}}).Error)
}

func TestAFormMayCarryTheToken(t *testing.T) {
	slack := slacktest.New()
	slack.AddToken("xoxp-test-token", slacktest.Token{})
	at := inMemory(slack)
	send := func(token string, inHeader bool) string {
		req := at.request(t, reset, form, url.Values{"user_id": {"W1"}, "token": {token}}.Encode())
		if !inHeader {
			req.Header.Del("Authorization")
		}
		a, err := at.do(t, req)
		require.NoError(t, err)
		return a.Error
	}
	assert.Empty(t, send("xoxp-test-token", false))
	assert.Equal(t, "invalid_auth", send("xoxp-test-other", false))
	assert.Empty(t, send("xoxp-test-other", true), "the header counts")
	assert.True(t, at.reset(t, "W1").OK)

	var tokens []string
	var inForm []bool
	for _, call := range slack.Calls() {
		tokens, inForm = append(tokens, call.Token), append(inForm, call.TokenInForm)
	}
	assert.Equal(t, []string{"xoxp-test-token", "xoxp-test-other", "xoxp-test-token", "xoxp-test-token"}, tokens)
	assert.Equal(t, []bool{true, true, true, false}, inForm)
}

func TestABodyThatArrivesCutShortIsARequestTimeout(t *testing.T) {
	slack := slacktest.New()
	server, err := url.Parse(overLoopback(t, slack).base)
	require.NoError(t, err)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Host)
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close()) }()
	_, err = io.WriteString(conn, "POST /"+reset+" HTTP/1.1\r\nHost: slack.test\r\nAuthorization: Bearer xoxp-test-token\r\n"+
		"Content-Type: "+form+"\r\nContent-Length: 100\r\n\r\nuser_id=W1")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `{"ok":false,"error":"request_timeout"}`, string(body))
	assert.Equal(t, "http://slack.test/"+reset, slack.Calls()[0].URL)
}

func TestRateLimitThenTokenThenArguments(t *testing.T) {
	slack := slacktest.New()
	slack.AddToken("xoxp-test-other", slacktest.Token{})
	slack.Limit(reset, slacktest.SlidingWindow(1, time.Minute))
	at := inMemory(slack)
	assert.Equal(t, "invalid_auth", at.post(t, reset, nil).Error)
	assert.Equal(t, "ratelimited", at.post(t, reset, nil).Error)
}
