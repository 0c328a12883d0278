package wrapper_test

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestNewRefusesOptionsThatCannotWork(t *testing.T) {
	for _, tt := range []struct {
		name  string
		opts  wrapper.Options
		field string // that the error names
		says  string // what to do
	}{
		{"no URL", wrapper.Options{BaseURL: "://" + token}, "BaseURL", "use one like https://slack.com/api"},
		{"no host", wrapper.Options{BaseURL: "https:///api"}, "BaseURL", "use one like https://slack.com/api"},
		{"host only", wrapper.Options{BaseURL: "slack.com"}, "BaseURL", "use one like https://slack.com/api"},
		{"port without host", wrapper.Options{BaseURL: "https://:443/api"}, "BaseURL", "use one like https://slack.com/api"},
		{"host that no header may carry", wrapper.Options{BaseURL: `https://"/api`}, "BaseURL", "use one like https://slack.com/api"},
		{"host beyond ASCII", wrapper.Options{BaseURL: "https://släck.com/api"}, "BaseURL", "use one like https://slack.com/api"},
		{"dot segments", wrapper.Options{BaseURL: "https://slack.com/api/../v2"}, "BaseURL", "give the full path"},
		{"other scheme", wrapper.Options{BaseURL: "ftp://slack.com/api"}, "BaseURL", "use one like https://slack.com/api"},
		{"no scheme", wrapper.Options{BaseURL: "//slack.com/api"}, "BaseURL", "use one like https://slack.com/api"},
		{"user info", wrapper.Options{BaseURL: "https://" + token + "@slack.com/api"}, "BaseURL", "leave it out"},
		{"query", wrapper.Options{BaseURL: "https://slack.com/api?token=" + token}, "BaseURL", "leave it out"},
		{"empty query", wrapper.Options{BaseURL: "https://slack.com/api?"}, "BaseURL", "leave it out"},
		{"fragment", wrapper.Options{BaseURL: "https://slack.com/api#" + token}, "BaseURL", "leave it out"},
		{"empty fragment", wrapper.Options{BaseURL: "https://slack.com/api#"}, "BaseURL", "leave it out"},
		{"secret in no URL", wrapper.Options{BaseURL: "https://" + token + "@[slack/api"}, "BaseURL", "use one like"},
		{"plain http", wrapper.Options{BaseURL: "http://" + token + "/api"}, "BaseURL", "use https"},
		{"plain http to a private network", wrapper.Options{BaseURL: "http://10.0.0.1/api"}, "BaseURL", "use https"},
		{"plain http to a host named like loopback", wrapper.Options{BaseURL: "http://localhost.slack.com/api"}, "BaseURL", "use https"},

		{"Slack's web pages", wrapper.Options{BaseURL: "https://slack.com"}, "BaseURL", "the path /api"},
		{"a method in the base URL", wrapper.Options{BaseURL: "https://slack.com/api/admin.users.session.reset"}, "BaseURL", "the path /api"},
		{"another path of Slack's", wrapper.Options{BaseURL: "https://SLACK.com./v2"}, "BaseURL", "the path /api"},
		{"a workspace's web pages", wrapper.Options{BaseURL: "https://acme.slack.com/messages"}, "BaseURL", "the path /api"},
		{"GovSlack's web pages", wrapper.Options{BaseURL: "https://slack-gov.com:443"}, "BaseURL", "the path /api"},

		{"unknown encoding", wrapper.Options{Encoding: 2}, "Encoding", "neither Form nor JSON"},
		{"negative encoding", wrapper.Options{Encoding: -1}, "Encoding", "neither Form nor JSON"},
		{"user agent of two lines", wrapper.Options{UserAgent: "a\r\nAuthorization: b"}, "UserAgent", "printable ASCII"},
		{"user agent beyond ASCII", wrapper.Options{UserAgent: "ü"}, "UserAgent", "printable ASCII"},
		{"user agent of a blank", wrapper.Options{UserAgent: " "}, "UserAgent", "space"},
		{"user agent with blanks around", wrapper.Options{UserAgent: " a "}, "UserAgent", "space"},

		{"negative MaxAttempts", wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: -1}}, "Retry.MaxAttempts", "0 means the default"},
		{"negative MinDelay", wrapper.Options{Retry: wrapper.RetryOptions{MinDelay: -1}}, "Retry.MinDelay", "0 means the default"},
		{"negative MaxDelay", wrapper.Options{Retry: wrapper.RetryOptions{MaxDelay: -1}}, "Retry.MaxDelay", "0 means the default"},
		{"negative MaxRetryAfter", wrapper.Options{Retry: wrapper.RetryOptions{MaxRetryAfter: -1}}, "Retry.MaxRetryAfter", "0 means the default"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := wrapper.New(wrapper.StaticToken(token), tt.opts)
			assert.Nil(t, c)
			assertInvalidOptions(t, err, tt.field, tt.says)
		})
	}
}

