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

func answerTo(t *testing.T, a slacktest.Answer) (*wrapper.Response, error) {
	t.Helper()
	return reset(t.Context(), newClient(t, respond(a), wrapper.Options{Retry: never}))
}

func TestAResponseIsTheAnswerAsReceived(t *testing.T) {
	raw := ` {"ok":true, "new": {"id": 9007199254740993, "list": [1.50, null]}}` + "\n"
	resp, err := answerTo(t, body(raw).With("X-Slack-Req-Id", "1a2b").With("X-OAuth-Scopes", "admin.users:write"))

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

func TestFieldsBelongToTheCaller(t *testing.T) {
	resp, err := answerTo(t, slacktest.Answer{})
	require.NoError(t, err)
	resp.Fields()["ok"] = false
	assert.Equal(t, map[string]any{"ok": true}, resp.Fields())
	assert.Nil(t, (&wrapper.Response{}).Fields(), "of a response made by hand")
}

func TestWarningsAreListedOnce(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		want         []string
	}{
		{"none", `{"ok":true}`, nil},
		{"one", `{"ok":true,"warning":"missing_charset"}`, []string{"missing_charset"}},
		{"separated by commas", `{"ok":true,"warning":"a, b,,a"}`, []string{"a", "b"}},
		{"in both places", `{"ok":true,"warning":"a","response_metadata":{"warnings":["a","c"]}}`, []string{"a", "c"}},
		{"of another type", `{"ok":true,"warning":["a"],"response_metadata":{"warnings":"b"}}`, nil},
		{"partly of another type", `{"ok":true,"response_metadata":{"warnings":["a",1,null,"b"]}}`, []string{"a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := answerTo(t, body(tt.answer))
			require.NoError(t, err)
			assert.Equal(t, tt.want, resp.Warnings)
		})
	}
}

func TestNoTokenIsTakenForPartOfTheVerdict(t *testing.T) {
	for _, token := range []string{"t", "ok", "true", `"ok":true`, "{", "}"} {
		slack := respond(body(`{"ok":true,"req_method":"x"}`))
		c := newClient(t, slack, wrapper.Options{Retry: never}).WithTokenSource(wrapper.StaticToken(token))
		_, err := reset(t.Context(), c)
		assert.NoError(t, err, "token %q", token)
	}
}

// counting counts how much of an answer is read, and whether it is closed.
type counting struct {
	read   int
	closed bool
}

func (c *counting) Read(p []byte) (int, error) { c.read += len(p); return len(p), nil }
func (c *counting) Close() error               { c.closed = true; return nil }

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnAnswerIsReadUpToItsBoundAndClosed(t *testing.T) {
	for _, status := range []int{200, 302, 404, 429, 500} {
		endless := &counting{}
		c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: endless, Request: r}, nil
		}), wrapper.Options{Retry: never})
		_, err := reset(t.Context(), c)
		require.Error(t, err)
		assert.LessOrEqual(t, endless.read, 2*mib, "HTTP %d", status)
		assert.True(t, endless.closed, "HTTP %d", status)
	}
}

// A transport of the caller's may return what net/http never does.
func TestWhateverATransportReturnsEndsInAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(*http.Request) *http.Response
		gets   gets
	}{
		"nothing":   {func(*http.Request) *http.Response { return nil }, noRoute.saying("nil *Response")},
		"no body":   {func(*http.Request) *http.Response { return &http.Response{StatusCode: http.StatusOK} }, noVerdict},
		"no status": {func(*http.Request) *http.Response { return &http.Response{Body: io.NopCloser(strings.NewReader(yes))} }, fails(0, "", retryable|inDoubt, "no_verdict")},
		"no header": {func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: http.StatusTemporaryRedirect, Body: http.NoBody, Request: r}
		}, redirected(307, "without Location")},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) { return tt.answer(r), nil }), wrapper.Options{Retry: never})
			resp, err := reset(t.Context(), c)
			tt.gets.assert(t, resp, err)
		})
	}
}
