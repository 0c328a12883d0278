package wrapper_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTheTokenIsNowhereButInItsHeader(t *testing.T) {
	for _, r := range rows {
		eachOf(t, r.ways(), r.name, func(t *testing.T, w way) { r.alone().play(t, w).assertSecrecy(t, wrapper.DefaultBaseURL) })
	}
	for _, s := range stories {
		eachWay(t, s.name, func(t *testing.T, w way) { s.play(t, w).assertSecrecy(t, wrapper.DefaultBaseURL) })
	}
}

func TestTheTokenIsNowhereOnTheWire(t *testing.T) {
	for _, wire := range wires {
		t.Run(wire.name, func(t *testing.T) {
			t.Parallel()
			ctx := traced(t.Context(), func(told string) { assert.NotContains(t, told, token, "httptrace") })
			p := wire.play(ctx, t, ways[0])
			p.assertSecrecy(t, p.opts.BaseURL)
		})
	}
}

// assertSecrecy looks for the token in all that a caller, a log, or Slack gets to see.
func (p *played) assertSecrecy(t *testing.T, base string) {
	t.Helper()
	values := []any{p.client, *p.client, p.opts, p.opts.Retry, p.err, wrapper.StaticToken(token)}
	if p.resp != nil {
		resp := *p.resp
		resp.Raw = bytes.TrimSpace(resp.Raw) // a megabyte of blanks takes long to print
		values = append(values, &resp, resp.Fields())
	}
	for i, a := range p.attempts {
		values = append(values, a)
		if i < len(p.attempts)-1 { // the last is p.err again
			values = append(values, a.Err)
		}
	}
	seen := everyFormat(t, values...)
	assert.NotContains(t, seen, token)
	assert.NotContains(t, p.log.String(), token, "log")
	assert.NotContains(t, p.log.String(), user, "log")

	to, err := url.Parse(base)
	require.NoError(t, err)
	for _, c := range p.calls {
		at, err := url.Parse(c.URL)
		require.NoError(t, err)
		assert.Equal(t, to.Host, at.Host)
		authorization := c.Header["Authorization"]
		require.Len(t, authorization, 1)
		assert.True(t, strings.HasPrefix(authorization[0], "Bearer "+token))
		c.Header.Del("Authorization")
		c.Token, c.Error = "", "" // the code is what Slack said
		assert.NotContains(t, fmt.Sprintf("%+v", c), token, "request")
	}
}

// everyFormat is what values look like in every way in which programs print them, errors with all that they wrap.
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

// traced passes on what httptrace tells, except the one header.
func traced(ctx context.Context, told func(string)) context.Context {
	note := func(args ...any) { told(fmt.Sprintf("%+v", args)) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(hostPort string) { note(hostPort) },
		GotConn:          func(i httptrace.GotConnInfo) { note(i.Conn.RemoteAddr()) },
		DNSStart:         func(i httptrace.DNSStartInfo) { note(i) },
		DNSDone:          func(i httptrace.DNSDoneInfo) { note(i) },
		ConnectStart:     func(network, address string) { note(network, address) },
		ConnectDone:      func(network, address string, err error) { note(network, address, err) },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) { note(s.ServerName, err) },
		Got1xxResponse:   func(code int, h textproto.MIMEHeader) error { note(code, h); return nil },
		WroteRequest:     func(i httptrace.WroteRequestInfo) { note(i) },
		WroteHeaderField: func(key string, values []string) {
			if !strings.EqualFold(key, "Authorization") {
				note(key, values)
			}
		},
	})
}

// What net/http and proxies say of a malformed answer quotes it, and an answer may quote the token.
func TestWhatACauseSaysOfTheTokenIsInNoTextOfTheError(t *testing.T) {
	for name, far := range map[string]func(*testing.T) far{
		"status line": answers("HTTP/1.1 " + strings.Repeat(token+"\x1b", 4e4) + "\r\n"),
		"header line": answers("HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n"),
		"status text": through(answers("HTTP/1.1 502 " + token + "\x1b[31m\r\n\r\n")),
		"certificate": trusting(func(c *tls.Config) {
			c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("for " + token) }
		}),
		"transfer encoding": answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n"),
		"content length":    answers("HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			p := wire{far: far}.play(t.Context(), t, ways[0])
			e := assertSound(t, p.err)
			assert.Contains(t, errors.Unwrap(e).Error(), token, "the cause is as it was")
			assert.Contains(t, e.Error(), "[token]")
			assert.NotContains(t, fmt.Sprintf("%v %+v %q %+v", e, e, e, p.attempts)+p.log.String(), token)
			assert.Less(t, p.log.Len(), 4096)
		})
	}
}

func TestAPanicOfTheCallersCodeDoesNotShowTheToken(t *testing.T) {
	for name, opts := range map[string]wrapper.Options{
		"transport": {HTTPClient: &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			panic(fmt.Sprintf("cannot reach %v", r.URL))
		})}},
		"observer": {Observe: func(_ context.Context, a wrapper.Attempt) { panic(a) }},
		"policy":   {Retry: wrapper.RetryOptions{Retryable: func(err error) bool { panic(err) }}},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			slack.Script(slacktest.Refused("user_not_found"))
			c := newClient(t, slack, opts)
			defer func() {
				v := recover()
				require.NotNil(t, v)
				assert.NotContains(t, everyFormat(t, v)+string(debug.Stack()), token)
			}()
			_, _ = reset(t.Context(), c)
		})
	}
}
