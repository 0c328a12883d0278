package wrapper_test

import (
	"bytes"
	"context"
	"errors"
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

// What no error and no log line may hold.
const (
	token = "xoxp-test-planted-token"
	user  = "W0PLANTEDUSER"
)

var errBoom = errors.New("boom")

// newClient returns a client whose requests transport answers: a [slacktest.Slack], or a connection.
func newClient(t testing.TB, transport http.RoundTripper, opts wrapper.Options) *wrapper.Client {
	t.Helper()
	if opts.HTTPClient == nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	c, err := wrapper.New(wrapper.StaticToken(token), opts)
	require.NoError(t, err)
	return c
}

// way is one of the ways to call Slack: either method in either encoding.
type way struct {
	name     string
	encoding wrapper.Encoding
	call     func(context.Context, *wrapper.Client) (*wrapper.Response, error)
}

var ways = []way{
	{"reset, form", wrapper.Form, reset},
	{"reset, JSON", wrapper.JSON, reset},
	{"invalidate, form", wrapper.Form, invalidate},
	{"invalidate, JSON", wrapper.JSON, invalidate},
}

func reset(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.ResetSessions(ctx, wrapper.ResetOptions{UserID: user})
}

func invalidate(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.InvalidateSession(ctx, wrapper.InvalidateOptions{UserID: user, SessionID: 847288190092})
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

// gap is the time between two requests, for what a random backoff leaves open.
type gap struct{ least, most time.Duration }

var (
	now    = exactly(0)
	jitter = upTo(500 * time.Millisecond)          // before the second request
	untold = between(5*time.Second, 6*time.Second) // after a first rate limit that does not say for how long
)

func exactly(d time.Duration) *gap    { return &gap{d, d} }
func upTo(d time.Duration) *gap       { return &gap{0, d} }
func between(a, b time.Duration) *gap { return &gap{a, b} }

func (g gap) assert(t *testing.T, d time.Duration, what string) {
	t.Helper()
	assert.GreaterOrEqual(t, d, g.least, what)
	assert.LessOrEqual(t, d, g.most, what)
}

// gets is what a caller gets.
type gets struct {
	ok         bool
	status     int // of HTTP; 0: no answer came
	code       wrapper.ErrorCode
	retryAfter time.Duration
	is         []error // causes, which Err leads to
	says       string  // is in the text

	retryable, unknown, notSent, stopsRun bool
	reason                                string
}

// marks are the questions to an error that are answered with yes.
type marks uint8

const (
	retryable marks = 1 << iota
	inDoubt
	notSent
	stopsRun
	final marks = 0 // none: what Slack says of this call alone
)

var success = gets{ok: true}

// fails is an error with an HTTP status, a code, and what it answers to the five questions.
func fails(status int, code wrapper.ErrorCode, to marks, reason string) gets {
	return gets{
		status: status, code: code, reason: reason,
		retryable: to&retryable != 0, unknown: to&inDoubt != 0, notSent: to&notSent != 0, stopsRun: to&stopsRun != 0,
	}
}

// refused is what Slack says in HTTP 200 with a code that it documents.
func refused(code wrapper.ErrorCode, to marks) gets { return fails(200, code, to, string(code)) }

func trouble(code wrapper.ErrorCode) gets { return refused(code, retryable) }

func limited(retryAfter time.Duration) gets {
	return fails(429, "", retryable, "ratelimited").asking(retryAfter)
}

func (g gets) with(code wrapper.ErrorCode) gets {
	g.code = code
	return g
}

// as is g with more marks.
func (g gets) as(to marks) gets {
	g.unknown, g.notSent = g.unknown || to&inDoubt != 0, g.notSent || to&notSent != 0
	return g
}

func (g gets) because(reason string) gets {
	g.reason = reason
	return g
}

func (g gets) asking(retryAfter time.Duration) gets {
	g.retryAfter = retryAfter
	return g
}

func (g gets) by(causes ...error) gets {
	g.is = append(slices.Clip(g.is), causes...)
	return g
}

func (g gets) saying(text string) gets {
	g.says = text
	return g
}

// columns is what an error answers to the five questions.
type columns struct {
	Retryable, OutcomeUnknown, NotSent, StopsRun bool
	Reason                                       string
}

func columnsOf(err error) columns {
	return columns{
		wrapper.Retryable(err), wrapper.OutcomeUnknown(err), wrapper.NotSent(err), wrapper.StopsRun(err), wrapper.Reason(err),
	}
}

func (g gets) assert(t *testing.T, resp *wrapper.Response, err error) {
	t.Helper()
	if g.ok {
		require.NoError(t, err)
		require.NotNil(t, resp)
		require.NotNil(t, resp.Fields())
		return
	}
	assert.Nil(t, resp)
	e := assertSound(t, err)
	assert.Equal(t, columns{g.retryable, g.unknown, g.notSent, g.stopsRun, g.reason}, columnsOf(err), "of %v", err)
	assert.Equal(t, g.status, e.StatusCode)
	assert.Equal(t, g.code, e.Code)
	assert.Equal(t, g.retryAfter, e.RetryAfter)
	if g.code != "" {
		assert.ErrorIs(t, err, g.code)
	}
	if g.reason == "ratelimited" {
		assert.ErrorIs(t, err, wrapper.ErrRateLimited)
	}
	for _, cause := range g.is {
		assert.ErrorIs(t, err, cause)
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		assert.Equal(t, slices.Contains(g.is, end), errors.Is(err, end), "%v is kept for the caller's context: %v", end, err)
	}
	if g.status != 0 && len(g.is) == 0 {
		assert.NoError(t, e.Err, "Slack's answer is all there is")
	}
	assert.ErrorContains(t, err, g.says)
}

// assertSound checks what holds for every error of a call.
func assertSound(t *testing.T, err error) (e *wrapper.Error) {
	t.Helper()
	require.ErrorAs(t, err, &e)
	assert.Same(t, e, err, "the error is no other type")
	assert.Contains(t, e.Method, "admin.users.session.")
	assert.False(t, strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }), "one line: %q", err)
	assert.Less(t, len(err.Error()), 4096, "short")
	assert.False(t, wrapper.NotSent(err) && wrapper.OutcomeUnknown(err), "not sent, yet maybe in effect: %v", err)
	if e.StatusCode == 0 {
		assert.Nil(t, e.Header)
		assert.Nil(t, e.Raw)
	} else {
		assert.LessOrEqual(t, len(e.Raw), 64<<10)
	}
	return e
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

// assert checks what the caller gets, and that it agrees with what Slack and an observer saw.
func (p *played) assert(t *testing.T, g gets) {
	t.Helper()
	g.assert(t, p.resp, p.err)
	for i, a := range p.attempts {
		assert.Equal(t, i+1, a.Number)
		if a.Err != nil {
			assert.Equal(t, i+1, assertSound(t, a.Err).Attempts)
		}
	}
	if p.err == nil {
		assert.Equal(t, len(p.attempts), p.resp.Attempts)
		return
	}
	var e *wrapper.Error
	require.ErrorAs(t, p.err, &e)
	assert.Equal(t, len(p.attempts), e.Attempts)
	for _, c := range p.calls {
		assert.True(t, !c.Effect || wrapper.OutcomeUnknown(p.err), "the call took effect, yet it is said to have failed: %v", p.err)
		assert.True(t, c.NotSent || !wrapper.NotSent(p.err), "a request arrived, yet none is said to be sent: %v", p.err)
	}
}
