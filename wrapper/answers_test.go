package wrapper_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

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

// What many rows get. The marks are those of the five questions.
var (
	noVerdict  = fails(200, "", retryable|inDoubt, "no_verdict").saying("no verdict in the response")
	cutShort   = noVerdict.saying("no verdict in the response: cut short").by(io.ErrUnexpectedEOF)
	noCode     = fails(200, "", final, "other_code").saying("refused without an error code")
	notTrusted = fails(0, "", notSent, "not_trusted")
	broken     = fails(0, "", retryable|inDoubt, "no_answer")
	noRoute    = fails(0, "", retryable|notSent, "no_answer")
	timedOut   = fails(0, "", retryable|inDoubt, "timeout").by(os.ErrDeadlineExceeded).saying("no response within 30s")
)

// other is an answer with a status that says it all.
func other(status int, to marks) gets {
	return fails(status, "", to, fmt.Sprintf("http_%03d", status)).saying(fmt.Sprint("HTTP ", status))
}

func redirected(status int, to string) gets {
	return fails(status, "", final, "redirect").saying("redirect refused, " + to)
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

// nested is a success in which lists are nested so deep, the answer included.
func nested(deep int) slacktest.Answer {
	return body(`{"ok":true,"x":` + strings.Repeat("[", deep-1) + strings.Repeat("]", deep-1) + `}`)
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

var afterTimeout = between(thirty, thirty+500*time.Millisecond)

// refusing returns a row for each of some codes that say the same about the call.
func refusing(to marks, next *gap, codes ...wrapper.ErrorCode) (rows []row) {
	for _, code := range codes {
		rows = append(rows, row{string(code), slacktest.Refused(string(code)), refused(code, to), next})
	}
	return rows
}

var refusalsOfEveryCall = refusing(stopsRun, nil,
	"admin_unauthorized", "feature_not_enabled", "not_an_admin", "unknown_method", "access_denied", "accesslimited",
	"account_inactive", "deprecated_endpoint", "ekm_access_denied", "enterprise_is_restricted", "invalid_arg_name",
	"invalid_array_arg", "invalid_charset", "invalid_form_data", "invalid_post_type", "is_bot", "method_deprecated",
	"missing_post_type", "no_permission", "not_authed", "org_login_required",
	"team_added_to_org", "token_revoked", "two_factor_setup_required", "invalid_json", "json_not_object", "upgrade_required",
)

// rows is the matrix of answers.
var rows = slices.Concat(refusing(final, nil,
	"user_not_found", "session_not_found", "session_expired", "cannot_reset_bot", "cannot_reset_primary_owner",
	"cannot_invalidate_primary_owner", "invalid_arguments", "team_access_not_granted",
), refusing(retryable, jitter,
	"service_unavailable", "request_timeout", "user_session_reset_failed", "session_invalidation_failed",
), refusing(retryable|inDoubt, jitter,
	"internal_error", "fatal_error",
), []row{
	{"200 ok", slacktest.Answer{}, success, nil},
	{"ok with unknown fields", body(`{"ok":true,"new":{"ok":false},"list":[1e999]}`), success, nil},
	{"ok with odd types beside it", body(`{"ok":true,"error":7,"warning":[],"response_metadata":"none"}`), success, nil},
	{"ok with an error code beside it", body(`{"ok":true,"error":"user_not_found"}`), success, nil},
	{"ok with an escape in its key", body(`{"\u006fk":true}`), success, nil},
	{"ok with blanks around", body(" \r\n\t" + yes + "\n"), success, nil},
	{"ok of just 1 MiB", body(yes + strings.Repeat(" ", mib-len(yes))), success, nil},
	{"ok with a warning", body(`{"ok":true,"warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`), success, nil},
	{"wrong content type", body(yes).With("Content-Type", "text/html"), success, nil},
	{"no content type", body(yes).With("Content-Type"), success, nil},
	{"other charset declared", body(yes).With("Content-Type", "application/json; charset=utf-16"), success, nil},
	{"gzip", body(zipped).With("Content-Encoding", "gzip"), success, nil},
	{"ok that quotes the token", body(`{"ok":true,"token":"` + token + `","warning":"` + token + `"}`), success, nil},
	{"ok with the token in a header", header("X-Echo", "Bearer "+token), success, nil},
	{"ok with a Retry-After", header("Retry-After", "30"), success, nil},

	{"other charset used", body("{\x00\"\x00o\x00k\x00\"\x00:\x00t\x00r\x00u\x00e\x00}\x00"), noVerdict, jitter},
	{"byte order mark", body("\ufeff" + yes), noVerdict, jitter},
	{"gzip that is plain JSON", body(yes).With("Content-Encoding", "gzip"), success, nil},
	{"truncated gzip", body(zipped[:20]).With("Content-Encoding", "gzip"), cutShort, jitter},
	{"other encoding", body(zipped).With("Content-Encoding", "br"), noVerdict, jitter},
	{"ok as string", body(`{"ok":"true"}`), noVerdict, jitter},
	{"ok as number", body(`{"ok":1}`), noVerdict, jitter},
	{"ok as null", body(`{"ok":null}`), noVerdict, jitter},
	{"ok as list", body(`{"ok":[true]}`), noVerdict, jitter},
	{"ok missing", body(`{}`), noVerdict, jitter},
	{"ok missing, with a code", body(`{"error":"user_not_found"}`), noVerdict, jitter},
	{"OK", body(`{"OK":true}`), noVerdict, jitter},
	{"ok and OK", body(`{"ok":false,"OK":true,"error":"user_not_found"}`), refused("user_not_found", final), nil},
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
	{"nested 10,000 deep", nested(10_000), success, nil},
	{"nested 10,001 deep", nested(10_001), noVerdict, jitter},
	{"nested without end", body(`{"ok":true,"x":` + strings.Repeat("[", mib/2) + `}`), noVerdict, jitter},
	{"200 HTML", slacktest.Outage(200), noVerdict, jitter},
	{"200 HTML that quotes the token", body("<p>" + token + `</p>`), noVerdict, jitter},
	{"5 MB", body(`{"ok":true,"x":"` + strings.Repeat("x", 5e6) + `"}`), noVerdict, jitter},
	{"ok and more than 1 MiB", body(yes + strings.Repeat(" ", mib-len(yes)+1)), noVerdict.saying("longer than 1 MiB"), jitter},
	{"more than 1 MiB, less without the token", body(`{"ok":true,"token":"` + token + `"}` + strings.Repeat(" ", mib) + "garbage"), noVerdict.saying("longer than 1 MiB"), jitter},
	{"closed mid-answer", slacktest.Answer{Cut: true}, cutShort, jitter},
	{"endless drip", slacktest.Answer{Drip: time.Second}, noVerdict.saying("cut short; no response within 30s").by(os.ErrDeadlineExceeded), afterTimeout},
	{"201 ok", answer(201, yes), fails(201, "", retryable|inDoubt, "no_verdict"), jitter},
	{"204", status(204), fails(204, "", retryable|inDoubt, "no_verdict"), jitter},
	{"206 ok", answer(206, yes), fails(206, "", retryable|inDoubt, "no_verdict"), jitter},
	{"202 with a refusal", no(202, "invalid_auth"), fails(202, "", retryable|inDoubt, "no_verdict"), jitter},
	{"101", status(101), fails(101, "", retryable|inDoubt, "no_verdict"), jitter},
	{"101 ok", answer(101, yes), fails(101, "", retryable|inDoubt, "no_verdict"), jitter},
	{"101 that never ends", slacktest.Answer{Status: 101, Drip: time.Second}, fails(101, "", retryable|inDoubt, "no_verdict"), jitter},
	{"099 ok", answer(99, yes), fails(99, "", retryable|inDoubt, "no_verdict"), jitter},

	{"unknown code", slacktest.Refused("new_code"), fails(200, "new_code", final, "other_code"), nil},
	{"empty code", body(`{"ok":false,"error":""}`), noCode, nil},
	{"missing code", body(`{"ok":false}`), noCode, nil},
	{"code that is no string", body(`{"ok":false,"error":{"code":1}}`), noCode, nil},
	{"code with line breaks", slacktest.Refused("user\r\nnot\nfound"), fails(200, "user\r\nnot\nfound", final, "other_code"), nil},
	{"code of 100 kB", slacktest.Refused(strings.Repeat("x", 1e5)), fails(200, wrapper.ErrorCode(strings.Repeat("x", 1e5)), final, "other_code"), nil},
	{"messages", messages(`"[ERROR] no such field",7`), refused("invalid_arguments", final).saying("no such field"), nil},
	{"messages that are no list", body(`{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":{}}}`), refused("invalid_arguments", final), nil},
	{"message of 1 MB", messages(`"` + strings.Repeat("x\\n", 3e5) + `"`), refused("invalid_arguments", final), nil},
	{"10,000 messages", messages(`"x"` + strings.Repeat(`,"y"`, 1e4)), refused("invalid_arguments", final), nil},
	{"message that names the user", messages(`"[ERROR] ` + user + `"`), refused("invalid_arguments", final).saying(user), nil},
	{"message that quotes the token", messages(`"no such token: ` + token + `"`), refused("invalid_arguments", final).saying("no such token: [token]"), nil},
	{"code that quotes the token", slacktest.Refused(token), fails(200, "[token]", final, "other_code"), nil},
	{"refusal with a Retry-After", slacktest.Refused("user_not_found").With("Retry-After", "30"), refused("user_not_found", final).asking(thirty), nil},

	{"invalid_auth", slacktest.Refused("invalid_auth"), refused("invalid_auth", stopsRun), nil},
	{"token_expired, no other token", slacktest.Refused("token_expired"), refused("token_expired", stopsRun), nil},
	{"missing_scope", body(`{"ok":false,"error":"missing_scope","needed":"a:b","provided":"c:d"}`), refused("missing_scope", stopsRun).saying("needs a:b, has c:d"), nil},
	{
		"not_allowed_token_type with a warning, as recorded",
		body(`{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`),
		refused("not_allowed_token_type", stopsRun), nil,
	},

	{"307 to the same host", redirect(307, "/api/v2"), redirected(307, "to https://slack.com/api/v2"), nil},
	{"302 to another host", redirect(302, "https://evil.example/"), redirected(302, "to https://evil.example/"), nil},
	{"308 to another host", redirect(308, "http://evil.example/api"), redirected(308, "to http://evil.example/api"), nil},
	{"302 of a proxy", slacktest.Proxy(302), redirected(302, "to https://proxy.test/login"), nil},
	{"302 ok", answer(302, yes).With("Location", "/"), redirected(302, "to https://slack.com/"), nil},
	{"302 with secrets", redirect(302, "https://u:p@sso.example/in?secret=x#y"), redirected(302, "to https://sso.example/in"), nil},
	{"302 with the token in the path", redirect(302, "https://sso.example/"+token), redirected(302, "to https://sso.example/"), nil},
	{"302 to nowhere", status(302), redirected(302, ""), nil},
	{"304", status(304), fails(304, "", final, "redirect"), nil},

	{"400", status(400), other(400, final), nil},
	{"401 with invalid_auth", no(401, "invalid_auth"), other(401, stopsRun).with("invalid_auth").because("invalid_auth"), nil},
	{"403", status(403), other(403, final), nil},
	{"403 with access_denied", no(403, "access_denied"), other(403, stopsRun).with("access_denied").because("access_denied"), nil},
	{"404", slacktest.Outage(404), other(404, final), nil},
	{"404 with user_not_found", no(404, "user_not_found"), other(404, final).with("user_not_found").because("user_not_found"), nil},
	{"404 with a transient code", no(404, "internal_error"), other(404, final).with("internal_error").because("internal_error"), nil},
	{"407 of a proxy", slacktest.Proxy(407), other(407, final), nil},
	{"408", status(408), other(408, final), nil},
	{"400 ok", answer(400, yes), other(400, final), nil},

	{"429 with seconds", tooMany("7"), limited(7 * time.Second), exactly(7 * time.Second)},
	{"429 with an HTTP date", tooMany(date(7 * time.Second)), limited(7 * time.Second), exactly(7 * time.Second)},
	{"429 with a fraction", tooMany("1.2"), limited(2 * time.Second), exactly(2 * time.Second)},
	{"429 with nonsense", tooMany("soon"), limited(0), untold},
	{"429 with two Retry-After", tooMany("2", "5"), limited(5 * time.Second), exactly(5 * time.Second)},
	{"429 without Retry-After", status(429), limited(0), untold},
	{"429 for 43 s, as recorded", rateLimited("43"), limited(43 * time.Second).with("ratelimited"), exactly(43 * time.Second)},
	{"429 for a second, as recorded", answer(429, `{"retry_after":1,"ok":false,"error":"rate_limited"}`).With("Retry-After", "1"), limited(time.Second).with("rate_limited"), exactly(time.Second)},
	{"429 in words, as recorded", answer(429, "You are sending too many requests. Please relax.").With("Retry-After", "30"), limited(thirty), exactly(thirty)},
	{"429 in words alone", answer(429, "You are sending too many requests. Please relax."), limited(0), untold},
	{"429 with another code", no(429, "token_expired").With("Retry-After", "30"), limited(thirty).with("token_expired"), exactly(thirty)},
	{"429 ok", answer(429, yes).With("Retry-After", "30"), limited(thirty), exactly(thirty)},
	{"429 that never ends", slacktest.Answer{Status: 429, Body: "x", Drip: time.Second}.With("Retry-After", "1"), limited(time.Second), exactly(31 * time.Second)},
	{"200 ratelimited with Retry-After", slacktest.Refused("ratelimited").With("Retry-After", "7"), refused("ratelimited", retryable).asking(7 * time.Second), exactly(7 * time.Second)},
	{"200 ratelimited without", slacktest.Refused("ratelimited"), refused("ratelimited", retryable), untold},

	{"500", slacktest.Outage(500), other(500, retryable|inDoubt), jitter},
	{"503", slacktest.Outage(503), other(503, retryable|inDoubt), jitter},
	{"599", slacktest.Outage(599), other(599, retryable|inDoubt), jitter},
	{"600", status(600), other(600, retryable|inDoubt), jitter},
	{"500 ok", slacktest.Answer{Status: 500, Body: yes, Effect: true}, other(500, retryable|inDoubt), jitter},
	{"500 with a refusal", no(500, "user_not_found"), other(500, retryable|inDoubt).with("user_not_found").because("user_not_found"), jitter},
	{"503 with invalid_auth", no(503, "invalid_auth"), other(503, retryable|inDoubt).with("invalid_auth").because("invalid_auth"), jitter},
	{"503 with Retry-After", slacktest.Outage(503).With("Retry-After", "20"), other(503, retryable|inDoubt).asking(20 * time.Second), exactly(20 * time.Second)},
	{
		"503 with Retry-After and token_expired", no(503, "token_expired").With("Retry-After", "20"),
		other(503, retryable|inDoubt).asking(20 * time.Second).with("token_expired").because("token_expired"), exactly(20 * time.Second),
	},

	{"connection refused", slacktest.ConnectionRefused(), noRoute.by(syscall.ECONNREFUSED), jitter},
	{"proxy not there", breaks(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), noRoute.by(syscall.ECONNREFUSED), jitter},
	{"no such host", breaks(&net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}), noRoute.saying("no such host"), jitter},
	{"TLS not trusted", breaks(x509.UnknownAuthorityError{}), notTrusted.saying("unknown authority"), nil},
	{"TLS for another host", breaks(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "slack.com"}), notTrusted, nil},
	{"TLS certificate expired", breaks(x509.CertificateInvalidError{Reason: x509.Expired}), notTrusted, nil},
	{"reset after the effect", slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}, broken.by(syscall.ECONNRESET), jitter},
	{"closed without an answer", slacktest.Answer{Err: io.EOF, Effect: true}, broken.by(io.EOF), jitter},
	{"closed within the answer's header", slacktest.Answer{Err: io.ErrUnexpectedEOF, Effect: true}, broken.by(io.ErrUnexpectedEOF), jitter},
	{"a context error that is not the caller's", slacktest.Answer{Err: context.DeadlineExceeded, Effect: true}, fails(0, "", retryable|inDoubt, "timeout"), jitter},
	{"a cancellation that is not the caller's", slacktest.Answer{Err: context.Canceled, Effect: true}, broken, jitter},
	{"an error of three lines", breaks(errors.New("a\nb\x1b[31m\nc")), broken, jitter},
	{"an error of 1 MB", breaks(errors.New(strings.Repeat("ü", 5e5))), broken, jitter},
	{"answer too late", slacktest.Answer{Delay: time.Minute}, timedOut, afterTimeout},
	{"hanging", slacktest.Hanging(), timedOut, afterTimeout},
})

