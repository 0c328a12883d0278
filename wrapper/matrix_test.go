package wrapper_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// row is one answer of Slack, or of what stands between.
type row struct {
	name   string
	answer slacktest.Answer
	gets   gets // what the caller gets where no other attempt follows
	next   *gap // how long after this request the next one follows; nil: none does
}

// gets is what a caller gets.
type gets struct {
	ok         bool
	status     int // of HTTP; 0: there is no answer of Slack's
	code       wrapper.ErrorCode
	retryAfter time.Duration
	is         []error // what else matches
	says       string  // is in the text
	final      bool    // Retryable says no
	unknown    bool    // OutcomeUnknown
	unsent     bool    // NotSent
	stops      bool    // StopsRun
	reason     string  // Reason
}

var (
	success   = gets{ok: true}
	noVerdict = gets{status: 200, says: "no verdict in the answer", unknown: true, reason: "no_verdict"}
	cutShort  = noVerdict.saying("no verdict in the answer: cut short")
	noCode    = gets{status: 200, says: "refused without an error code", final: true, reason: "other_code"}
	nothing   = gets{unsent: true, final: true}

	jitter       = upTo(500 * time.Millisecond) // before the second request
	afterTimeout = between(thirty, thirty+500*time.Millisecond)
	untold       = []*gap{now, aFifth(5), aFifth(10), aFifth(20), aFifth(40)} // rate limits that do not say for how long
)

// aFifth is the wait that the client chooses by itself.
func aFifth(seconds time.Duration) *gap {
	return between(seconds*time.Second, seconds*time.Second*6/5)
}

func refused(code wrapper.ErrorCode) gets {
	return gets{status: 200, code: code, is: []error{code}, final: true, reason: string(code)}
}

func trouble(code wrapper.ErrorCode) gets {
	return gets{status: 200, code: code, is: []error{code}, reason: string(code)}
}

func answered(status int) gets {
	return gets{status: status, says: fmt.Sprint("HTTP ", status), final: true, reason: fmt.Sprint("http_", status)}
}

func redirected(status int, to string) gets {
	return gets{status: status, says: "redirect refused, to " + to, final: true, reason: "redirect"}
}

func outage(status int) gets {
	return gets{status: status, says: fmt.Sprint("HTTP ", status), unknown: true, reason: fmt.Sprint("http_", status)}
}

func limited(retryAfter time.Duration) gets {
	return gets{status: 429, is: []error{wrapper.ErrRateLimited}, retryAfter: retryAfter, reason: "ratelimited"}
}

func broken(by ...error) gets {
	return gets{is: by, unknown: true, reason: "no_answer"}
}

// notConnected is a broken connection before anything was sent.
func notConnected(by ...error) gets {
	return gets{is: by, unsent: true, reason: "no_answer"}
}

func noVerdictOf(status int) gets {
	return gets{status: status, unknown: true, reason: "no_verdict"}
}

func (g gets) saying(text string) gets {
	g.says = text
	return g
}

func (g gets) with(code wrapper.ErrorCode) gets {
	g.code = code
	return g.and(code)
}

func (g gets) asking(retryAfter time.Duration) gets {
	g.retryAfter = retryAfter
	return g
}

func (g gets) because(reason string) gets {
	g.reason = reason
	return g
}

func (g gets) stopping() gets {
	g.stops = true
	return g
}

func (g gets) ending() gets {
	g.final = true
	return g
}

func (g gets) open() gets {
	g.unknown = true
	return g
}

func (g gets) and(is ...error) gets {
	g.is = append(slices.Clip(g.is), is...)
	return g
}

func (g gets) assert(t *testing.T, resp *wrapper.Response, err error) {
	t.Helper()
	if g.ok {
		require.NoError(t, err)
		require.NotNil(t, resp)
		return
	}
	require.Error(t, err)
	assert.Nil(t, resp)
	var e *wrapper.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, g.status, e.StatusCode)
	assert.Equal(t, g.code, e.Code)
	assert.Equal(t, g.retryAfter, e.RetryAfter)
	for _, target := range g.is {
		assert.ErrorIs(t, err, target)
	}
	assert.ErrorContains(t, err, g.says)
	assert.Equal(t, g.unknown, wrapper.OutcomeUnknown(err), "OutcomeUnknown of %v", err)
	assert.Equal(t, !g.final, wrapper.Retryable(err), "Retryable of %v", err)
	assert.Equal(t, g.unsent, wrapper.NotSent(err), "NotSent of %v", err)
	assert.Equal(t, g.stops, wrapper.StopsRun(err), "StopsRun of %v", err)
	assert.Equal(t, g.reason, wrapper.Reason(err), "Reason of %v", err)
	assert.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "one line: %q", err)
	assert.Less(t, len(err.Error()), 4096, "short")
}

