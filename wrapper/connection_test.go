package wrapper_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// connectionCase is what happens to every request on a real connection.
type connectionCase struct {
	name     string
	endpoint func(t *testing.T) endpoint
	want     result
}

var connectionCases = []connectionCase{
	{"ok", slackServer(slacktest.Answer{}), success},
	{"gzip", slackServer(body(zipped(okBody)).With("Content-Encoding", "gzip")), success},
	{"plain JSON that is said to be gzip", slackServer(body(okBody).With("Content-Encoding", "gzip")), success},
	{"truncated gzip", slackServer(body(zipped(okBody)[:20]).With("Content-Encoding", "gzip")), cutShort},
	{"100 kB of header", slackServer(header("X-Long", strings.Repeat("x", 1e5))), success},
	{"5 MB", slackServer(body(`{"ok":true,"x":"` + strings.Repeat("x", 5e6) + `"}`)), noVerdict},
	{"rate limit", slackServer(status429("3600")), throttled(time.Hour)},
	{"redirect to the same host", slackServer(redirect(307, "/api/admin.users.session.reset?again")), redirected(307, "to http://127.0.0.1:")},
	{"307 to another host", redirectsToAnotherServer, redirected(307, "to http://127.0.0.1:")},

	{"reset after the request", slackServer(slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}), brokenConnection.withCauses(syscall.ECONNRESET)},
	{"closed after the request", slackServer(slacktest.Answer{Err: io.EOF, Effect: true}), brokenConnection.withCauses(io.EOF)},
	{"closed in the middle of the response", slackServer(slacktest.Answer{Cut: true}), cutShort},
	{"closed within the header of the response", writes("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n"), brokenConnection.withCauses(io.ErrUnexpectedEOF)},
	{"broken chunks", writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\nx"), cutShort},
	{"shorter than announced", writes("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + okBody), cutShort},
	{"longer than announced", writes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + okBody), noVerdict},
	{"not HTTP", writes("SSH-2.0-OpenSSH_9.9\r\n"), brokenConnection},
	{"a status line of 100 kB", writes("HTTP/1.1 " + strings.Repeat("x\x1b", 5e4) + "\r\n"), brokenConnection.withText("malformed HTTP status")},
	{"status 099", writes("HTTP/1.1 099 Odd\r\nContent-Length: 11\r\n\r\n" + okBody), noVerdictWith(99)},
	{"early hints before the response", writes("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + okBody), success},
	{"switching protocols", writes("HTTP/1.1 101 Switching Protocols\r\n\r\n" + okBody), noVerdictWith(101)},

	{"connection refused", closedPort, notConnected.withCauses(syscall.ECONNREFUSED)},
	{"no such host", unresolvableHost, notConnected.withText("lookup slack.com")},
	{"proxy not there", behindProxy(closedPort), notConnected.withCauses(syscall.ECONNREFUSED)},
	{"proxy that forbids", behindProxy(writes("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")), refusedByProxy.withText("refused to connect: Forbidden")},
	{"proxy that asks for credentials", behindProxy(writes("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")), refusedByProxy},
	{"proxy that fails", behindProxy(writes("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")), notConnected.withText("Bad Gateway")},
	{"reset in the TLS handshake", tlsPort(resetsConnection), notConnected.withCauses(syscall.ECONNRESET)},
	{"no TLS", tlsPort(func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), notConnected},
	{"TLS not trusted", tlsServer(func(c *tls.Config) { c.RootCAs = nil }), notTrusted.withText("certificate")},
	{"TLS for another host", tlsServer(func(c *tls.Config) { c.ServerName = "slack.com" }), notTrusted.withText("certificate")},
	{
		"TLS certificate expired", tlsServer(func(c *tls.Config) { c.Time = func() time.Time { return time.Now().AddDate(100, 0, 0) } }),
		notTrusted.withText("certificate"),
	},
	{"TLS certificate that does not parse", serverWithBadCertificate, notTrusted.withText("certificate")},
	{"ok over TLS", tlsServer(func(*tls.Config) {}), success},
	{"ok over HTTP/2", http2Server(slacktest.Answer{}), success},
	{"stream reset over HTTP/2", http2Server(slacktest.Answer{Err: io.EOF, Effect: true}), brokenConnection},
}

var refusedByProxy = failure(0, "", notSent, "proxy_refused").withText("the proxy refused to connect")

func TestConnection(t *testing.T) {
	for _, tc := range connectionCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := makeCallTo(t, tc.endpoint(t))

			m.assertResult(t, tc.want)
			assert.LessOrEqual(t, len(m.requests), len(m.attempts), "net/http sends none by itself")
			if tc.want.flags&retryable != 0 && tc.want.retryAfter == 0 {
				assert.Len(t, m.attempts, 2)
			} else {
				assert.Len(t, m.attempts, 1)
			}
			m.assertNoToken(t)
		})
	}
}

func TestConnectionTimeout(t *testing.T) {
	for _, tc := range []struct {
		name, url string
		dial      func(context.Context, string, string) (net.Conn, error)
		want      result
	}{
		{"dial", "https://slack.test", func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, failure(0, "", retryable|notSent, "timeout")},
		{"TLS handshake", "https://slack.test", inMemory(staysSilent), failure(0, "", retryable|notSent, "timeout")},
		{"response", "http://localhost", inMemory(staysSilent), attemptTimedOut},
		{"response body", "http://localhost", inMemory(func(c net.Conn) {
			readRequest(c)
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n{")
			for ; err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(c, " ")
			}
		}), noVerdict.withCauses(os.ErrDeadlineExceeded)},
	} {
		inBubble(t, tc.name, func(t *testing.T) {
			m := makeCallTo(t, endpoint{url: tc.url, transport: &http.Transport{DialContext: tc.dial, DisableKeepAlives: true}})
			if tc.want.status == 0 {
				tc.want = tc.want.withCauses(os.ErrDeadlineExceeded).withText("timed out after 30s")
			}
			m.assertResult(t, tc.want)
			assert.Len(t, m.attempts, 2)
			assert.Equal(t, attemptTimeout, m.attempts[0].Elapsed)
			var network net.Error
			if assert.ErrorAs(t, m.attempts[0].Err, &network) {
				assert.True(t, network.Timeout())
			}
			m.assertNoToken(t)
			time.Sleep(2 * time.Second) // until the server sees that the connection is closed
		})
	}
}
