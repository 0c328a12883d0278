package wrapper_test

// How to add a case
//
// A case of TestCall (call_test.go) is one call: what surrounds it, what its caller gets, and when its requests are sent.
//
//	{
//		name:     "two rate limits, then ok",
//		setup:    setup{responses: repeated(2, slacktest.RateLimited(7 * time.Second))}, // Slack says ok to later requests
//		want:     success,                                       // or refusal, httpError, throttled, failure
//		requests: []delayRange{immediately, exactly(7 * time.Second), exactly(7 * time.Second)}, // each after the one before
//		returns:  immediately,                                   // after the last request; may be left out
//	},
//
// Flags such as retryable|unknown are the questions (Retryable, OutcomeUnknown, NotSent, StopsRun) that are answered with yes.
// A case of TestAttempt (attempt_test.go) is one response; of TestConnection (connection_test.go) what happens on a socket.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// No error and no log line may contain these.
const (
	token = "xoxp-test-planted-token"
	user  = "W0PLANTEDUSER"
)

var (
	errBoom       = errors.New("boom")
	singleAttempt = wrapper.RetryOptions{MaxAttempts: 1}
)

// newClient returns a client that sends its requests through transport, for example a [slacktest.Slack].
func newClient(t testing.TB, transport http.RoundTripper, opts wrapper.Options) *wrapper.Client {
	t.Helper()
	if opts.HTTPClient == nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	c, err := wrapper.New(wrapper.StaticToken(token), opts)
	require.NoError(t, err)
	return c
}

// respond returns a Slack that gives the same response to every request.
func respond(a slacktest.Answer) *slacktest.Slack {
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer { return a })
	return slack
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// variant is one of the methods in one of the encodings. Tests of what depends on neither use resetForm.
type variant struct {
	name     string
	encoding wrapper.Encoding
	call     func(context.Context, *wrapper.Client) (*wrapper.Response, error)
}

var (
	resetForm = variant{"reset, form", wrapper.Form, reset}
	variants  = []variant{
		resetForm,
		{"reset, JSON", wrapper.JSON, reset},
		{"invalidate, form", wrapper.Form, invalidate},
		{"invalidate, JSON", wrapper.JSON, invalidate},
	}
)

func reset(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.ResetSessions(ctx, wrapper.ResetOptions{UserID: user})
}

func invalidate(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.InvalidateSession(ctx, wrapper.InvalidateOptions{UserID: user, SessionID: 847288190092})
}

// inBubble runs a subtest in virtual time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// delayRange bounds a delay that may be random. Its zero value is no delay.
type delayRange struct{ min, max time.Duration }

var (
	immediately  = delayRange{}
	firstBackoff = upTo(500 * time.Millisecond)
	defaultHold  = between(5*time.Second, 6*time.Second) // after a first rate limit without a usable Retry-After
)

func exactly(d time.Duration) delayRange    { return delayRange{d, d} }
func upTo(d time.Duration) delayRange       { return delayRange{0, d} }
func between(a, b time.Duration) delayRange { return delayRange{a, b} }

func (r delayRange) assertContains(t *testing.T, d time.Duration, what string) {
	t.Helper()
	assert.GreaterOrEqual(t, d, r.min, what)
	assert.LessOrEqual(t, d, r.max, what)
}

// flags are the questions to an error that are answered with yes.
type flags uint8

const (
	retryable flags = 1 << iota
	unknown
	notSent
	stopsRun
	none flags = 0 // so are most of Slack's refusals, which concern one user or session
)

// judgement holds the answers to the five questions.
type judgement struct {
	Retryable, OutcomeUnknown, NotSent, StopsRun bool
	Reason                                       string
}

func judge(err error) judgement {
	return judgement{
		wrapper.Retryable(err), wrapper.OutcomeUnknown(err), wrapper.NotSent(err), wrapper.StopsRun(err), wrapper.Reason(err),
	}
}

func (f flags) judgement(reason string) judgement {
	return judgement{f&retryable != 0, f&unknown != 0, f&notSent != 0, f&stopsRun != 0, reason}
}

// result is what the caller of a method gets.
type result struct {
	success    bool
	status     int // 0 if there is no response
	code       wrapper.ErrorCode
	retryAfter time.Duration
	causes     []error // that Err wraps
	text       string  // part of the error's text
	flags      flags
	reason     string
}

var success = result{success: true}

func failure(status int, code wrapper.ErrorCode, f flags, reason string) result {
	return result{status: status, code: code, flags: f, reason: reason}
}

// refusal is a code that Slack documents, in HTTP 200.
func refusal(code wrapper.ErrorCode, f flags) result { return failure(200, code, f, string(code)) }

// httpError is a response that is judged by its status alone.
func httpError(status int, f flags) result {
	return failure(status, "", f, fmt.Sprintf("http_%03d", status)).withText(fmt.Sprint("HTTP ", status))
}

// throttled is HTTP 429 without a code.
func throttled(retryAfter time.Duration) result {
	return failure(429, "", retryable, "ratelimited").withRetryAfter(retryAfter)
}

func (r result) withCode(code wrapper.ErrorCode) result { r.code = code; return r }
func (r result) withReason(reason string) result        { r.reason = reason; return r }
func (r result) withRetryAfter(d time.Duration) result  { r.retryAfter = d; return r }
func (r result) withText(text string) result            { r.text = text; return r }
func (r result) withCauses(causes ...error) result {
	r.causes = append(slices.Clip(r.causes), causes...)
	return r
}

