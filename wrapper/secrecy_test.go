package wrapper_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// assertNoToken looks for the token in all that a caller, a log or Slack sees. TestCall, TestAttempt and TestConnection use it.
func (m *madeCall) assertNoToken(t *testing.T) {
	t.Helper()
	values := []any{m.client, *m.client, m.opts, m.opts.Retry, m.err, wrapper.StaticToken(token)}
	if m.resp != nil {
		resp := *m.resp
		resp.Raw = bytes.TrimSpace(resp.Raw) // a megabyte of blanks takes long to print
		values = append(values, &resp, resp.Fields())
	}
	for i, a := range m.attempts {
		values = append(values, a)
		if i < len(m.attempts)-1 { // the last is m.err again
			values = append(values, a.Err)
		}
	}
	seen := everyFormat(t, values...)
	assert.NotContains(t, seen, token)
	assert.NotContains(t, m.log.String(), token, "log")
	assert.NotContains(t, m.log.String(), user, "log")

	base, err := url.Parse(cmp.Or(m.opts.BaseURL, wrapper.DefaultBaseURL))
	require.NoError(t, err)
	for _, c := range m.requests {
		at, err := url.Parse(c.URL)
		require.NoError(t, err)
		assert.Equal(t, base.Host, at.Host)
		authorization := c.Header["Authorization"]
		require.Len(t, authorization, 1)
		assert.True(t, strings.HasPrefix(authorization[0], "Bearer "+token))
		c.Header.Del("Authorization")
		c.Token, c.Error = "", "" // the code is what Slack said
		assert.NotContains(t, fmt.Sprintf("%+v", c), token, "request")
	}
}

// everyFormat prints values, and all that errors among them wrap, in every way in which programs print them.
func everyFormat(t *testing.T, values ...any) string {
	t.Helper()
	var b bytes.Buffer
	text := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	inJSON := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for len(values) > 0 {
		v := values[0]
		values = values[1:]
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n%q\n", v, v, v, v, v)
		marshalled, err := json.Marshal(v)
		fmt.Fprintf(&b, "%s %v\n", marshalled, err)
		text.Debug("value", "value", v)
		inJSON.Debug("value", "value", v)
		switch e := v.(type) {
		case interface{ Unwrap() error }:
			values = append(values, e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, err := range e.Unwrap() {
				values = append(values, err)
			}
		}
	}
	return b.String()
}

// The messages of net/http about a malformed response quote it, and the response may quote the token.
func TestErrorHasNoTokenThatItsCauseQuotes(t *testing.T) {
	for name, endpoint := range map[string]func(*testing.T) endpoint{
		"status line": writes("HTTP/1.1 " + strings.Repeat(token+"\x1b", 4e4) + "\r\n"),
		"header line": writes("HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n"),
		"status text": behindProxy(writes("HTTP/1.1 502 " + token + "\x1b[31m\r\n\r\n")),
		"certificate": tlsServer(func(c *tls.Config) {
			c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("for " + token) }
		}),
		"transfer encoding": writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n"),
		"content length":    writes("HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			m := makeCallTo(t, endpoint(t))
			e := assertCallError(t, m.err)
			assert.Contains(t, e.Error(), "[token]")
			assert.NotContains(t, everyFormat(t, e, *e, m.attempts)+m.log.String(), token)
			var request *url.Error
			assert.ErrorAs(t, e, &request, "the cause can be found")
			assert.Less(t, m.log.Len(), 4096)
		})
	}
}

func TestErrorHasNoTokenAfterTheCallEndedForAnotherReason(t *testing.T) {
	quotes := errors.New("for " + token)
	for name, tc := range map[string]struct {
		setup
		text string
	}{
		"cancelled":    {setup{ctx: cancelledAfter(time.Second), responses: repeated(9, connectionError(quotes)), retry: wrapper.RetryOptions{MinDelay: century, MaxDelay: century}}, "for [token]; context canceled"},
		"limiter":      {setup{limiter: failingLimiter(quotes)}, "limiter: for [token]"},
		"token source": {setup{source: thenFails(token, quotes), responses: repeated(1, slacktest.Outage(500))}, "token source: for [token]"},
	} {
		inBubble(t, name, func(t *testing.T) {
			m := makeCall(t, resetForm, tc.setup)
			assert.ErrorContains(t, m.err, tc.text)
			assert.ErrorIs(t, m.err, quotes)
			assert.NotContains(t, everyFormat(t, m.err, *assertCallError(t, m.err))+m.log.String(), token)
		})
	}
}

// thenFails is a source that supplies one token, and then fails.
func thenFails(token string, err error) func() wrapper.TokenSource {
	return func() wrapper.TokenSource {
		calls := 0
		return func(context.Context) (string, error) {
			if calls++; calls > 1 {
				return "", err
			}
			return token, nil
		}
	}
}
