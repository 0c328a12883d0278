package wrapper_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func responseTo(t *testing.T, a slacktest.Answer) (*wrapper.Response, error) {
	t.Helper()
	return reset(t.Context(), newClient(t, respond(a), wrapper.Options{Retry: singleAttempt}))
}

func TestResponseIsKeptAsReceived(t *testing.T) {
	raw := ` {"ok":true, "new": {"id": 9007199254740993, "list": [1.50, null]}}` + "\n"
	resp, err := responseTo(t, body(raw).With("X-Slack-Req-Id", "1a2b").With("X-OAuth-Scopes", "admin.users:write"))

	require.NoError(t, err)
	assert.Equal(t, raw, string(resp.Raw))
	assert.Equal(t, 1, resp.Attempts)
	assert.Equal(t, "1a2b", resp.RequestID)
	assert.Equal(t, "admin.users:write", resp.Header.Get("X-OAuth-Scopes"))
	assert.Equal(t, map[string]any{
		"ok":  true,
		"new": map[string]any{"id": json.Number("9007199254740993"), "list": []any{json.Number("1.50"), nil}},
	}, resp.Fields())
}

func TestResponseFieldsBelongToTheCaller(t *testing.T) {
	resp, err := responseTo(t, slacktest.Answer{})
	require.NoError(t, err)
	resp.Fields()["ok"] = false
	assert.Equal(t, map[string]any{"ok": true}, resp.Fields())
	assert.Nil(t, (&wrapper.Response{}).Fields(), "of a response made by hand")
}

func TestResponseListsEachWarningOnce(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"none", `{"ok":true}`, nil},
		{"one", `{"ok":true,"warning":"missing_charset"}`, []string{"missing_charset"}},
		{"separated by commas", `{"ok":true,"warning":"a, b,,a"}`, []string{"a", "b"}},
		{"in both places", `{"ok":true,"warning":"a","response_metadata":{"warnings":["a","c"]}}`, []string{"a", "c"}},
		{"of another type", `{"ok":true,"warning":["a"],"response_metadata":{"warnings":"b"}}`, nil},
		{"partly of another type", `{"ok":true,"response_metadata":{"warnings":["a",1,null,"b"]}}`, []string{"a", "b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp, err := responseTo(t, slacktest.Answer{Body: tc.body})
			require.NoError(t, err)
			assert.Equal(t, tc.want, resp.Warnings)
		})
	}
}

func TestResponseKeepsTokensThatCouldBeWords(t *testing.T) {
	for token, redacted := range map[string]bool{"t": false, "ok": false, "true": false, "req_metho": false, "req_method": true} {
		raw := `{"ok":true,"req_method":"x"}`
		c := newClient(t, respond(body(raw)), wrapper.Options{}).WithTokenSource(wrapper.StaticToken(token))
		resp, err := reset(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, redacted, string(resp.Raw) != raw, "%s in %s", token, resp.Raw)
	}
}

// endlessBody counts how much of a response is read, and whether it is closed.
type endlessBody struct {
	read   int
	closed bool
}

func (c *endlessBody) Read(p []byte) (int, error) { c.read += len(p); return len(p), nil }
func (c *endlessBody) Close() error               { c.closed = true; return nil }

func TestResponseIsReadUpToItsBoundAndClosed(t *testing.T) {
	for _, status := range []int{200, 302, 404, 429, 500} {
		endless := &endlessBody{}
		c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: endless, Request: r}, nil
		}), wrapper.Options{Retry: singleAttempt})
		_, err := reset(t.Context(), c)
		require.Error(t, err)
		assert.LessOrEqual(t, endless.read, 2*mebibyte, "HTTP %d", status)
		assert.True(t, endless.closed, "HTTP %d", status)
	}
}

func TestResponseHeaderOfTheTransportIsNotChanged(t *testing.T) {
	shared := http.Header{"X-Echo": {"for " + token}} // as a cache shares it
	c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: shared, Body: io.NopCloser(strings.NewReader(okBody)), Request: r}, nil
	}), wrapper.Options{})
	resp, err := reset(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, "for [token]", resp.Header.Get("X-Echo"))
	assert.Equal(t, "for "+token, shared.Get("X-Echo"))
}

// A transport of the caller may return what net/http never returns.
func TestResponseOfAnOddTransportIsAnError(t *testing.T) {
	for name, tc := range map[string]struct {
		response func(*http.Request) *http.Response
		want     result
	}{
		"nothing": {func(*http.Request) *http.Response { return nil }, notConnected.withText("nil *Response")},
		"no body": {func(*http.Request) *http.Response { return &http.Response{StatusCode: http.StatusOK} }, noVerdict},
		"no status": {func(*http.Request) *http.Response {
			return &http.Response{Body: io.NopCloser(strings.NewReader(okBody))}
		}, failure(0, "", retryable|unknown, "no_verdict")},
		"no header": {func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: http.StatusTemporaryRedirect, Body: http.NoBody, Request: r}
		}, redirected(307, "without Location")},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) { return tc.response(r), nil }), wrapper.Options{Retry: singleAttempt})
			resp, err := reset(t.Context(), c)
			tc.want.assertIs(t, resp, err)
		})
	}
}