func (r row) alone() scene {
	return scene{slack: []slacktest.Answer{r.answer}, retry: wrapper.RetryOptions{MaxAttempts: 1}}
}

func (r row) thenOK() scene {
	return scene{slack: []slacktest.Answer{r.answer}}
}

// ways is one way where the answer is so long that it takes time.
func (r row) ways() []way {
	if len(r.answer.Body) > 1e5 {
		return ways[:1]
	}
	return ways
}

func TestWhatTheLastAnswerMeans(t *testing.T) {
	for _, row := range slices.Concat(rows, refusalsOfEveryCall) {
		eachOf(t, row.ways(), row.name, func(t *testing.T, w way) {
			p := row.alone().play(t, w)

			p.assert(t, row.gets)
			assert.Equal(t, row.next == nil, row.gets.ok || !row.gets.retryable, "the table says the same twice")
			require.Len(t, p.calls, 1)
			require.Len(t, p.attempts, 1)
			assert.Equal(t, p.err, p.attempts[0].Err)
			assert.Zero(t, p.attempts[0].Delay)
			if p.err != nil {
				assert.Equal(t, p.calls[0].NotSent, wrapper.NotSent(p.err))
				row.assertKept(t, p.err)
			}
		})
	}
}

// assertKept checks that an error has the answer, without the token.
func (r row) assertKept(t *testing.T, err error) {
	t.Helper()
	var e *wrapper.Error
	require.ErrorAs(t, err, &e)
	if e.StatusCode == 0 || r.answer.Header.Get("Content-Encoding") != "" { // unpacked, it is another
		return
	}
	assert.Equal(t, e.Header.Get("X-Slack-Req-Id"), e.RequestID)
	for key, values := range r.answer.Header {
		for _, v := range values {
			assert.Contains(t, e.Header.Values(key), strings.ReplaceAll(v, token, "[token]"))
		}
	}
	if !r.answer.Cut && r.answer.Drip == 0 && e.StatusCode >= 200 {
		want := strings.ReplaceAll(r.answer.Body, token, "[token]")
		assert.Equal(t, want[:min(len(want), 64<<10)], string(e.Raw))
	}
}

func TestWhatFollowsAnAnswer(t *testing.T) {
	for _, row := range rows {
		eachOf(t, row.ways(), row.name, func(t *testing.T, w way) {
			p := row.thenOK().play(t, w)

			if row.next == nil {
				p.assert(t, row.gets)
				assert.Len(t, p.calls, 1)
				return
			}
			p.assert(t, success)
			require.Len(t, p.calls, 2)
			row.next.assert(t, p.calls[1].At.Sub(p.calls[0].At), "the second request")
		})
	}
}
