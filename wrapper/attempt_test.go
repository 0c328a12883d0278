package wrapper_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
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

// responseCase is one response of Slack or of what stands between, or one connection that fails.
type responseCase struct {
	name     string
	response slacktest.Answer
	want     result     // if no other attempt follows
	retry    delayRange // before the next attempt; notRetried if there is none
}

var notRetried = immediately

const (
	okBody         = `{"ok":true}`
	mebibyte       = 1 << 20
	attemptTimeout = 30 * time.Second // the default
)

// Results and delays of many cases.
var (
	noVerdict          = failure(200, "", retryable|unknown, "no_verdict").withText("no verdict in the response")
	cutShort           = noVerdict.withText("no verdict in the response: cut short").withCauses(io.ErrUnexpectedEOF)
	refusalWithoutCode = failure(200, "", none, "other_code").withText("refused without an error code")
	notTrusted         = failure(0, "", notSent, "not_trusted")
	brokenConnection   = failure(0, "", retryable|unknown, "no_answer")
	notConnected       = failure(0, "", retryable|notSent, "no_answer")
	attemptTimedOut    = failure(0, "", retryable|unknown, "timeout").withCauses(os.ErrDeadlineExceeded).withText("timed out after 30s")

	backoffAfterTimeout = between(attemptTimeout, attemptTimeout+500*time.Millisecond)
)

// noVerdictWith is a status below 300 other than 200, which means no more than that there is no verdict.
func noVerdictWith(status int) result { return failure(status, "", retryable|unknown, "no_verdict") }

func redirected(status int, where string) result {
	return failure(status, "", none, "redirect").withText("redirect refused, " + where)
}

func body(s string) slacktest.Answer { return slacktest.Answer{Body: s} }

func header(key string, values ...string) slacktest.Answer {
	return slacktest.Answer{}.With(key, values...)
}

func status(n int) slacktest.Answer { return slacktest.Answer{Status: n} }

func statusAndBody(status int, body string) slacktest.Answer {
	return slacktest.Answer{Status: status, Body: body}
}

func refusalWithStatus(status int, code string) slacktest.Answer {
	return statusAndBody(status, `{"ok":false,"error":"`+code+`"}`)
}

func connectionError(err error) slacktest.Answer { return slacktest.Answer{Err: err} }

func redirect(status int, to string) slacktest.Answer {
	return slacktest.Answer{Status: status}.With("Location", to)
}

func messages(list string) slacktest.Answer {
	return body(`{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":[` + list + `]}}`)
}

// status429 is a 429 without a body.
func status429(retryAfter ...string) slacktest.Answer {
	return status(429).With("Retry-After", retryAfter...)
}

// rateLimitedWith is Slack's 429 with a Retry-After of any form.
func rateLimitedWith(retryAfter ...string) slacktest.Answer {
	return slacktest.RateLimited(0).With("Retry-After", retryAfter...)
}

// nested is a success that holds lists within each other, so many levels deep in all.
func nested(depth int) slacktest.Answer {
	return body(`{"ok":true,"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`)
}

// zipped returns text compressed with gzip.
func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// httpDate is the HTTP date d after the start of virtual time.
func httpDate(d time.Duration) string {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
}

// refusals returns a case for each of some codes that mean the same.
func refusals(f flags, retry delayRange, codes ...wrapper.ErrorCode) (cases []responseCase) {
	for _, code := range codes {
		cases = append(cases, responseCase{string(code), slacktest.Refused(string(code)), refusal(code, f), retry})
	}
	return cases
}

// Package contract checks the codes that are missing here against the group that they stand in.
var documentedCodes = slices.Concat(
	refusals(none, notRetried, "user_not_found", "session_not_found", "team_access_not_granted"),
	refusals(retryable, firstBackoff, "service_unavailable", "user_session_reset_failed"),
	refusals(retryable|unknown, firstBackoff, "internal_error", "fatal_error"),
	refusals(stopsRun, notRetried, "invalid_auth", "token_revoked"),
)