func body(s string) slacktest.Answer { return slacktest.Answer{Body: s} }

func header(key string, values ...string) slacktest.Answer {
	return slacktest.Answer{}.With(key, values...)
}

func status(n int) slacktest.Answer { return slacktest.Answer{Status: n} }

func breaks(err error) slacktest.Answer { return slacktest.Answer{Err: err} }

func redirect(status int, to string) slacktest.Answer {
	return slacktest.Answer{Status: status}.With("Location", to)
}

func answer(status int, body string) slacktest.Answer {
	return slacktest.Answer{Status: status, Body: body}
}

func no(status int, code string) slacktest.Answer {
	return answer(status, `{"ok":false,"error":"`+code+`"}`)
}

func messages(list string) slacktest.Answer {
	return body(`{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":[` + list + `]}}`)
}

// tooMany is a 429 without a body.
func tooMany(retryAfter ...string) slacktest.Answer {
	return status(429).With("Retry-After", retryAfter...)
}

// rateLimited is a 429 with a Retry-After of any form.
func rateLimited(retryAfter ...string) slacktest.Answer {
	return slacktest.RateLimited(0).With("Retry-After", retryAfter...)
}

// zipped is yes.
var zipped = func() string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, yes)
	_ = w.Close()
	return b.String()
}()

// date is the HTTP date d after a bubble's clock starts.
func date(d time.Duration) string {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
}

const (
	yes    = `{"ok":true}`
	mib    = 1 << 20
	thirty = 30 * time.Second
)