func (r result) assertIs(t *testing.T, resp *wrapper.Response, err error) {
	t.Helper()
	if r.success {
		require.NoError(t, err)
		require.NotNil(t, resp)
		require.NotNil(t, resp.Fields())
		return
	}
	assert.Nil(t, resp)
	e := assertCallError(t, err)
	assert.Equal(t, r.flags.judgement(r.reason), judge(err), "of %v", err)
	assert.Equal(t, r.status, e.StatusCode)
	assert.Equal(t, r.code, e.Code)
	assert.Equal(t, r.retryAfter, e.RetryAfter)
	if r.code != "" {
		assert.ErrorIs(t, err, r.code)
	}
	if r.reason == "ratelimited" {
		assert.ErrorIs(t, err, wrapper.ErrRateLimited)
	}
	for _, cause := range r.causes {
		assert.ErrorIs(t, err, cause)
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		assert.Equal(t, slices.Contains(r.causes, end), errors.Is(err, end), "%v must mean that the caller's context ended: %v", end, err)
		assert.LessOrEqual(t, strings.Count(err.Error(), end.Error()), 1, "said twice: %v", err)
	}
	if r.status != 0 && len(r.causes) == 0 {
		assert.NoError(t, e.Err, "the response is the only cause")
	}
	assert.ErrorContains(t, err, r.text)
}

// assertCallError checks what is true of every error that a call returns.
func assertCallError(t *testing.T, err error) (e *wrapper.Error) {
	t.Helper()
	require.ErrorAs(t, err, &e)
	assert.Same(t, e, err, "the error is an *Error itself")
	assert.Contains(t, e.Method, "admin.users.session.")
	assert.False(t, strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }), "not one printable line: %q", err)
	assert.Less(t, len(err.Error()), 4096)
	assert.False(t, wrapper.NotSent(err) && wrapper.OutcomeUnknown(err), "not sent, yet maybe in effect: %v", err)
	if e.StatusCode == 0 {
		assert.Nil(t, e.Header)
		assert.Nil(t, e.Raw)
	} else {
		assert.LessOrEqual(t, len(e.Raw), 64<<10)
	}
	return e
}

// setup is what surrounds a call. A field that is missing is what a user has who sets nothing.
type setup struct {
	responses []slacktest.Answer // of Slack, in this order; later ones are ok
	ctx       func(context.Context) (context.Context, context.CancelFunc)
	source    func() wrapper.TokenSource
	limiter   func() wrapper.Limiter
	retry     wrapper.RetryOptions
}

// madeCall is a call that was made, and what the caller, an observer, a log and Slack saw of it.
type madeCall struct {
	client   *wrapper.Client
	opts     wrapper.Options
	resp     *wrapper.Response
	err      error
	attempts []wrapper.Attempt
	requests []slacktest.Call
	start    time.Time
	end      time.Time
	log      bytes.Buffer
}

func makeCall(t *testing.T, v variant, s setup) *madeCall {
	t.Helper()
	slack := slacktest.New()
	slack.Script(s.responses...)
	m := &madeCall{}
	m.opts = wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Encoding:   v.encoding,
		Retry:      s.retry,
		Observe:    m.observer(),
	}
	if s.limiter != nil {
		m.opts.Limiter = s.limiter()
	}
	m.client = newClient(t, slack, m.opts)
	if s.source != nil {
		m.client = m.client.WithTokenSource(s.source())
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if s.ctx != nil {
		ctx, cancel = s.ctx(ctx)
		defer cancel()
	}
	m.start = time.Now()
	m.resp, m.err = v.call(ctx, m.client)
	m.end, m.requests = time.Now(), slack.Calls()
	return m
}

func (m *madeCall) observer() func(context.Context, wrapper.Attempt) {
	log := wrapper.LogAttempts(slog.New(slog.NewJSONHandler(&m.log, nil)))
	return func(ctx context.Context, a wrapper.Attempt) {
		m.attempts = append(m.attempts, a)
		log(ctx, a)
	}
}

// assertResult checks what the caller gets, and that Slack and the observer saw the same.
func (m *madeCall) assertResult(t *testing.T, want result) {
	t.Helper()
	want.assertIs(t, m.resp, m.err)
	for i, a := range m.attempts {
		assert.Equal(t, i+1, a.Number)
		if a.Err != nil {
			assert.Equal(t, i+1, assertCallError(t, a.Err).Attempts)
		}
	}
	if m.err == nil {
		assert.Equal(t, len(m.attempts), m.resp.Attempts)
		return
	}
	var e *wrapper.Error
	require.ErrorAs(t, m.err, &e)
	assert.Equal(t, len(m.attempts), e.Attempts)
	for _, r := range m.requests {
		assert.True(t, !r.Effect || wrapper.OutcomeUnknown(m.err), "the call took effect, yet its error excludes that: %v", m.err)
		assert.True(t, r.NotSent || !wrapper.NotSent(m.err), "a request arrived, yet NotSent is true: %v", m.err)
	}
}

// assertTimes checks the delay before each request, and from the last request to the return.
func (m *madeCall) assertTimes(t *testing.T, requests []delayRange, returns delayRange) {
	t.Helper()
	require.Len(t, m.requests, len(requests), "requests; the result was %v", m.err)
	require.Len(t, m.attempts, len(requests))
	last := m.start
	for i, r := range m.requests {
		requests[i].assertContains(t, r.At.Sub(last), fmt.Sprint("before request ", i+1))
		if i > 0 {
			assert.LessOrEqual(t, m.attempts[i-1].Delay, r.At.Sub(last), "the Delay that attempt %d announced", i)
		}
		last = r.At
	}
	returns.assertContains(t, m.end.Sub(last), "before the return")
	if n := len(m.attempts); n > 0 && returns == immediately {
		assert.Zero(t, m.attempts[n-1].Delay, "the Delay after the last attempt")
	}
}