var successes = []responseCase{
	{"200 ok", slacktest.Answer{}, success, notRetried},
	{"ok with unknown fields", body(`{"ok":true,"new":{"ok":false},"list":[1e999]}`), success, notRetried},
	{"ok with odd types beside it", body(`{"ok":true,"error":7,"warning":[],"response_metadata":"none"}`), success, notRetried},
	{"ok with an error code beside it", body(`{"ok":true,"error":"user_not_found"}`), success, notRetried},
	{"ok with an escape in its key", body(`{"\u006fk":true}`), success, notRetried},
	{"ok with blanks around", body(" \r\n\t" + okBody + "\n"), success, notRetried},
	{"ok of just 1 MiB", body(okBody + strings.Repeat(" ", mebibyte-len(okBody))), success, notRetried},
	{"ok with a warning", body(`{"ok":true,"warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`), success, notRetried},
	{"wrong content type", body(okBody).With("Content-Type", "text/html"), success, notRetried},
	{"no content type", body(okBody).With("Content-Type"), success, notRetried},
	{"other charset declared", body(okBody).With("Content-Type", "application/json; charset=utf-16"), success, notRetried},
	{"gzip", body(zipped(okBody)).With("Content-Encoding", "gzip"), success, notRetried},
	{"gzip of just 1 MiB", body(zipped(okBody+strings.Repeat(" ", mebibyte-len(okBody)))).With("Content-Encoding", "gzip"), success, notRetried},
	{"plain JSON that is said to be gzip", body(okBody).With("Content-Encoding", "gzip"), success, notRetried},
	{"ok that quotes the token", body(`{"ok":true,"token":"` + token + `","warning":"` + token + `"}`), success, notRetried},
	{"ok with the token in a header", header("X-Echo", "Bearer "+token), success, notRetried},
	{"ok with a Retry-After", header("Retry-After", "30"), success, notRetried},
}

