package wrapper

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// tape is the body of an answer, which counts what is read of it.
type tape struct {
	io.Reader
	read int
}

func (b *tape) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *tape) Close() error { return nil }

type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// words are those that Reason has beside Slack's codes and http_NNN.
var words = []string{
	"other_code", "no_verdict", "timeout", "no_answer", "not_trusted", "proxy_refused", "redirect", "canceled", "deadline",
	"token_source", "limiter", "invalid_options", "invalid_token", "other",
}

// FuzzDecode: exactly one of response and error; success only for 200 and ok true, and always for an answer that
// says so plainly; never reads past the bound; never panics; errors are one short line; the token is in neither.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"ok":true}`, `{"ok": true}`, `{"ok":true,"x":1e999}`, `{"ok":false,"error":"user_not_found"}`, `{"ok":false}`,
		`{"ok":"true"}`, `{"ok":1}`, `{"ok":null}`, `{"OK":true}`, `{"ok":true,"ok":true}`, `{"ok":true,"ok":false}`, `{"\u006fk":true}`,
		`{"ok":true}x`, `{"ok":true,}`, `{"ok":true`, `[{"ok":true}]`, `{"a":{"ok":true}}`, `[]`, `null`, ``, "\n", "\ufeff{\"ok\":true}",
		`{"ok":false,"error":"missing_scope","needed":"a","provided":"b","warning":"c,d","response_metadata":{"messages":["e\n",1],"warnings":["c"]}}`,
		`{"ok":true,"error":"xoxp-test-fuzz-token","response_metadata":{"messages":["xoxp-test-fuzz-token"]}}`,
		`<html>xoxp-test-fuzz-token</html>`, strings.Repeat("[", 1e4),
	} {
		f.Add(200, []byte(body), "", false, 0)
	}
	f.Add(200, []byte(`{"ok":true}`), "", true, 0)
	f.Add(200, []byte(`{"ok":true}`), "", false, maxBody)
	f.Add(201, []byte(`{"ok":true}`), "", false, 0)
	f.Add(429, []byte(`{"ok":false,"error":"ratelimited"}`), "30", false, 0)
	f.Add(503, []byte(`{"ok":true}`), "Mon, 23 Nov 2026 12:00:08 GMT", false, 0)
	f.Add(101, []byte(`{"ok":true}`), "", false, maxBody)
	f.Add(99, []byte(`{"ok":true}`), "", false, 0)
	f.Add(0, []byte(`{"ok":true}`), "", false, 0)
	f.Add(500, []byte(`["\\xoxp-test-fuzz-token"]`), "xoxp-test-fuzz-token", false, 0)
	f.Add(307, []byte(`{"ok":true}`), "https://xoxp-test-fuzz-token.example/xoxp-test-fuzz-token", false, 0)
	const token = "xoxp-test-fuzz-token"
	f.Fuzz(func(t *testing.T, status int, body []byte, header string, tear bool, blanks int) {
		if beyond := len(body) + blanks - maxBody; blanks < 0 || blanks > 64 && max(beyond, -beyond) > 64 {
			return // a long body matters at the bound only, and takes long to parse
		}
		b := &tape{Reader: io.MultiReader(bytes.NewReader(body), strings.NewReader(strings.Repeat(" ", blanks)))}
		if tear {
			b.Reader = io.MultiReader(b.Reader, torn{})
		}
		resp, err := parseResponse("m", &http.Response{
			StatusCode: status,
			Header:     http.Header{"Retry-After": {header}, "X-Slack-Req-Id": {header}, "Location": {header}, "X-Echo": {header}},
			Body:       b,
		}, token, func(err error) error { return err })

		require.NotEqual(t, resp == nil, err == nil, "exactly one of response and error")
		require.LessOrEqual(t, b.read, maxBody+1)
		if status < http.StatusOK {
			require.Zero(t, b.read, "what follows is no body")
		}
		var plain map[string]json.RawMessage
		saysOK := json.Unmarshal(body, &plain) == nil && string(plain["ok"]) == "true"
		if resp != nil {
			require.True(t, status == http.StatusOK && saysOK && !tear && len(body)+blanks <= maxBody, "a false success")
			require.NotNil(t, resp.Fields())
			require.False(t, bytes.Contains(resp.Raw, []byte(token)))
			resp.Raw = nil // %+v prints its bytes as numbers
			require.NotContains(t, fmt.Sprintf("%q %+v", resp.Warnings, resp), token)
			return
		}
		if once, err := json.Marshal(plain); err == nil && len(once) <= maxBody { // without repeated keys
			a := parseVerdict(once)
			require.Equal(t, saysOK, a.hasOK && a.ok, "a false failure")
		}
		require.False(t, bytes.Contains(err.Raw, []byte(token)))
		plainErr := *err
		plainErr.Raw = nil // %+v prints its bytes as numbers
		require.NotContains(t, fmt.Sprintf("%v %+v", err, plainErr), token)
		for _, text := range []string{err.Error(), Reason(err)} {
			require.Less(t, len(text), 8192)
			require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
		}
		if word := Reason(err); ErrorCode(word).kind() == refusedOther {
			require.Contains(t, append(words, fmt.Sprintf("http_%03d", status)), word)
		}
		require.False(t, NotSent(err))
		require.LessOrEqual(t, len(err.Raw), maxRaw)
		require.GreaterOrEqual(t, err.RetryAfter, time.Duration(0))
		if status < 300 && (tear || plain == nil || status != http.StatusOK) {
			require.True(t, OutcomeUnknown(err), "no verdict")
			require.Equal(t, "no_verdict", Reason(err))
		}
	})
}

