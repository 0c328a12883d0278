package wrapper_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// wire is what happens to every request on a real connection.
type wire struct {
	name string
	far  func(t *testing.T) far
	gets gets
}

// far is the far end of a connection, and how to get there.
type far struct {
	url       string
	transport *http.Transport
	timeout   time.Duration    // of an attempt
	slack     *slacktest.Slack // nil: no request reaches Slack
}

// wires is the matrix of connections. The marks are those of the five questions.
var wires = []wire{
	{"ok", always(slacktest.Answer{}), success},
	{"gzip", always(body(zipped).With("Content-Encoding", "gzip")), success},
	{"gzip that is plain JSON", always(body(yes).With("Content-Encoding", "gzip")), success},
	{"100 kB of header", always(header("X-Long", strings.Repeat("x", 1e5))), success},
	{"more header than the transport takes", narrow(header("X-Long", strings.Repeat("x", 1e5))), broken},
	{"5 MB", always(body(`{"ok":true,"x":"` + strings.Repeat("x", 5e6) + `"}`)), noVerdict},
	{"rate limit", always(tooMany("3600")), limited(time.Hour)},
	{"redirect to the same host", always(redirect(307, "/api/admin.users.session.reset?again")), redirected(307, "to http://127.0.0.1:")},
	{"307 to another host", elsewhere, redirected(307, "to http://127.0.0.1:")},

	{"reset after the request", always(slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}), broken.by(syscall.ECONNRESET)},
	{"reset within the request's header", torn, noRoute.by(syscall.ECONNRESET)},
	{"closed after the request", always(slacktest.Answer{Err: io.EOF, Effect: true}), broken.by(io.EOF)},
	{"closed mid-answer", always(slacktest.Answer{Cut: true}), cutShort},
	{"closed within the answer's header", answers("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n"), broken.by(io.ErrUnexpectedEOF)},
	{"broken chunks", answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\nx"), cutShort},
	{"shorter than announced", answers("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + yes), cutShort},
	{"longer than announced", answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + yes), noVerdict},
	{"not HTTP", answers("SSH-2.0-OpenSSH_9.9\r\n"), broken},
	{"a status line of 100 kB", answers("HTTP/1.1 " + strings.Repeat("x\x1b", 5e4) + "\r\n"), broken.saying("malformed HTTP status")},
	{"status 099", answers("HTTP/1.1 099 Odd\r\nContent-Length: 11\r\n\r\n" + yes), fails(99, "", retryable|inDoubt, "no_verdict")},
	{"early hints before the answer", answers("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + yes), success},
	{"switching protocols", answers("HTTP/1.1 101 Switching Protocols\r\n\r\n" + yes), fails(101, "", retryable|inDoubt, "no_verdict")},
	{
		"switching protocols on a connection that stays open",
		keeps("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ok\r\n\r\n" + yes),
		fails(101, "", retryable|inDoubt, "no_verdict"),
	},
	{"answer too late", impatient(always(slacktest.Answer{Delay: time.Minute})), tooLate.as(inDoubt)},
	{"endless drip", impatient(always(slacktest.Answer{Drip: 20 * time.Millisecond})), noVerdict.by(os.ErrDeadlineExceeded)},

	{"connection refused", closedPort, noRoute.by(syscall.ECONNREFUSED)},
	{"no such host", nameless, noRoute.saying("lookup slack.com")},
	{"proxy not there", through(closedPort), noRoute.by(syscall.ECONNREFUSED)},
	{"proxy that forbids", through(answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")), forbidden.saying("refused to connect: ")},
	{"proxy that asks for credentials", through(answers("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")), forbidden},
	{"proxy that has trouble", through(answers("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")), noRoute.saying("Bad Gateway")},
	{"no answer to the connection attempt", impatient(silent), tooLate.as(notSent)},
	{"no answer to the TLS handshake", impatient(secure(mute)), tooLate.as(notSent)},
	{"reset in the TLS handshake", secure(resets), noRoute.by(syscall.ECONNRESET)},
	{"no TLS", secure(func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), noRoute},
	{"TLS not trusted", trusting(func(c *tls.Config) { c.RootCAs = nil }), notTrusted.saying("certificate")},
	{"TLS for another host", trusting(func(c *tls.Config) { c.ServerName = "slack.com" }), notTrusted.saying("certificate")},
	{
		"TLS certificate expired", trusting(func(c *tls.Config) { c.Time = func() time.Time { return time.Now().AddDate(100, 0, 0) } }),
		notTrusted.saying("certificate"),
	},
	{"garbage within TLS", garbled, broken},
	{"ok over TLS", trusting(func(*tls.Config) {}), success},
	{"ok over HTTP/2", http2(slacktest.Answer{}), success},
	{"stream reset over HTTP/2", http2(slacktest.Answer{Err: io.EOF, Effect: true}), broken},
}

var (
	tooLate   = fails(0, "", retryable, "timeout").by(os.ErrDeadlineExceeded).saying("no response within 50ms")
	forbidden = fails(0, "", notSent, "proxy_refused").saying("the proxy refused to connect")
)

// always is a Slack that answers every request alike.
func always(a slacktest.Answer) func(*testing.T) far {
	return func(t *testing.T) far {
		slack := respond(a)
		return far{url: served(t, slack), slack: slack}
	}
}

func impatient(to func(*testing.T) far) func(*testing.T) far {
	return func(t *testing.T) far {
		f := to(t)
		f.timeout = 50 * time.Millisecond
		return f
	}
}

func narrow(a slacktest.Answer) func(*testing.T) far {
	return func(t *testing.T) far {
		f := always(a)(t)
		f.transport = &http.Transport{MaxResponseHeaderBytes: 1 << 12}
		return f
	}
}

func respond(a slacktest.Answer) *slacktest.Slack {
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer { return a })
	return slack
}

func served(t *testing.T, h http.Handler) string {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func elsewhere(t *testing.T) far {
	other := slacktest.New()
	t.Cleanup(func() { assert.Empty(t, other.Calls(), "requests to where the redirect leads") })
	return always(redirect(307, served(t, other)+"/api"))(t)
}

func listener(t *testing.T) net.Listener {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

// accept accepts connections for do.
func accept(t *testing.T, do func(net.Conn)) string {
	l := listener(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { do(c); _ = c.Close() }()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// answers reads a request, writes this, and closes the connection.
func answers(answer string) func(*testing.T) far { return speaks(answer, func(net.Conn) {}) }

// keeps is answers, but leaves the connection open.
func keeps(answer string) func(*testing.T) far { return speaks(answer, mute) }

func speaks(answer string, then func(net.Conn)) func(*testing.T) far {
	return func(t *testing.T) far {
		address := accept(t, func(c net.Conn) {
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(c, answer)
				then(c)
			}
		})
		return far{url: "http://" + address, transport: &http.Transport{DisableKeepAlives: true}}
	}
}

func closedPort(t *testing.T) far {
	l := listener(t)
	require.NoError(t, l.Close())
	return far{url: "http://" + l.Addr().String()}
}

// through is Slack behind a proxy.
func through(proxy func(*testing.T) far) func(*testing.T) far {
	return func(t *testing.T) far {
		to, err := url.Parse(proxy(t).url)
		require.NoError(t, err)
		return far{url: wrapper.DefaultBaseURL, transport: &http.Transport{Proxy: http.ProxyURL(to)}}
	}
}

func nameless(*testing.T) far {
	dialer := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, syscall.ENETUNREACH
	}}}
	return far{url: wrapper.DefaultBaseURL, transport: &http.Transport{DialContext: dialer.DialContext}}
}

func silent(*testing.T) far {
	return far{url: wrapper.DefaultBaseURL, transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}}
}

// secure is an https address where do answers.
func secure(do func(net.Conn)) func(*testing.T) far {
	return func(t *testing.T) far { return far{url: "https://" + accept(t, do)} }
}

// mute never says a word.
func mute(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func resets(c net.Conn) {
	_, _ = c.Read(make([]byte, 1))
	_ = c.(*net.TCPConn).SetLinger(0)
}

// trusting is a Slack over TLS, and a client that trusts it as far as edit leaves that.
func trusting(edit func(*tls.Config)) func(*testing.T) far {
	return func(t *testing.T) far {
		slack := slacktest.New()
		server := httptest.NewUnstartedServer(slack)
		return startTLS(t, server, slack, edit)
	}
}

func http2(a slacktest.Answer) func(*testing.T) far {
	return func(t *testing.T) far {
		slack := respond(a)
		server := httptest.NewUnstartedServer(slack)
		server.EnableHTTP2 = true
		f := startTLS(t, server, slack, func(*tls.Config) {})
		f.transport.ForceAttemptHTTP2 = true
		return f
	}
}

func startTLS(t *testing.T, server *httptest.Server, slack *slacktest.Slack, edit func(*tls.Config)) far {
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	edit(transport.TLSClientConfig)
	return far{url: server.URL, transport: transport, slack: slack}
}

// torn takes a part of the headers.
func torn(*testing.T) far {
	return far{url: "http://127.0.0.1", transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, _ := net.Pipe()
		return tearing{near}, nil
	}}}
}

type tearing struct{ net.Conn }

func (tearing) Write([]byte) (int, error) { return 1, syscall.ECONNRESET }

// garbled lets a request through to Slack and answers with what is no TLS record.
func garbled(t *testing.T) far {
	f := trusting(func(*tls.Config) {})(t)
	f.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &garbler{Conn: c, slack: f.slack}, err
	}
	return f
}

type garbler struct {
	net.Conn
	slack *slacktest.Slack
	seen  int
}

// Read passes on what comes before the answer to a request, which is the handshake.
func (g *garbler) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if len(g.slack.Calls()) > g.seen {
		return copy(p, bytes.Repeat([]byte("garbage "), 8)), nil
	}
	return n, err
}