var withoutVerdict = []responseCase{
	{"other charset used", body("{\x00\"\x00o\x00k\x00\"\x00:\x00t\x00r\x00u\x00e\x00}\x00"), noVerdict, firstBackoff},
	{"byte order mark", body("\ufeff" + okBody), noVerdict, firstBackoff},
	{"truncated gzip", body(zipped(okBody)[:20]).With("Content-Encoding", "gzip"), cutShort, firstBackoff},
	{"encoding other than gzip", body(zipped(okBody)).With("Content-Encoding", "br"), noVerdict.withText("its Content-Encoding is br"), firstBackoff},
	{"gzip of more than 1 MiB", body(zipped(okBody+strings.Repeat(" ", mebibyte-len(okBody)+1))).With("Content-Encoding", "gzip"), noVerdict.withText("longer than 1 MiB"), firstBackoff},
	{"ok as string", body(`{"ok":"true"}`), noVerdict, firstBackoff},
	{"ok as number", body(`{"ok":1}`), noVerdict, firstBackoff},
	{"ok as null", body(`{"ok":null}`), noVerdict, firstBackoff},
	{"ok as list", body(`{"ok":[true]}`), noVerdict, firstBackoff},
	{"ok missing", body(`{}`), noVerdict, firstBackoff},
	{"ok missing, with a code", body(`{"error":"user_not_found"}`), noVerdict, firstBackoff},
	{"OK", body(`{"OK":true}`), noVerdict, firstBackoff},
	{"ok and OK", body(`{"ok":false,"OK":true,"error":"user_not_found"}`), refusal("user_not_found", none), notRetried},
	{"ok twice", body(`{"ok":false,"ok":true}`), noVerdict, firstBackoff},
	{"ok twice, agreeing", body(`{"ok":true,"ok":true}`), noVerdict, firstBackoff},
	{"ok further down", body(`{"answer":{"ok":true}}`), noVerdict, firstBackoff},
	{"[]", body(`[]`), noVerdict, firstBackoff},
	{"verdict in a list", body(`[{"ok":true}]`), noVerdict, firstBackoff},
	{"null", body(`null`), noVerdict, firstBackoff},
	{"true", body(`true`), noVerdict, firstBackoff},
	{"empty", status(200), noVerdict, firstBackoff},
	{"blank", body("\n"), noVerdict, firstBackoff},
	{"truncated", body(`{"ok":true`), noVerdict, firstBackoff},
	{"trailing comma", body(`{"ok":true,}`), noVerdict, firstBackoff},
	{"trailing garbage", body(okBody + "<html>"), noVerdict, firstBackoff},
	{"two verdicts", body(okBody + okBody), noVerdict, firstBackoff},
	{"nested 10,000 deep", nested(10_000), success, notRetried},
	{"nested 10,001 deep", nested(10_001), noVerdict, firstBackoff},
	{"nested without end", body(`{"ok":true,"x":` + strings.Repeat("[", mebibyte/2) + `}`), noVerdict, firstBackoff},
	{"200 HTML", slacktest.Outage(200), noVerdict, firstBackoff},
	{"200 HTML that quotes the token", body("<p>" + token + `</p>`), noVerdict, firstBackoff},
	{"5 MB", body(`{"ok":true,"x":"` + strings.Repeat("x", 5e6) + `"}`), noVerdict, firstBackoff},
	{"ok and more than 1 MiB", body(okBody + strings.Repeat(" ", mebibyte-len(okBody)+1)), noVerdict.withText("longer than 1 MiB"), firstBackoff},
	{"more than 1 MiB, less without the token", body(`{"ok":true,"token":"` + token + `"}` + strings.Repeat(" ", mebibyte) + "garbage"), noVerdict.withText("longer than 1 MiB"), firstBackoff},
	{"closed in the middle of the response", slacktest.Answer{Cut: true}, cutShort, firstBackoff},
	{"endless drip", slacktest.Answer{Drip: time.Second}, noVerdict.withText("cut short; timed out after 30s").withCauses(os.ErrDeadlineExceeded), backoffAfterTimeout},
	{"201 ok", statusAndBody(201, okBody), noVerdictWith(201), firstBackoff},
	{"204", status(204), noVerdictWith(204), firstBackoff},
	{"206 ok", statusAndBody(206, okBody), noVerdictWith(206), firstBackoff},
	{"202 with a refusal", refusalWithStatus(202, "invalid_auth"), noVerdictWith(202), firstBackoff},
	{"101", status(101), noVerdictWith(101), firstBackoff},
	{"101 ok", statusAndBody(101, okBody), noVerdictWith(101), firstBackoff},
	{"101 that never ends", slacktest.Answer{Status: 101, Drip: time.Second}, noVerdictWith(101), firstBackoff},
	{"099 ok", statusAndBody(99, okBody), noVerdictWith(99), firstBackoff},
}

var refusalForms = []responseCase{
	{"unknown code", slacktest.Refused("new_code"), failure(200, "new_code", none, "other_code"), notRetried},
	{"empty code", body(`{"ok":false,"error":""}`), refusalWithoutCode, notRetried},
	{"missing code", body(`{"ok":false}`), refusalWithoutCode, notRetried},
	{"code that is no string", body(`{"ok":false,"error":{"code":1}}`), refusalWithoutCode, notRetried},
	{"code with line breaks", slacktest.Refused("user\r\nnot\nfound"), failure(200, "user\r\nnot\nfound", none, "other_code"), notRetried},
	{"code of 100 kB", slacktest.Refused(strings.Repeat("x", 1e5)), failure(200, wrapper.ErrorCode(strings.Repeat("x", 1e5)), none, "other_code"), notRetried},
	{"messages", messages(`"[ERROR] no such field",7`), refusal("invalid_arguments", none).withText("no such field"), notRetried},
	{"messages that are no list", body(`{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":{}}}`), refusal("invalid_arguments", none), notRetried},
	{"message of 1 MB", messages(`"` + strings.Repeat("x\\n", 3e5) + `"`), refusal("invalid_arguments", none), notRetried},
	{"10,000 messages", messages(`"x"` + strings.Repeat(`,"y"`, 1e4)), refusal("invalid_arguments", none), notRetried},
	{"message that names the user", messages(`"[ERROR] ` + user + `"`), refusal("invalid_arguments", none).withText(user), notRetried},
	{"message that quotes the token", messages(`"no such token: ` + token + `"`), refusal("invalid_arguments", none).withText("no such token: [token]"), notRetried},
	{"code that quotes the token", slacktest.Refused(token), failure(200, "[token]", none, "other_code"), notRetried},
	{"refusal with a Retry-After", slacktest.Refused("user_not_found").With("Retry-After", "30"), refusal("user_not_found", none).withRetryAfter(attemptTimeout), notRetried},
}