// FuzzRetryAfter: never negative, never before what was asked, and nothing where nothing was.
func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{
		"", "0", "1", "43", "007", "0.05", "1.5", ".5", ".", "1.2.3", "-1", "+1", "1e3", "0x1p3", "NaN", "Inf", "1_0", " 7 ", "soon", "٣",
		"9223372036", "9223372037", "18446744073709551616", strings.Repeat("9", 400),
		"Mon, 23 Nov 2026 12:00:08 GMT", "Monday, 23-Nov-26 12:00:08 GMT", "Mon Nov 23 12:00:08 2026", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		f.Add(v, "7", "", int64(1795435200))
		f.Add(v, "", "", int64(0))
		f.Add("3", v, "Mon, 23 Nov 2026 12:00:00 GMT", int64(0))
	}
	f.Fuzz(func(t *testing.T, one, two, date string, unix int64) {
		now := time.Unix(unix, 0)
		wait := retryAfter(http.Header{"Retry-After": {one, two}, "Date": {date}}, now)

		if wait < 0 {
			t.Fatalf("%v is negative", wait)
		}
		if at, err := http.ParseTime(date); err == nil {
			now = at
		}
		asked := false
		for _, v := range []string{one, two} {
			v = strings.TrimSpace(v)
			seconds, err := strconv.ParseFloat(v, 64)
			if strings.Trim(v, "0123456789.") == "" && (err == nil || errors.Is(err, strconv.ErrRange)) {
				asked = true
				require.True(t, wait == math.MaxInt64 || wait.Seconds() >= seconds, "%v is before %q", wait, v)
			}
			if at, err := http.ParseTime(v); err == nil {
				asked = true
				require.True(t, wait == math.MaxInt64 || !now.Add(wait).Before(at), "%v is before %q", wait, v)
			}
		}
		if !asked {
			require.Zero(t, wait)
		}
	})
}