// rows is the matrix of answers.
var rows = []row{
	{"200 ok", slacktest.Answer{}, success, nil},
	{"ok with unknown fields", body(`{"ok":true,"new":{"ok":false},"list":[1e999]}`), success, nil},
	{"ok with odd types beside it", body(`{"ok":true,"error":7,"warning":[],"response_metadata":"none"}`), success, nil},
	{"ok with an error code beside it", body(`{"ok":true,"error":"user_not_found"}`), success, nil},
	{"ok with blanks around", body(" \r\n\t" + yes + "\n"), success, nil},
	{"ok of just 1 MiB", body(yes + strings.Repeat(" ", mib-len(yes))), success, nil},
	{"wrong content type", body(yes).With("Content-Type", "text/html"), success, nil},
	{"no content type", body(yes).With("Content-Type"), success, nil},
	{"other charset declared", body(yes).With("Content-Type", "application/json; charset=utf-16"), success, nil},
	{"gzip", body(zipped).With("Content-Encoding", "gzip"), success, nil},
	{"ok that quotes the token", body(`{"ok":true,"token":"` + token + `"}`), success, nil},
	{"ok with a Retry-After", header("Retry-After", "30"), success, nil},

	{"other charset used", body("{\x00\"\x00o\x00k\x00\"\x00:\x00t\x00r\x00u\x00e\x00}\x00"), noVerdict, jitter},
	{"byte order mark", body("\ufeff" + yes), noVerdict, jitter},
	{"invalid gzip", body(yes).With("Content-Encoding", "gzip"), cutShort, jitter},
	{"truncated gzip", body(zipped[:20]).With("Content-Encoding", "gzip"), cutShort, jitter},
	{"other encoding", body(zipped).With("Content-Encoding", "br"), noVerdict, jitter},
	{"ok as string", body(`{"ok":"true"}`), noVerdict, jitter},
	{"ok as number", body(`{"ok":1}`), noVerdict, jitter},
	{"ok as null", body(`{"ok":null}`), noVerdict, jitter},
	{"ok as list", body(`{"ok":[true]}`), noVerdict, jitter},
	{"ok missing", body(`{}`), noVerdict, jitter},
	{"ok missing, with a code", body(`{"error":"user_not_found"}`), noVerdict, jitter},
	{"OK", body(`{"OK":true}`), noVerdict, jitter},
	{"ok and OK", body(`{"ok":false,"OK":true,"error":"user_not_found"}`), refused("user_not_found"), nil},
	{"ok twice", body(`{"ok":false,"ok":true}`), noVerdict, jitter},
	{"ok twice, agreeing", body(`{"ok":true,"ok":true}`), noVerdict, jitter},
	{"ok further down", body(`{"answer":{"ok":true}}`), noVerdict, jitter},
	{"[]", body(`[]`), noVerdict, jitter},
	{"an answer in a list", body(`[{"ok":true}]`), noVerdict, jitter},
	{"null", body(`null`), noVerdict, jitter},
	{"true", body(`true`), noVerdict, jitter},
	{"empty", status(200), noVerdict, jitter},
	{"blank", body("\n"), noVerdict, jitter},
	{"truncated", body(`{"ok":true`), noVerdict, jitter},
	{"trailing comma", body(`{"ok":true,}`), noVerdict, jitter},
	{"trailing garbage", body(yes + "<html>"), noVerdict, jitter},
	{"two answers", body(yes + yes), noVerdict, jitter},
	{"nested too deep", body(`{"ok":true,"x":` + strings.Repeat("[", mib/2) + `}`), noVerdict, jitter},
	{"200 HTML", slacktest.Outage(200), noVerdict, jitter},
	{"5 MB", body(`{"ok":true,"x":"` + strings.Repeat("x", 5e6) + `"}`), noVerdict, jitter},
	{"ok and more than 1 MiB", body(yes + strings.Repeat(" ", mib-len(yes)+1)), noVerdict, jitter},
	{"closed mid-answer", slacktest.Answer{Cut: true}, cutShort, jitter},
	{"endless drip", slacktest.Answer{Drip: time.Second}, cutShort, afterTimeout},
	{"201 ok", answer(201, yes), noVerdictOf(201), jitter},
	{"204", status(204), noVerdictOf(204), jitter},
	{"206 ok", answer(206, yes), noVerdictOf(206), jitter},

	{"known code", slacktest.Refused("user_not_found"), refused(wrapper.ErrUserNotFound), nil},
	{"unknown code", slacktest.Refused("new_code"), refused("new_code").because("other_code"), nil},
	{"empty code", body(`{"ok":false,"error":""}`), noCode, nil},
	{"missing code", body(`{"ok":false}`), noCode, nil},
	{"code that is no string", body(`{"ok":false,"error":{"code":1}}`), noCode, nil},
	{"code with line breaks", slacktest.Refused("user\r\nnot\nfound"), refused("user\r\nnot\nfound").because("other_code"), nil},
	{"code of 100 kB", slacktest.Refused(strings.Repeat("x", 1e5)), refused(wrapper.ErrorCode(strings.Repeat("x", 1e5))).because("other_code"), nil},
	{"missing_scope", body(`{"ok":false,"error":"missing_scope","needed":"a:b","provided":"c:d"}`), refused(wrapper.ErrMissingScope).saying("needs a:b, has c:d").stopping(), nil},
	{"messages", messages(`"[ERROR] no such field",7`), refused(wrapper.ErrInvalidArguments).saying("no such field"), nil},
	{"messages that are no list", body(`{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":{}}}`), refused(wrapper.ErrInvalidArguments), nil},
	{"message of 1 MB", messages(`"` + strings.Repeat("x\\n", 3e5) + `"`), refused(wrapper.ErrInvalidArguments), nil},
	{"10,000 messages", messages(`"x"` + strings.Repeat(`,"y"`, 1e4) + ``), refused(wrapper.ErrInvalidArguments), nil},
	{"message that names the user", messages(`"[ERROR] ` + user + `"`), refused(wrapper.ErrInvalidArguments).saying(user), nil},
	{"message that quotes the token", messages(`"no such token: ` + token + `"`), refused(wrapper.ErrInvalidArguments).saying("no such token: [token]"), nil},
	{"session_not_found", slacktest.Refused("session_not_found"), refused(wrapper.ErrSessionNotFound), nil},
	{"invalid_auth", slacktest.Refused("invalid_auth"), refused(wrapper.ErrInvalidAuth).stopping(), nil},
	{"token_expired, no other token", slacktest.Refused("token_expired"), refused(wrapper.ErrTokenExpired).stopping(), nil},

	{"internal_error", slacktest.Refused("internal_error"), trouble(wrapper.ErrInternalError).open(), jitter},
	{"fatal_error", slacktest.Refused("fatal_error"), trouble(wrapper.ErrFatalError).open(), jitter},
	{"service_unavailable", slacktest.Refused("service_unavailable"), trouble(wrapper.ErrServiceUnavailable), jitter},
	{"request_timeout", slacktest.Refused("request_timeout"), trouble(wrapper.ErrRequestTimeout), jitter},
	{"user_session_reset_failed", slacktest.Refused("user_session_reset_failed"), trouble(wrapper.ErrUserSessionResetFailed), jitter},
	{"session_invalidation_failed", slacktest.Refused("session_invalidation_failed"), trouble(wrapper.ErrSessionInvalidationFailed), jitter},

	{"302 to the same host", redirect(302, "https://slack.com/signin"), redirected(302, "https://slack.com/signin"), nil},
	{"307 to the same host", redirect(307, "/api/v2"), redirected(307, "https://slack.com/api/v2"), nil},
	{"308 to the same host", redirect(308, "/api/v2"), redirected(308, "https://slack.com/api/v2"), nil},
	{"302 to another host", redirect(302, "https://evil.example/"), redirected(302, "https://evil.example/"), nil},
	{"307 to another host", redirect(307, "https://evil.example/api"), redirected(307, "https://evil.example/api"), nil},
	{"308 to another host", redirect(308, "http://evil.example/api"), redirected(308, "http://evil.example/api"), nil},
	{"302 ok", answer(302, yes).With("Location", "/"), redirected(302, "https://slack.com/"), nil},
	{"302 with secrets", redirect(302, "https://u:p@sso.example/in?secret=x#y"), redirected(302, "https://sso.example/in"), nil},
	{"302 with the token in the path", redirect(302, "https://sso.example/"+token), redirected(302, "https://sso.example/"), nil},
	{"302 to nowhere", status(302), redirected(302, ""), nil},
	{"302 to an invalid address", redirect(302, "https://[sso.example/in?secret=hunter2"), redirected(302, ""), nil},
	{"304", status(304), redirected(304, "an address that it does not name"), nil},

	{"400", status(400), answered(400), nil},
	{"401", status(401), answered(401), nil},
	{"403", status(403), answered(403), nil},
	{"404", slacktest.Outage(404), answered(404), nil},
	{"408", status(408), answered(408), nil},
	{"413", status(413), answered(413), nil},
	{"418", status(418), answered(418), nil},
	{"400 ok", answer(400, yes), answered(400), nil},
	{"403 with a code", no(403, "access_denied"), answered(403).with(wrapper.ErrAccessDenied).because("access_denied").stopping(), nil},
	{"404 with a transient code", no(404, "internal_error"), answered(404).with(wrapper.ErrInternalError).because("internal_error"), nil},

	{"429 with seconds", tooMany("7"), limited(7 * time.Second), exactly(7 * time.Second)},
	{"429 with an HTTP date", tooMany(date(7 * time.Second)), limited(7 * time.Second), exactly(7 * time.Second)},
	{"429 with a past date", tooMany(date(-time.Hour)), limited(0), untold[1]},
	{"429 with negative seconds", tooMany("-30"), limited(0), untold[1]},
	{"429 with a fraction", tooMany("1.2"), limited(2 * time.Second), exactly(2 * time.Second)},
	{"429 with blanks", tooMany(" 3 "), limited(3 * time.Second), exactly(3 * time.Second)},
	{"429 with nonsense", tooMany("soon"), limited(0), untold[1]},
	{"429 with two Retry-After", tooMany("2", "5"), limited(5 * time.Second), exactly(5 * time.Second)},
	{"429 without Retry-After", status(429), limited(0), untold[1]},
	{"429 with a body", slacktest.RateLimited(thirty), limited(thirty).with(wrapper.ErrRateLimited), exactly(thirty)},
	{"429 with another code", no(429, "token_expired").With("Retry-After", "30"), limited(thirty).with(wrapper.ErrTokenExpired), exactly(thirty)},
	{"429 ok", answer(429, yes).With("Retry-After", "30"), limited(thirty), exactly(thirty)},
	{"429 HTML", slacktest.Outage(429).With("Retry-After", "30"), limited(thirty), exactly(thirty)},
	{"429 that never ends", slacktest.Answer{Status: 429, Body: "x", Drip: time.Second}.With("Retry-After", "1"), limited(time.Second), exactly(31 * time.Second)},
	{"200 ratelimited with Retry-After", slacktest.Refused("ratelimited").With("Retry-After", "7"), trouble(wrapper.ErrRateLimited).asking(7 * time.Second), exactly(7 * time.Second)},
	{"200 ratelimited without", slacktest.Refused("ratelimited"), trouble(wrapper.ErrRateLimited), untold[1]},

	{"429 as recorded in 2026", answer(429, `{"ok":false,"error":"ratelimited"}`).With("Retry-After", "60"), limited(time.Minute).with(wrapper.ErrRateLimited), exactly(time.Minute)},
	{"429 as recorded, rate_limited", answer(429, `{"retry_after":1,"ok":false,"error":"rate_limited"}`).With("Retry-After", "1"), limited(time.Second).with("rate_limited"), exactly(time.Second)},
	{"429 as recorded, plain text", answer(429, "You are sending too many requests. Please relax.").With("Retry-After", "30"), limited(thirty), exactly(thirty)},
	{"refusal as recorded, with warnings", body(`{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`), refused(wrapper.ErrNotAllowedTokenType).stopping(), nil},
	{"is_bot", slacktest.Refused("is_bot"), refused(wrapper.ErrIsBot).stopping(), nil},
	{"invalid_arguments", slacktest.Refused("invalid_arguments"), refused(wrapper.ErrInvalidArguments), nil},
	{"nested 10,000 deep", body(`{"ok":true,"x":` + strings.Repeat("[", 1e4) + strings.Repeat("]", 1e4) + `}`), noVerdict, jitter},
	{"nested 9,000 deep", body(`{"ok":true,"x":` + strings.Repeat("[", 9e3) + strings.Repeat("]", 9e3) + `}`), success, nil},
	{"a proxy's 407", slacktest.Proxy(407), answered(407), nil},
	{"a proxy's 403", slacktest.Proxy(403), answered(403), nil},
	{"a proxy's login page", slacktest.Proxy(200), noVerdict, jitter},

	{"500", slacktest.Outage(500), outage(500), jitter},
	{"502", slacktest.Outage(502), outage(502), jitter},
	{"503", slacktest.Outage(503), outage(503), jitter},
	{"504", slacktest.Outage(504), outage(504), jitter},
	{"599", slacktest.Outage(599), outage(599), jitter},
	{"500 ok", slacktest.Answer{Status: 500, Body: yes, Effect: true}, outage(500), jitter},
	{"500 with a refusal", no(500, "user_not_found"), outage(500).with(wrapper.ErrUserNotFound).because("user_not_found"), jitter},
	{"503 with Retry-After", slacktest.Outage(503).With("Retry-After", "20"), outage(503).asking(20 * time.Second), exactly(20 * time.Second)},
	{"503 with Retry-After and token_expired", no(503, "token_expired").With("Retry-After", "20"), outage(503).asking(20 * time.Second).with(wrapper.ErrTokenExpired).because("token_expired"), exactly(20 * time.Second)},

	{"connection refused", breaks(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), notConnected(syscall.ECONNREFUSED), jitter},
	{"no such host", breaks(&net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}), notConnected().saying("no such host"), jitter},
	{"TLS not trusted", breaks(x509.UnknownAuthorityError{}), notConnected().saying("unknown authority").ending().because("not_trusted"), nil},
	{"TLS for another host", breaks(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "slack.com"}), notConnected().ending().because("not_trusted"), nil},
	{"TLS certificate expired", breaks(x509.CertificateInvalidError{Reason: x509.Expired}), notConnected().ending().because("not_trusted"), nil},
	{"reset", breaks(syscall.ECONNRESET), broken(syscall.ECONNRESET), jitter},
	{"reset after the effect", slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}, broken(syscall.ECONNRESET), jitter},
	{"closed without an answer", slacktest.Answer{Err: io.EOF, Effect: true}, broken(io.EOF), jitter},
	{"closed within the answer's header", slacktest.Answer{Err: io.ErrUnexpectedEOF, Effect: true}, broken(io.ErrUnexpectedEOF), jitter},
	{"answer too late", slacktest.Answer{Delay: time.Minute}, broken(os.ErrDeadlineExceeded).saying("no answer within 30s").because("timeout"), afterTimeout},
}