var credentialRefusals = []responseCase{
	{"token_expired, no other token", slacktest.Refused("token_expired"), refusal("token_expired", stopsRun), notRetried},
	{"missing_scope", body(`{"ok":false,"error":"missing_scope","needed":"a:b","provided":"c:d"}`), refusal("missing_scope", stopsRun).withText("needs a:b, has c:d"), notRetried},
	{
		"not_allowed_token_type with a warning, as recorded",
		body(`{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset"]}}`),
		refusal("not_allowed_token_type", stopsRun), notRetried,
	},
}

var redirects = []responseCase{
	{"307 to the same host", redirect(307, "/api/v2"), redirected(307, "to https://slack.com/api/v2"), notRetried},
	{"302 to another host", redirect(302, "https://evil.example/"), redirected(302, "to https://evil.example/"), notRetried},
	{"308 to another host", redirect(308, "http://evil.example/api"), redirected(308, "to http://evil.example/api"), notRetried},
	{"302 of a proxy", slacktest.Proxy(302), redirected(302, "to https://proxy.test/login"), notRetried},
	{"302 ok", statusAndBody(302, okBody).With("Location", "/"), redirected(302, "to https://slack.com/"), notRetried},
	{"302 with secrets", redirect(302, "https://u:p@sso.example/in?secret=x#y"), redirected(302, "to https://sso.example/in (request "), notRetried},
	{"302 with the token in the path", redirect(302, "https://sso.example/"+token), redirected(302, "to https://sso.example/%5Btoken%5D (request "), notRetried},
	{"302 with the token percent-encoded", redirect(302, "https://sso.example/%78"+token[1:]), redirected(302, "to https://sso.example/[token] (request "), notRetried},
	{"302 without Location", status(302), redirected(302, "without Location"), notRetried},
	{"304", status(304), failure(304, "", none, "redirect"), notRetried},
}

var clientErrors = []responseCase{
	{"400", status(400), httpError(400, none), notRetried},
	{"401 with invalid_auth", refusalWithStatus(401, "invalid_auth"), httpError(401, stopsRun).withCode("invalid_auth").withReason("invalid_auth"), notRetried},
	{"403", status(403), httpError(403, none), notRetried},
	{"403 with access_denied", refusalWithStatus(403, "access_denied"), httpError(403, stopsRun).withCode("access_denied").withReason("access_denied"), notRetried},
	{"404", slacktest.Outage(404), httpError(404, none), notRetried},
	{"404 with user_not_found", refusalWithStatus(404, "user_not_found"), httpError(404, none).withCode("user_not_found").withReason("user_not_found"), notRetried},
	{"404 with a transient code", refusalWithStatus(404, "internal_error"), httpError(404, none).withCode("internal_error").withReason("internal_error"), notRetried},
	{"407 of a proxy", slacktest.Proxy(407), httpError(407, none), notRetried},
	{"400 ok", statusAndBody(400, okBody), httpError(400, none), notRetried},
}

