package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// story is a call of more than one answer, or one that something other than Slack ends.
type story struct {
	name string
	scene
	gets gets
	sent []*gap // when the requests arrive, each after the one before
	ends *gap   // when the call returns, after the last request
}

var errBoom = errors.New("boom")

func cancelledAfter(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		if d == 0 {
			cancel()
		} else {
			time.AfterFunc(d, cancel)
		}
		return ctx, cancel
	}
}

func deadline(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

// tokens is a source that supplies one token after the other, and fails afterwards.
func tokens(list ...string) func() wrapper.TokenSource {
	return func() wrapper.TokenSource {
		rest := list
		return func(context.Context) (string, error) {
			if len(rest) == 0 {
				return "", errBoom
			}
			next := rest[0]
			rest = rest[1:]
			return next, nil
		}
	}
}

func blockedSource() wrapper.TokenSource {
	return func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
}

// stubborn is a source that does not listen to its context.
func stubborn() wrapper.TokenSource {
	return func(context.Context) (string, error) {
		time.Sleep(time.Minute)
		return token, nil
	}
}

// limiter lets some attempts pass, and fails afterwards.
type limiter struct{ passes int }

func (l *limiter) Wait(context.Context) error {
	if l.passes--; l.passes < 0 {
		return errBoom
	}
	return nil
}

func passing(n int) func() wrapper.Limiter {
	return func() wrapper.Limiter { return &limiter{n} }
}

func times(n int, a slacktest.Answer) []slacktest.Answer {
	return slices.Repeat([]slacktest.Answer{a}, n)
}

var (
	once    = []*gap{now}
	twice   = []*gap{now, now}
	backoff = []*gap{now, jitter, upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second)}
	minute  = slacktest.RateLimited(time.Minute)

	limitedMinute = limited(time.Minute).with(wrapper.ErrRateLimited)
)