func assertInvalidOptions(t *testing.T, err error, field, says string) {
	t.Helper()
	require.ErrorIs(t, err, wrapper.ErrInvalidOptions)
	assert.ErrorContains(t, err, "slack: ")
	assert.ErrorContains(t, err, field)
	assert.ErrorContains(t, err, says)
	assert.NotContains(t, everyFormat(t, err), token)
	assert.NotContains(t, err.Error(), "\n")
	assert.False(t, wrapper.OutcomeUnknown(err))
	assert.False(t, wrapper.Retryable(err))
}

func TestNewRefusesANilTokenSource(t *testing.T) {
	_, err := wrapper.New(nil, wrapper.Options{})
	assertInvalidOptions(t, err, "TokenSource", "supply one")
}

func TestNewTakesOptionsThatWork(t *testing.T) {
	for _, opts := range []wrapper.Options{
		{},
		{BaseURL: wrapper.GovSlackBaseURL},
		{BaseURL: "https://slack.com/api/"},
		{BaseURL: "https://acme.enterprise.slack.com/api"},
		{BaseURL: "https://slack.com.proxy.example/v2"},
		{BaseURL: "https://notslack.com"},
		{BaseURL: "https://proxy.example:8443/to/slack"},
		{BaseURL: "http://127.0.0.1:8080"},
		{BaseURL: "http://127.9.9.9/api"},
		{BaseURL: "http://localhost:8080/api"},
		{BaseURL: "http://[::1]:8080/api"},
		{UserAgent: "signout/1.0 (security team)"},
		{Retry: wrapper.RetryOptions{MaxAttempts: math.MaxInt, MinDelay: math.MaxInt64, MaxDelay: 1, MaxRetryAfter: math.MaxInt64}},
	} {
		_, err := wrapper.New(wrapper.StaticToken(token), opts)
		assert.NoError(t, err, "%+v", opts)
	}
}

func TestCallRefusesContradictoryOptions(t *testing.T) {
	type call = func(context.Context, *wrapper.Client) (*wrapper.Response, error)
	reset := func(opts wrapper.ResetOptions) call {
		return func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
			return c.ResetSessions(ctx, opts)
		}
	}
	invalidate := func(opts wrapper.InvalidateOptions) call {
		return func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
			return c.InvalidateSession(ctx, opts)
		}
	}
	for _, tt := range []struct {
		name  string
		call  call
		field string
		says  string
	}{
		{"no user", reset(wrapper.ResetOptions{}), "UserID", "give the ID of the user"},
		{"mobile only and web only", reset(wrapper.ResetOptions{UserID: user, MobileOnly: true, WebOnly: true}), "MobileOnly and WebOnly", "set neither"},
		{"blank", reset(wrapper.ResetOptions{UserID: "W1 W2"}), "UserID", "check where it comes from"},
		{"line break", reset(wrapper.ResetOptions{UserID: user + "\n"}), "UserID", "check where it comes from"},
		{"zero-width space", reset(wrapper.ResetOptions{UserID: user + "\u200b"}), "UserID", "check where it comes from"},
		{"not UTF-8", reset(wrapper.ResetOptions{UserID: user + "\xff"}), "UserID", "check where it comes from"},

		{"nothing", invalidate(wrapper.InvalidateOptions{}), "SessionID", "give the ID of the session"},
		{"negative session", invalidate(wrapper.InvalidateOptions{UserID: user, SessionID: -1}), "SessionID", "give the ID of the session"},
		{"neither user nor team", invalidate(wrapper.InvalidateOptions{SessionID: 1}), "UserID", "give the ID of the user"},
		{"control character in team", invalidate(wrapper.InvalidateOptions{SessionID: 1, TeamID: "T1\x1b"}), "TeamID", "check where it comes from"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			slack := slacktest.New()
			asked := false
			c := newClient(t, slack, wrapper.Options{
				Observe: func(context.Context, wrapper.Attempt) { t.Error("an attempt was made") },
			}).WithTokenSource(func(context.Context) (string, error) { asked = true; return token, nil })

			resp, err := tt.call(t.Context(), c)

			assert.Nil(t, resp)
			assertInvalidOptions(t, err, tt.field, tt.says)
			assert.Empty(t, slack.Calls())
			assert.False(t, asked, "no token is fetched for it")
		})
	}
}