var rateLimits = []responseCase{
	{"429 with seconds", status429("7"), throttled(7 * time.Second), exactly(7 * time.Second)},
	{"429 with an HTTP date", status429(httpDate(7 * time.Second)), throttled(7 * time.Second), exactly(7 * time.Second)},
	{"429 with a fraction", status429("1.2"), throttled(2 * time.Second), exactly(2 * time.Second)},
	{"429 with nonsense", status429("soon"), throttled(0), defaultHold},
	{"429 with two Retry-After", status429("2", "5"), throttled(5 * time.Second), exactly(5 * time.Second)},
	{"429 without Retry-After", status(429), throttled(0), defaultHold},
	{"429 for 43 s, as recorded", rateLimitedWith("43"), throttled(43 * time.Second).withCode("ratelimited"), exactly(43 * time.Second)},
	{"429 for a second, as recorded", statusAndBody(429, `{"retry_after":1,"ok":false,"error":"rate_limited"}`).With("Retry-After", "1"), throttled(time.Second).withCode("rate_limited"), exactly(time.Second)},
	{"429 in words, as recorded", statusAndBody(429, "You are sending too many requests. Please relax.").With("Retry-After", "30"), throttled(attemptTimeout), exactly(attemptTimeout)},
	{"429 with another code", refusalWithStatus(429, "token_expired").With("Retry-After", "30"), throttled(attemptTimeout).withCode("token_expired"), exactly(attemptTimeout)},
	{"429 ok", statusAndBody(429, okBody).With("Retry-After", "30"), throttled(attemptTimeout), exactly(attemptTimeout)},
	{"429 that never ends", slacktest.Answer{Status: 429, Body: "x", Drip: time.Second}.With("Retry-After", "1"), throttled(time.Second), exactly(31 * time.Second)},
	{"200 ratelimited with Retry-After", slacktest.Refused("ratelimited").With("Retry-After", "7"), refusal("ratelimited", retryable).withRetryAfter(7 * time.Second), exactly(7 * time.Second)},
	{"200 ratelimited without", slacktest.Refused("ratelimited"), refusal("ratelimited", retryable), defaultHold},
}

var serverErrors = []responseCase{
	{"500", slacktest.Outage(500), httpError(500, retryable|unknown), firstBackoff},
	{"600", status(600), httpError(600, retryable|unknown), firstBackoff},
	{"500 ok", slacktest.Answer{Status: 500, Body: okBody, Effect: true}, httpError(500, retryable|unknown), firstBackoff},
	{"500 with a refusal", refusalWithStatus(500, "user_not_found"), httpError(500, retryable|unknown).withCode("user_not_found").withReason("user_not_found"), firstBackoff},
	{"503 with invalid_auth", refusalWithStatus(503, "invalid_auth"), httpError(503, retryable|unknown).withCode("invalid_auth").withReason("invalid_auth"), firstBackoff},
	{"503 with Retry-After", slacktest.Outage(503).With("Retry-After", "20"), httpError(503, retryable|unknown).withRetryAfter(20 * time.Second), exactly(20 * time.Second)},
	{
		"503 with Retry-After and token_expired", refusalWithStatus(503, "token_expired").With("Retry-After", "20"),
		httpError(503, retryable|unknown).withRetryAfter(20 * time.Second).withCode("token_expired").withReason("token_expired"), exactly(20 * time.Second),
	},
}