func (w wire) play(ctx context.Context, t *testing.T, way way) *played {
	f := w.far(t)
	if f.transport == nil {
		f.transport = &http.Transport{}
	}
	t.Cleanup(f.transport.CloseIdleConnections)
	p := &played{}
	p.opts = wrapper.Options{
		BaseURL:    f.url,
		HTTPClient: &http.Client{Transport: f.transport, Timeout: f.timeout},
		Encoding:   way.encoding,
		Retry:      wrapper.RetryOptions{MaxAttempts: 2, MinDelay: time.Millisecond},
		Observe:    p.observer(),
	}
	p.client = newClient(t, nil, p.opts)
	p.resp, p.err = way.call(ctx, p.client)
	if f.slack != nil {
		p.calls = f.slack.Calls()
	}
	return p
}

func TestWhatHappensOnAConnection(t *testing.T) {
	for _, wire := range wires {
		for _, w := range ways {
			t.Run(wire.name+"/"+w.name, func(t *testing.T) {
				t.Parallel()
				p := wire.play(t.Context(), t, w)

				p.assert(t, wire.gets)
				assert.LessOrEqual(t, len(p.calls), len(p.attempts), "net/http sent none of its own")
				if wire.gets.retryable && wire.gets.retryAfter == 0 {
					assert.Len(t, p.attempts, 2)
				} else {
					assert.Len(t, p.attempts, 1)
				}
			})
		}
	}
}