// FuzzRetryPolicy: waits are neither negative nor too short nor longer than they need be; a call ends after MaxAttempts; a
// wait longer than MaxRetryAfter ends it, unless a bulk run meets a rate limit or an outage.
func FuzzRetryPolicy(f *testing.F) {
	f.Add(0, int64(0), int64(0), int64(0), int64(0), false, false, 0.5, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add(1, int64(1), int64(time.Hour), int64(time.Second), int64(time.Minute), true, true, 0.999, []byte{6, 6, 6, 6})
	f.Add(9, int64(1)<<62, int64(1)<<62, int64(1)<<62, int64(5), false, false, 0.999999, []byte{7, 7, 7, 7, 7, 7})
	f.Fuzz(func(t *testing.T, attempts int, least, most, patience, wait int64, bulk, newToken bool, random float64, met []byte) {
		o := RetryOptions{MaxAttempts: attempts, MinDelay: time.Duration(least), MaxDelay: time.Duration(most), MaxRetryAfter: time.Duration(patience)}
		if err := o.validate(); err != nil {
			require.ErrorIs(t, err, ErrInvalidOptions)
			return
		}
		if !(random >= 0 && random < 1) || wait < 0 {
			return
		}
		o = o.withDefaults()
		counted := 0
		for _, b := range met {
			k := kind(b&0x3f)%foreign + 1
			fail := failedAttempt{kind: k, retryable: k.info().retryable, bulk: bulk, needsNewToken: newToken && k == refusedGlobal}
			if b&0x40 != 0 {
				fail.wait = time.Duration(wait)
			}
			if b&0x80 != 0 && bulk && !k.info().fromSlack {
				fail.outage, fail.wait = pace.OpenOutage, time.Duration(wait)
			}
			if k == rateLimited {
				fail.wait = max(fail.wait, time.Second)
			}
			if fail.counts() {
				counted++
			}
			fail.counted = counted
			next := o.decide(fail, random)

			waitsForAny := fail.outage != pace.NoOutage || bulk && k == rateLimited
			switch {
			case !next.retry:
				if next.delay != 0 || waitsForAny && k != canceled && k != deadline {
					t.Fatalf("%+v ends the call: %+v", fail, next)
				}
				return
			case !waitsForAny && fail.wait > o.MaxRetryAfter:
				t.Fatalf("%+v waits longer than MaxRetryAfter", fail)
			case next.delay < 0, fail.outage == pace.NoOutage && next.delay < fail.wait:
				t.Fatalf("%v is too short after %+v", next.delay, fail)
			case next.delay > max(fail.wait, o.MaxDelay):
				t.Fatalf("%v is too long after %+v", next.delay, fail)
			case !fail.retryable && !fail.needsNewToken && fail.outage == pace.NoOutage:
				t.Fatalf("%+v is retried", fail)
			case fail.counts() && counted >= o.MaxAttempts:
				t.Fatalf("retried after %d attempts of %d", counted, o.MaxAttempts)
			}
		}
	})
}

// wireTap keeps what a request looks like on the wire.
type wireTap struct{ sent []byte }

func (w *wireTap) RoundTrip(r *http.Request) (*http.Response, error) {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return nil, err
	}
	w.sent = b.Bytes()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"ok":true}`)), Request: r}, nil
}

// FuzzOptions: what is accepted is sent unchanged, and what is refused is not sent.
func FuzzOptions(f *testing.F) {
	f.Add("", "", "xoxp-test-1", "W1", "", int64(1), false, false, 0)
	f.Add("https://slack.com/api/", "signout/1.0 (x)", "xoxp-test-1", "W1", "", int64(1), true, false, 1)
	f.Add("http://localhost:1/a%2Fb/../c//d/.", "a", "xoxp-test-1", "W1", "", int64(1), false, false, 1)
	f.Add("https://h//", " a", "xoxp test", "W1 ", "T1", int64(-1), true, true, 2)
	f.Add("https://h//x", "a", "a", "W1", "", int64(1), false, false, 0)
	f.Add("http://[::1]:80/", "a\r\nb", "xoxp\n", "W&web_only=true", "", int64(1)<<62, false, true, 1)
	f.Add("https://u:p@h/?q#f", "ü", "", "\u202eW", "\xff", int64(0), false, false, -1)
	f.Add("https://h/%", "~", "\x7f", `"<>&+%;`, `\`, int64(1), false, false, 0)
	f.Add("https://h?", "a", "a", "", "T1", int64(1), false, false, 0)
	f.Fuzz(func(t *testing.T, base, agent, token, user, team string, session int64, mobile, web bool, encoding int) {
		tap := &wireTap{}
		client, err := New(StaticToken(token), Options{
			BaseURL: base, UserAgent: agent, Encoding: Encoding(encoding), HTTPClient: &http.Client{Transport: tap},
		})
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidOptions)
			require.Nil(t, client)
			return
		}
		flags := func(name string, set bool) string {
			if set {
				return name + "=true"
			}
			return ""
		}
		_, err = client.ResetSessions(t.Context(), ResetOptions{UserID: user, MobileOnly: mobile, WebOnly: web})
		tap.check(t, err, client.opts, token, methodReset, "user_id="+user, flags("mobile_only", mobile), flags("web_only", web))

		_, err = client.InvalidateSession(t.Context(), InvalidateOptions{SessionID: session, UserID: user, TeamID: team})
		tap.check(t, err, client.opts, token, methodInvalidate, fmt.Sprint("session_id=", session), "user_id="+user, "team_id="+team)
	})
}

// check compares what was sent with what was to be sent, in the form name=value; empty values are not sent.
func (w *wireTap) check(t *testing.T, err error, opts Options, token, method string, values ...string) {
	t.Helper()
	sent := w.sent
	w.sent = nil
	if err != nil {
		require.True(t, NotSent(err))
		require.Contains(t, []string{"invalid_options", "invalid_token"}, Reason(err))
		require.Nil(t, sent)
		return
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
	require.NoError(t, err, "%q", sent)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)

	base, err := url.Parse(opts.BaseURL)
	require.NoError(t, err)
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, strings.TrimSuffix(base.Host, ":"), r.Host) // an empty port is none
	require.Equal(t, strings.TrimSuffix(base.EscapedPath(), "/")+"/"+method, r.RequestURI)
	require.Equal(t, []string{"Bearer " + token}, r.Header["Authorization"])
	require.Equal(t, []string{opts.UserAgent}, r.Header["User-Agent"])

	want := map[string]string{}
	for _, v := range values {
		if name, value, _ := strings.Cut(v, "="); value != "" {
			want[name] = value
		}
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	require.NoError(t, err)
	got := map[string]string{}
	if opts.Encoding == JSON {
		require.Equal(t, "application/json", mediaType)
		var fields map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		require.NoError(t, d.Decode(&fields))
		for name, value := range fields {
			got[name] = fmt.Sprint(value)
		}
	} else {
		require.Equal(t, "application/x-www-form-urlencoded", mediaType)
		form, err := url.ParseQuery(string(body))
		require.NoError(t, err)
		for name, values := range form {
			require.Len(t, values, 1)
			got[name] = values[0]
		}
	}
	assert.Equal(t, want, got)
}