var connectionErrors = []responseCase{
	{"connection refused", slacktest.ConnectionRefused(), notConnected.withCauses(syscall.ECONNREFUSED), firstBackoff},
	{"proxy not there", connectionError(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), notConnected.withCauses(syscall.ECONNREFUSED), firstBackoff},
	{"no such host", connectionError(&net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}), notConnected.withText("no such host"), firstBackoff},
	{"TLS not trusted", connectionError(x509.UnknownAuthorityError{}), notTrusted.withText("unknown authority"), notRetried},
	{"TLS for another host", connectionError(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "slack.com"}), notTrusted, notRetried},
	{"TLS certificate expired", connectionError(x509.CertificateInvalidError{Reason: x509.Expired}), notTrusted, notRetried},
	{"reset after the effect", slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}, brokenConnection.withCauses(syscall.ECONNRESET), firstBackoff},
	{"closed without an answer", slacktest.Answer{Err: io.EOF, Effect: true}, brokenConnection.withCauses(io.EOF), firstBackoff},
	{"closed within the header of the response", slacktest.Answer{Err: io.ErrUnexpectedEOF, Effect: true}, brokenConnection.withCauses(io.ErrUnexpectedEOF), firstBackoff},
	{"a context error that is not the caller's", slacktest.Answer{Err: context.DeadlineExceeded, Effect: true}, failure(0, "", retryable|unknown, "timeout"), firstBackoff},
	{"a cancellation that is not the caller's", slacktest.Answer{Err: context.Canceled, Effect: true}, brokenConnection, firstBackoff},
	{"an error of three lines", connectionError(errors.New("a\nb\x1b[31m\nc")), brokenConnection, firstBackoff},
	{"an error of 1 MB", connectionError(errors.New(strings.Repeat("ü", 5e5))), brokenConnection, firstBackoff},
	{"response too late", slacktest.Answer{Delay: time.Minute}, attemptTimedOut, backoffAfterTimeout},
	{"hanging", slacktest.Hanging(), attemptTimedOut, backoffAfterTimeout},
}

var responseCases = slices.Concat(
	documentedCodes, successes, withoutVerdict, refusalForms, credentialRefusals, redirects, clientErrors, rateLimits, serverErrors, connectionErrors,
)

func TestAttempt(t *testing.T) {
	for _, tc := range responseCases {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, "alone", tc.assertAlone)
			inBubble(t, "then ok", tc.assertThenOK)
		})
	}
}

func (tc responseCase) assertAlone(t *testing.T) {
	m := makeCall(t, resetForm, setup{responses: []slacktest.Answer{tc.response}, retry: singleAttempt})

	m.assertResult(t, tc.want)
	require.Len(t, m.requests, 1)
	require.Len(t, m.attempts, 1)
	assert.Equal(t, m.err, m.attempts[0].Err)
	assert.Zero(t, m.attempts[0].Delay)
	m.assertNoToken(t)
	if m.err != nil {
		assert.Equal(t, m.requests[0].NotSent, wrapper.NotSent(m.err))
		tc.assertErrorKeepsResponse(t, m.err)
	}
}

func (tc responseCase) assertThenOK(t *testing.T) {
	m := makeCall(t, resetForm, setup{responses: []slacktest.Answer{tc.response}})

	retried := tc.want.flags&retryable != 0
	assert.Equal(t, retried, tc.retry != notRetried, "a case is retried exactly if it is retryable")
	if !retried {
		m.assertResult(t, tc.want)
		assert.Len(t, m.requests, 1)
		return
	}
	m.assertResult(t, success)
	require.Len(t, m.requests, 2)
	tc.retry.assertContains(t, m.requests[1].At.Sub(m.requests[0].At), "before the second request")
}

// assertErrorKeepsResponse checks that an error has the header and the body of the response, without the token.
func (tc responseCase) assertErrorKeepsResponse(t *testing.T, err error) {
	t.Helper()
	var e *wrapper.Error
	require.ErrorAs(t, err, &e)
	if e.StatusCode == 0 || tc.response.Header.Get("Content-Encoding") != "" { // decoded, it is another
		return
	}
	assert.Equal(t, e.Header.Get("X-Slack-Req-Id"), e.RequestID)
	for key, values := range tc.response.Header {
		for _, v := range values {
			assert.Contains(t, e.Header.Values(key), strings.ReplaceAll(v, token, "[token]"))
		}
	}
	if !tc.response.Cut && tc.response.Drip == 0 && e.StatusCode >= 200 {
		want := strings.ReplaceAll(tc.response.Body, token, "[token]")
		assert.Equal(t, want[:min(len(want), 64<<10)], string(e.Raw))
	}
}