// scene is what surrounds a call. Where something is missing, it is as a user who sets nothing has it.
type scene struct {
	slack   []slacktest.Answer // what Slack answers; afterwards it says ok
	ctx     func(context.Context) (context.Context, context.CancelFunc)
	source  func() wrapper.TokenSource
	limiter func() wrapper.Limiter
	retry   wrapper.RetryOptions
}

// played is a call that was made, and what can be seen of it.
type played struct {
	client   *wrapper.Client
	opts     wrapper.Options
	resp     *wrapper.Response
	err      error
	attempts []wrapper.Attempt
	calls    []slacktest.Call
	began    time.Time
	ended    time.Time
	log      bytes.Buffer
}

func (p *played) observer() func(context.Context, wrapper.Attempt) {
	log := wrapper.LogAttempts(slog.New(slog.NewJSONHandler(&p.log, nil)))
	return func(ctx context.Context, a wrapper.Attempt) {
		p.attempts = append(p.attempts, a)
		log(ctx, a)
	}
}

func (s scene) play(t *testing.T, w way) *played {
	t.Helper()
	slack := slacktest.New()
	slack.Script(s.slack...)
	p := &played{}
	p.opts = wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Encoding:   w.encoding,
		Retry:      s.retry,
		Observe:    p.observer(),
	}
	if s.limiter != nil {
		p.opts.Limiter = s.limiter()
	}
	p.client = newClient(t, slack, p.opts)
	if s.source != nil {
		p.client = p.client.WithTokenSource(s.source())
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if s.ctx != nil {
		ctx, cancel = s.ctx(ctx)
		defer cancel()
	}
	p.began = time.Now()
	p.resp, p.err = w.call(ctx, p.client)
	p.ended, p.calls = time.Now(), slack.Calls()
	return p
}