func TestEncodingString(t *testing.T) {
	assert.Equal(t, "Form", wrapper.Form.String())
	assert.Equal(t, "JSON", wrapper.JSON.String())
	assert.Equal(t, "Encoding(2)", wrapper.Encoding(2).String())
}

func TestHTTPClientIsNotChanged(t *testing.T) {
	followed := func(*http.Request, []*http.Request) error { return nil }
	hc := &http.Client{Transport: slacktest.New(), CheckRedirect: followed, Timeout: 0}
	c := newClient(t, nil, wrapper.Options{HTTPClient: hc})
	_, err := reset(t.Context(), c)
	require.NoError(t, err)
	assert.Zero(t, hc.Timeout)
	assert.NoError(t, hc.CheckRedirect(nil, nil))
}

func TestHTTPClientNeedsNoTransport(t *testing.T) {
	slack := slacktest.New()
	server := httptest.NewServer(slack)
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	_, err := reset(t.Context(), newClient(t, nil, wrapper.Options{BaseURL: server.URL, HTTPClient: &http.Client{}}))
	require.NoError(t, err)
	assert.Len(t, slack.Calls(), 1)
}

func TestDefaultTransportKeepsConnectionsOfABulkRun(t *testing.T) {
	const calls, rounds = 8, 10
	var missing sync.WaitGroup // requests that a round waits for
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		missing.Done()
		missing.Wait() // so that each call of a round has a connection of its own
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c, err := wrapper.New(wrapper.StaticToken(token), wrapper.Options{BaseURL: server.URL})
	require.NoError(t, err)
	for range rounds {
		missing.Add(calls)
		for r := range c.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: user}, calls), wrapper.BulkOptions{Concurrency: calls}) {
			require.NoError(t, r.Err)
		}
	}
	assert.GreaterOrEqual(t, opened.Load(), int64(calls))
	assert.LessOrEqual(t, opened.Load(), int64(3*calls), "with net/http's own settings every round opens some")
}

func TestHTTPClientTimeoutBoundsOneAttempt(t *testing.T) {
	for name, tc := range map[string]struct{ set, want time.Duration }{
		"7 s":                     {7 * time.Second, 7 * time.Second},
		"negative is the default": {-1, 30 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			slack := slacktest.New()
			slack.Script(slacktest.Answer{Delay: time.Hour})
			c := newClient(t, nil, wrapper.Options{
				HTTPClient: &http.Client{Transport: slack, Timeout: tc.set},
				Retry:      singleAttempt,
			})
			start := time.Now()
			_, err := reset(t.Context(), c)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.ErrorContains(t, err, "timed out after "+tc.want.String())
			var network net.Error
			require.ErrorAs(t, err, &network)
			assert.True(t, network.Timeout())
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "that is kept for the caller's context")
			assert.Equal(t, tc.want, time.Since(start))
		})
	}
}