// stories is the matrix of calls.
var stories = []story{
	{
		name:  "five times the same trouble",
		scene: scene{slack: times(9, slacktest.Outage(502))},
		gets:  outage(502).saying("5 attempts"),
		sent:  backoff,
	},
	{
		name:  "five times no connection",
		scene: scene{slack: times(9, breaks(syscall.ECONNRESET))},
		gets:  broken(syscall.ECONNRESET).saying("5 attempts"),
		sent:  backoff,
	},
	{
		name:  "five rate limits",
		scene: scene{slack: times(9, minute)},
		gets:  limitedMinute,
		sent:  []*gap{now, exactly(time.Minute), exactly(time.Minute), exactly(time.Minute), exactly(time.Minute)},
	},
	{
		name:  "five rate limits without Retry-After",
		scene: scene{slack: times(9, status(429))},
		gets:  limited(0),
		sent:  untold,
	},
	{
		name:  "four kinds of trouble, then ok",
		scene: scene{slack: []slacktest.Answer{breaks(syscall.ECONNRESET), slacktest.Outage(500), slacktest.RateLimited(9 * time.Second), body("[]")}},
		gets:  success,
		sent:  []*gap{now, jitter, upTo(time.Second), exactly(9 * time.Second), upTo(4 * time.Second)},
	},
	{
		name:  "the largest backoff is MaxDelay",
		scene: scene{slack: times(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{MaxDelay: 600 * time.Millisecond}},
		gets:  outage(500),
		sent:  []*gap{now, jitter, upTo(600 * time.Millisecond), upTo(600 * time.Millisecond), upTo(600 * time.Millisecond)},
	},
	{
		name:  "MaxAttempts",
		scene: scene{slack: times(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{MaxAttempts: 2}},
		gets:  outage(500),
		sent:  backoff[:2],
	},
	{
		name:  "Retryable says that nothing is",
		scene: scene{slack: times(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{Retryable: func(error) bool { return false }}},
		gets:  outage(500),
		sent:  once,
	},
	{
		name:  "Retryable says that all is",
		scene: scene{slack: times(9, slacktest.Refused("user_not_found")), retry: wrapper.RetryOptions{Retryable: func(error) bool { return true }}},
		gets:  refused(wrapper.ErrUserNotFound),
		sent:  backoff,
	},

	{
		name:  "Retry-After of just MaxRateLimitWait",
		scene: scene{slack: []slacktest.Answer{slacktest.RateLimited(2 * time.Minute)}},
		gets:  success,
		sent:  []*gap{now, exactly(2 * time.Minute)},
	},
	{
		name:  "Retry-After longer than MaxRateLimitWait",
		scene: scene{slack: []slacktest.Answer{rateLimited("121")}},
		gets:  limited(121 * time.Second).with(wrapper.ErrRateLimited).saying("retry after 2m1s"),
		sent:  once,
	},
	{
		name:  "absurd Retry-After",
		scene: scene{slack: []slacktest.Answer{status(429).With("Retry-After", "99999999999999999999")}},
		gets:  limited(1<<63 - 1),
		sent:  once,
	},
	{
		name:  "absurd HTTP date",
		scene: scene{slack: []slacktest.Answer{status(429).With("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")}},
		gets:  limited(1<<63 - 1),
		sent:  once,
	},
	{
		name:  "503 with a Retry-After longer than MaxRateLimitWait",
		scene: scene{slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "3600")}},
		gets:  outage(503).asking(time.Hour),
		sent:  once,
	},
	{
		name: "Retry-After within a small MaxRateLimitWait, and a long backoff",
		scene: scene{
			slack: []slacktest.Answer{slacktest.RateLimited(time.Second)},
			retry: wrapper.RetryOptions{MinDelay: time.Hour, MaxDelay: time.Hour, MaxRateLimitWait: time.Second},
		},
		gets: success,
		sent: []*gap{now, between(time.Second, time.Hour)},
	},

	{
		name:  "cancelled before",
		scene: scene{ctx: cancelledAfter(0)},
		gets:  nothing.and(context.Canceled).because("canceled"),
	},
	{
		name:  "deadline passed before",
		scene: scene{ctx: deadline(-time.Second)},
		gets:  nothing.and(context.DeadlineExceeded).because("deadline"),
	},
	{
		name:  "cancelled during the request",
		scene: scene{ctx: cancelledAfter(3 * time.Second), slack: []slacktest.Answer{{Delay: 10 * time.Second}}},
		gets:  broken(context.Canceled).ending().because("canceled"),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "cancelled during the answer",
		scene: scene{ctx: cancelledAfter(3 * time.Second), slack: []slacktest.Answer{{Drip: time.Second}}},
		gets:  noVerdict.and(context.Canceled),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "deadline during the request",
		scene: scene{ctx: deadline(3 * time.Second), slack: []slacktest.Answer{{Delay: 10 * time.Second}}},
		gets:  broken(context.DeadlineExceeded).because("deadline"),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "deadline during the answer",
		scene: scene{ctx: deadline(3 * time.Second), slack: []slacktest.Answer{{Drip: time.Second}}},
		gets:  noVerdict.and(context.DeadlineExceeded),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "cancelled during a rate limit",
		scene: scene{ctx: cancelledAfter(10 * time.Second), slack: []slacktest.Answer{minute}},
		gets:  limitedMinute.and(context.Canceled),
		sent:  once,
		ends:  exactly(10 * time.Second),
	},
	{
		name:  "cancelled during a wait",
		scene: scene{ctx: cancelledAfter(10 * time.Second), slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		gets:  outage(503).asking(time.Minute).and(context.Canceled),
		sent:  once,
		ends:  exactly(10 * time.Second),
	},
	{
		name:  "deadline before a rate limit ends",
		scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{minute}},
		gets:  limitedMinute.and(context.DeadlineExceeded).saying("the wait would outlast the context").stopping(),
		sent:  once,
	},
	{
		name:  "deadline before a 503's Retry-After ends",
		scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		gets:  outage(503).asking(time.Minute).and(context.DeadlineExceeded).saying("the wait would outlast the context").stopping(),
		sent:  once,
	},
	{
		name:  "deadline after the rate limit ends",
		scene: scene{ctx: deadline(61 * time.Second), slack: []slacktest.Answer{minute}},
		gets:  success,
		sent:  []*gap{now, exactly(time.Minute)},
	},

	{
		name:  "token source fails",
		scene: scene{source: tokens()},
		gets:  nothing.and(errBoom).saying("token source: boom").because("token_source").stopping(),
	},
	{
		name:  "token source fails after trouble",
		scene: scene{source: tokens(token), slack: times(9, slacktest.Refused("service_unavailable"))},
		gets:  trouble(wrapper.ErrServiceUnavailable).and(errBoom).saying("token source: boom").ending().stopping(),
		sent:  once,
		ends:  jitter,
	},
	{
		name:  "token source blocks until the deadline",
		scene: scene{source: blockedSource, ctx: deadline(5 * time.Second)},
		gets:  nothing.and(context.DeadlineExceeded).because("deadline"),
		ends:  exactly(5 * time.Second),
	},
	{
		name:  "token source outlasts the deadline",
		scene: scene{source: stubborn, ctx: deadline(5 * time.Second)},
		gets:  nothing.and(context.DeadlineExceeded).because("deadline"),
		ends:  exactly(time.Minute),
	},
	{
		name:  "token source returns nothing",
		scene: scene{source: tokens("")},
		gets:  nothing.and(wrapper.ErrInvalidToken).saying("it is empty").because("invalid_token").stopping(),
	},
	{
		name:  "token source returns a line break",
		scene: scene{source: tokens(token + "\n")},
		gets:  nothing.and(wrapper.ErrInvalidToken).saying("line break").because("invalid_token").stopping(),
	},
	{
		name:  "no token source",
		scene: scene{source: func() wrapper.TokenSource { return nil }},
		gets:  nothing.and(wrapper.ErrInvalidOptions).saying("TokenSource is nil").because("invalid_options").stopping(),
	},
	{
		name: "token source speaks Slack's words",
		scene: scene{source: func() wrapper.TokenSource {
			return func(context.Context) (string, error) {
				return "", &wrapper.Error{StatusCode: 503, Method: "oauth.v2.access"}
			}
		}},
		gets: nothing.saying("token source: slack: oauth.v2.access").because("token_source").stopping(),
	},

	{
		name:  "token expired, and another one",
		scene: scene{source: tokens(token, token+"2"), slack: times(1, slacktest.Refused("token_expired"))},
		gets:  success,
		sent:  twice,
	},
	{
		name: "token expired, and another one, with MaxAttempts 1",
		scene: scene{
			source: tokens(token, token+"2"), slack: times(1, slacktest.Refused("token_expired")),
			retry: wrapper.RetryOptions{MaxAttempts: 1},
		},
		gets: success,
		sent: twice,
	},
	{
		name:  "token expired, and the same again",
		scene: scene{source: tokens(token, token), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused(wrapper.ErrTokenExpired).stopping(),
		sent:  once,
	},
	{
		name:  "token expired, and no other",
		scene: scene{source: tokens(token), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused(wrapper.ErrTokenExpired).and(errBoom).stopping(),
		sent:  once,
	},
	{
		name:  "every token expired",
		scene: scene{source: tokens(token, token+"2", token+"3"), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused(wrapper.ErrTokenExpired).stopping(),
		sent:  twice,
	},
	{
		name: "token expired, and then trouble",
		scene: scene{
			source: tokens(token, token+"2", token+"3", token+"4", token+"5", token+"6", token+"7"),
			slack:  append(times(1, slacktest.Refused("token_expired")), times(9, slacktest.Outage(500))...),
		},
		gets: outage(500),
		sent: []*gap{now, now, upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second), upTo(8 * time.Second)},
	},
	{
		name: "token expired after trouble",
		scene: scene{
			source: tokens(token, token+"2", token+"3"),
			slack:  []slacktest.Answer{slacktest.Outage(500), slacktest.Refused("token_expired")},
		},
		gets: success,
		sent: []*gap{now, jitter, now},
	},

	{
		name:  "limiter fails",
		scene: scene{limiter: passing(0)},
		gets:  nothing.and(errBoom).saying("limiter: boom").because("limiter").stopping(),
	},
	{
		name:  "limiter fails after trouble",
		scene: scene{limiter: passing(1), slack: times(9, slacktest.Outage(500))},
		gets:  outage(500).and(errBoom).saying("limiter: boom").ending().stopping(),
		sent:  once,
		ends:  jitter,
	},
}

func TestHowACallGoes(t *testing.T) {
	for _, s := range stories {
		eachWay(t, s.name, s.assert)
	}
}

func (s story) assert(t *testing.T, w way) {
	p := s.play(t, w)

	s.gets.assert(t, p.resp, p.err)
	require.Len(t, p.calls, len(s.sent), "requests; the end was %v", p.err)
	require.Len(t, p.attempts, len(s.sent))
	last := p.began
	for i, c := range p.calls {
		s.sent[i].assert(t, c.At.Sub(last), fmt.Sprint("request ", i+1))
		last = c.At
		assert.Equal(t, i+1, p.attempts[i].Number)
		if i > 0 {
			assert.LessOrEqual(t, p.attempts[i-1].Delay, c.At.Sub(p.calls[i-1].At), "the announced wait")
		}
	}
	ends := s.ends
	if ends == nil {
		ends = now
		if n := len(p.attempts); n > 0 && !s.gets.ok {
			assert.Zero(t, p.attempts[n-1].Delay, "the wait announced after the last attempt")
		}
	}
	ends.assert(t, p.ended.Sub(last), "the end")
	p.assertNoEffectDenied(t)
}

// heldBack is a call that made no request because of another's rate limit.
func heldBack(remaining time.Duration) gets {
	return gets{code: wrapper.ErrRateLimited, is: []error{wrapper.ErrRateLimited}, retryAfter: remaining, unsent: true, reason: "ratelimited"}
}

func TestALimitThatAnotherCallMetHoldsBack(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer slacktest.Answer
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		gets   gets
		ends   *gap
	}{
		{"until it ends", minute, nil, success, between(time.Minute, 61*time.Second)},
		{
			"not at all if longer than MaxRateLimitWait", slacktest.RateLimited(121 * time.Second), nil,
			heldBack(121 * time.Second).saying("an earlier answer asked to wait 2m1s"),
			now,
		},
		{"not at all if longer than the context", minute, deadline(30 * time.Second), heldBack(time.Minute).and(context.DeadlineExceeded).saying("the wait would outlast the context").stopping(), now},
		{"until the call is cancelled", minute, cancelledAfter(30 * time.Second), nothing.and(context.Canceled).because("canceled"), exactly(30 * time.Second)},
		{
			"not at all if it is an outage that asks for too long", slacktest.Outage(503).With("Retry-After", "121"), nil,
			gets{retryAfter: 121 * time.Second, unsent: true, reason: "no_answer", says: "asked to wait 2m1s"},
			now,
		},
		{"also if it is an outage", slacktest.Outage(503).With("Retry-After", "60"), nil, success, between(time.Minute, 61*time.Second)},
	} {
		eachWay(t, tt.name, func(t *testing.T, w way) {
			slack := slacktest.New()
			slack.Script(tt.answer)
			c := newClient(t, slack, wrapper.Options{Encoding: w.encoding})
			go func() { _, _ = w.call(t.Context(), c) }()
			synctest.Wait()
			ctx := t.Context()
			if tt.ctx != nil {
				limited, cancel := tt.ctx(ctx)
				defer cancel()
				ctx = limited
			}

			start := time.Now()
			resp, err := w.call(ctx, c)
			tt.gets.assert(t, resp, err)
			tt.ends.assert(t, time.Since(start), "the end")
			if tt.gets.ok {
				return
			}
			assert.Len(t, slack.Calls(), 1, "nothing is sent")
			var e *wrapper.Error
			require.ErrorAs(t, err, &e)
			assert.Zero(t, e.Attempts)
			assert.Empty(t, e.RequestID, "no other call's")
		})
	}
}

func TestALimitThatIsMetWhileTheTokenIsFetchedHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(minute)
		var asked atomic.Int32
		c := newClient(t, slack, wrapper.Options{}).WithTokenSource(func(context.Context) (string, error) {
			if asked.Add(1) == 1 {
				time.Sleep(10 * time.Second)
			}
			return token, nil
		})
		start := time.Now()
		go func() { _, _ = reset(t.Context(), c) }()
		synctest.Wait()
		_, err := reset(t.Context(), c)
		require.NoError(t, err)
		synctest.Wait()

		for i, call := range slack.Calls()[1:] {
			assert.GreaterOrEqual(t, call.At.Sub(start), time.Minute, "request %d", i+2)
		}
	})
}

func TestALimitHoldsBackNeitherTheOtherMethodNorAnotherWorkspace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(time.Hour))
		c := newClient(t, slack, wrapper.Options{})
		_, err := reset(t.Context(), c)
		require.ErrorIs(t, err, wrapper.ErrRateLimited)

		start := time.Now()
		_, err = invalidate(t.Context(), c)
		require.NoError(t, err)
		_, err = reset(t.Context(), c.WithTokenSource(wrapper.StaticToken(token)))
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
	})
}