// ways is one way where the answer is so long that it takes time.
func (r row) ways() []way {
	if len(r.answer.Body) > 1e5 {
		return ways[:1]
	}
	return ways
}

func (p *played) assertNoEffectDenied(t *testing.T) {
	t.Helper()
	if slices.ContainsFunc(p.calls, func(c slacktest.Call) bool { return c.Effect }) {
		assert.True(t, p.err == nil || wrapper.OutcomeUnknown(p.err), "the call took effect, yet it is said to have failed: %v", p.err)
	}
}

func (r row) alone() scene {
	return scene{slack: []slacktest.Answer{r.answer}, retry: wrapper.RetryOptions{MaxAttempts: 1}}
}

func (r row) thenOK() scene {
	return scene{slack: []slacktest.Answer{r.answer}}
}

// eachWay runs f in a bubble for either method in either encoding.
func eachWay(t *testing.T, name string, f func(t *testing.T, w way)) {
	eachOf(t, ways, name, f)
}

func eachOf(t *testing.T, ways []way, name string, f func(t *testing.T, w way)) {
	for _, w := range ways {
		t.Run(name+"/"+w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, w) })
		})
	}
}

func TestWhatTheLastAnswerMeans(t *testing.T) {
	for _, row := range rows {
		eachOf(t, row.ways(), row.name, func(t *testing.T, w way) {
			p := row.alone().play(t, w)

			row.gets.assert(t, p.resp, p.err)
			assert.Equal(t, row.next == nil, row.gets.ok || row.gets.final, "the table says the same twice")
			require.Len(t, p.calls, 1)
			require.Len(t, p.attempts, 1)
			assert.Equal(t, p.err, p.attempts[0].Err)
			assert.Zero(t, p.attempts[0].Delay)
			p.assertNoEffectDenied(t)
		})
	}
}

func TestWhatFollowsAnAnswer(t *testing.T) {
	for _, row := range rows {
		eachOf(t, row.ways(), row.name, func(t *testing.T, w way) {
			p := row.thenOK().play(t, w)

			if row.next == nil {
				row.gets.assert(t, p.resp, p.err)
				assert.Len(t, p.calls, 1)
				return
			}
			require.NoError(t, p.err)
			require.Len(t, p.calls, 2)
			assert.Equal(t, 2, p.resp.Attempts)
			row.next.assert(t, p.calls[1].At.Sub(p.calls[0].At), "the second request")
		})
	}
}
