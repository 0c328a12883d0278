package contract_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const (
	resetURL      = "https://slack.com/api/admin.users.session.reset"
	invalidateURL = "https://slack.com/api/admin.users.session.invalidate"
)

func newExchange(t *testing.T, method, url, contentType, body string) exchange {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer xoxp-test-token")
	return exchange{request: r, body: []byte(body)}
}

// badRequests break the spec in one way each, which problem must name.
var badRequests = []struct {
	name, url, contentType, body string
	problem                      string
	fake                         string // code of the fake's refusal; "" if it accepts the request, as Slack does
}{
	{"form: unknown field", resetURL, formType, "user_id=W1&mobil_only=true", "mobil_only: the spec does not have it", "invalid_arguments"},
	{"form: repeated field", resetURL, formType, "user_id=W1&user_id=W1", "user_id: given twice", "invalid_arguments"},
	{"form: missing field", resetURL, formType, "mobile_only=true", `"user_id" is missing`, "invalid_arguments"},
	{"form: boolean as a digit", resetURL, formType, "user_id=W1&mobile_only=1", "neither true nor false", ""},
	{"form: boolean in capitals", resetURL, formType, "user_id=W1&mobile_only=True", "neither true nor false", "invalid_arguments"},
	{"form: empty boolean", resetURL, formType, "user_id=W1&mobile_only=", "neither true nor false", "invalid_arguments"},
	{"form: integer with an exponent", invalidateURL, formType, "user_id=W1&session_id=8e11", "session_id", "invalid_arguments"},
	{"form: integer with a sign", invalidateURL, formType, "user_id=W1&session_id=%2B1", "session_id", "invalid_arguments"},
	{"form: integer past 64 bits", invalidateURL, formType, "user_id=W1&session_id=9223372036854775808", "session_id", "invalid_arguments"},
	{"form: integer below the minimum", invalidateURL, formType, "user_id=W1&session_id=0", "at least 1", "invalid_arguments"},
	{"form: empty", resetURL, formType, "", "no pair", "invalid_arguments"},
	{"form: bad escape", resetURL, formType, "user_id=%zz", "invalid URL escape", "invalid_form_data"},

	{"JSON: unknown field", resetURL, jsonType, `{"user_id":"W1","mobil_only":true}`, "mobil_only", "invalid_arguments"},
	{"JSON: missing field", resetURL, jsonType, `{"mobile_only":true}`, `"user_id" is missing`, "invalid_arguments"},
	{"JSON: boolean as a string", resetURL, jsonType, `{"user_id":"W1","mobile_only":"true"}`, "must be a boolean", "invalid_arguments"},
	{"JSON: string as a number", resetURL, jsonType, `{"user_id":1}`, "must be a string", "invalid_arguments"},
	{"JSON: null", resetURL, jsonType, `{"user_id":null}`, "not nullable", "invalid_arguments"},
	{"JSON: integer as a string", invalidateURL, jsonType, `{"user_id":"W1","session_id":"1"}`, "must be an integer", "invalid_arguments"},
	{"JSON: fraction", invalidateURL, jsonType, `{"user_id":"W1","session_id":1.5}`, "must be an integer", "invalid_arguments"},
	{"JSON: integer below the minimum", invalidateURL, jsonType, `{"user_id":"W1","session_id":0}`, "at least 1", "invalid_arguments"},
	{"JSON: list", resetURL, jsonType, `["W1"]`, "must be an object", "json_not_object"},
	{"JSON: cut short", resetURL, jsonType, `{"user_id":`, "failed to decode", "invalid_json"},

	{"other Content-Type", resetURL, "text/plain", "user_id=W1", "the spec does not have text/plain", "invalid_post_type"},
}

func TestTheCheckRejectsBadRequests(t *testing.T) {
	c := newContract(t)
	for _, row := range badRequests {
		t.Run(row.name, func(t *testing.T) {
			_, err := c.arguments(t.Context(), newExchange(t, http.MethodPost, row.url, row.contentType, row.body))
			assert.ErrorContains(t, err, row.problem)
		})
	}
}

func TestTheCheckRejectsRequestsForWhatTheSpecDoesNotHave(t *testing.T) {
	c := newContract(t)
	for _, row := range []struct{ name, method, url, problem string }{
		{"GET", http.MethodGet, resetURL, "GET"},
		{"other method of Slack's", http.MethodPost, "https://slack.com/api/admin.users.session.list", "admin.users.session.list"},
		{"other host", http.MethodPost, "https://slack.example/api/admin.users.session.reset", "slack.example"},
		{"query", http.MethodPost, resetURL + "?token=xoxp-test-token", "query"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := c.arguments(t.Context(), newExchange(t, row.method, row.url, formType, "user_id=W1"))
			assert.ErrorContains(t, err, row.problem)
		})
	}
	for _, authorization := range []string{"", "xoxp-test-token", "Basic xoxp-test-token", "Bearer "} {
		t.Run("Authorization: "+authorization, func(t *testing.T) {
			e := newExchange(t, http.MethodPost, resetURL, formType, "user_id=W1")
			e.request.Header.Set("Authorization", authorization)
			_, err := c.arguments(t.Context(), e)
			assert.ErrorContains(t, err, "Bearer")
		})
	}
}

func TestTheCheckRejectsBadResponses(t *testing.T) {
	c := newContract(t)
	for _, row := range []struct {
		name     string
		status   int
		mime     string
		response string
		problem  string
	}{
		{"missing field", 200, jsonType, `{"error":"user_not_found"}`, `"ok" is missing`},
		{"wrong type", 200, jsonType, `{"ok":"true"}`, "must be a boolean"},
		{"wrong type beside ok", 200, jsonType, `{"ok":false,"error":404}`, "must be a string"},
		{"wrong type in a list", 200, jsonType, `{"ok":true,"response_metadata":{"warnings":[1]}}`, "must be a string"},
		{"unknown field", 200, jsonType, `{"ok":true,"eror":"x"}`, "eror"},
		{"unknown field further down", 200, jsonType, `{"ok":true,"response_metadata":{"warning":[]}}`, `"warning" is unsupported`},
		{"list", 200, jsonType, `[]`, "must be an object"},
		{"nothing", 200, jsonType, ``, "failed to decode"},
		{"wrong type with 429", 429, jsonType, `{"ok":0}`, "must be a boolean"},
		{"HTML", 200, "text/html", `{"ok":true}`, "Content-Type"},
		{"HTML that calls itself JSON", 503, jsonType, `{"ok":false}`, "Content-Type"},
		{"undocumented status", 404, jsonType, `{"ok":false}`, "status is not supported"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := newExchange(t, http.MethodPost, resetURL, formType, "user_id=W1")
			e.status, e.header, e.response = row.status, http.Header{"Content-Type": {row.mime}}, []byte(row.response)
			assert.ErrorContains(t, c.checkResponse(t.Context(), e), row.problem)
		})
	}
}

func TestTheFakeRefusesBadRequestsAsTheSpecAllows(t *testing.T) {
	c := newContract(t)
	for _, row := range badRequests {
		t.Run(row.name, func(t *testing.T) {
			e := newExchange(t, http.MethodPost, row.url, row.contentType, row.body)
			resp, err := slacktest.New().RoundTrip(e.request.Clone(t.Context()))
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			e.status, e.header = resp.StatusCode, resp.Header
			e.response, err = io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, c.checkResponse(t.Context(), e), "%s", e.response)
			code, _ := fields(t, e.response)["error"].(string)
			assert.Equal(t, row.fake, code, "%s", bytes.TrimSpace(e.response))
		})
	}
}
