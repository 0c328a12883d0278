package wrapper_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
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
	longer  = []*gap{untold, between(10*time.Second, 12*time.Second), between(20*time.Second, 24*time.Second), between(40*time.Second, 48*time.Second)}
	minute  = slacktest.RateLimited(time.Minute)
	open    = slacktest.Answer{Err: syscall.ECONNRESET, Effect: true} // leaves open whether it took effect

	limitedMinute = limited(time.Minute).with("ratelimited")
	refusedRoute  = slacktest.ConnectionRefused()
)

// stories is the matrix of calls. The marks are those of the five questions.
var stories = []story{
	{
		name:  "five times the same trouble",
		scene: scene{slack: times(9, slacktest.Outage(502))},
		gets:  other(502, retryable|inDoubt).saying("5 attempts"),
		sent:  backoff,
	},
	{
		name:  "five times no connection",
		scene: scene{slack: times(9, refusedRoute)},
		gets:  noRoute.by(syscall.ECONNREFUSED).saying("5 attempts"),
		sent:  backoff,
	},
	{
		name:  "five times no answer in time",
		scene: scene{slack: times(9, slacktest.Hanging())},
		gets:  timedOut.saying("no response within 30s; gave up after 5 attempts"),
		sent: []*gap{
			now, afterTimeout, between(thirty, 31*time.Second), between(thirty, 32*time.Second), between(thirty, 34*time.Second),
		},
		ends: exactly(thirty),
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
		sent:  slices.Concat(once, longer),
	},
	{
		name:  "seven rate limits without Retry-After",
		scene: scene{slack: times(9, rateLimited("soon")), retry: wrapper.RetryOptions{MaxAttempts: 7}},
		gets:  limited(0).with("ratelimited"),
		sent:  slices.Concat(once, longer, []*gap{between(60*time.Second, 72*time.Second), between(60*time.Second, 72*time.Second)}),
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
		gets:  other(500, retryable|inDoubt),
		sent:  []*gap{now, jitter, upTo(600 * time.Millisecond), upTo(600 * time.Millisecond), upTo(600 * time.Millisecond)},
	},
	{
		name:  "MaxAttempts",
		scene: scene{slack: times(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{MaxAttempts: 2}},
		gets:  other(500, retryable|inDoubt),
		sent:  backoff[:2],
	},
	{
		name:  "Retryable says that nothing is",
		scene: scene{slack: times(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{Retryable: func(error) bool { return false }}},
		gets:  other(500, retryable|inDoubt),
		sent:  once,
	},
	{
		name:  "Retryable says that all is",
		scene: scene{slack: times(9, slacktest.Refused("user_not_found")), retry: wrapper.RetryOptions{Retryable: func(error) bool { return true }}},
		gets:  refused("user_not_found", final),
		sent:  backoff,
	},

	{
		name:  "Retry-After of just MaxRetryAfter",
		scene: scene{slack: []slacktest.Answer{slacktest.RateLimited(2 * time.Minute)}},
		gets:  success,
		sent:  []*gap{now, exactly(2 * time.Minute)},
	},
	{
		name:  "Retry-After longer than MaxRetryAfter",
		scene: scene{slack: []slacktest.Answer{rateLimited("121")}},
		gets:  limited(121 * time.Second).with("ratelimited").saying("retry after 2m1s"),
		sent:  once,
	},
	{
		name:  "absurd Retry-After",
		scene: scene{slack: []slacktest.Answer{tooMany("99999999999999999999")}},
		gets:  limited(1<<63 - 1),
		sent:  once,
	},
	{
		name:  "503 with a Retry-After longer than MaxRetryAfter",
		scene: scene{slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "3600")}},
		gets:  other(503, retryable|inDoubt).asking(time.Hour),
		sent:  once,
	},
	{
		name: "Retry-After within a small MaxRetryAfter, and a long backoff",
		scene: scene{
			slack: []slacktest.Answer{slacktest.RateLimited(time.Second)},
			retry: wrapper.RetryOptions{MinDelay: time.Hour, MaxDelay: time.Hour, MaxRetryAfter: time.Second},
		},
		gets: success,
		sent: []*gap{now, between(time.Second, time.Hour)},
	},

	{
		name:  "cancelled before",
		scene: scene{ctx: cancelledAfter(0)},
		gets:  fails(0, "", notSent, "canceled").by(context.Canceled),
	},
	{
		name:  "deadline passed before",
		scene: scene{ctx: deadline(-time.Second)},
		gets:  fails(0, "", retryable|notSent, "deadline").by(context.DeadlineExceeded),
	},
	{
		name:  "cancelled during the request",
		scene: scene{ctx: cancelledAfter(3 * time.Second), slack: []slacktest.Answer{{Delay: 10 * time.Second}}},
		gets:  fails(0, "", inDoubt, "canceled").by(context.Canceled),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "cancelled during the answer",
		scene: scene{ctx: cancelledAfter(3 * time.Second), slack: []slacktest.Answer{{Drip: time.Second}}},
		gets:  fails(200, "", inDoubt, "canceled").by(context.Canceled),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "deadline during the request",
		scene: scene{ctx: deadline(3 * time.Second), slack: []slacktest.Answer{{Delay: 10 * time.Second}}},
		gets:  fails(0, "", retryable|inDoubt, "deadline").by(context.DeadlineExceeded),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "deadline during the answer",
		scene: scene{ctx: deadline(3 * time.Second), slack: []slacktest.Answer{{Drip: time.Second}}},
		gets:  fails(200, "", retryable|inDoubt, "deadline").by(context.DeadlineExceeded),
		sent:  once,
		ends:  exactly(3 * time.Second),
	},
	{
		name:  "deadline during a backoff",
		scene: scene{ctx: deadline(thirty + time.Millisecond), slack: times(9, slacktest.Hanging()), retry: wrapper.RetryOptions{MinDelay: time.Hour, MaxDelay: time.Hour}},
		gets:  fails(0, "", retryable|inDoubt, "timeout").by(os.ErrDeadlineExceeded, context.DeadlineExceeded).saying("no response within 30s; the context would end first"),
		sent:  once,
		ends:  exactly(thirty),
	},
	{
		name:  "cancelled during a rate limit",
		scene: scene{ctx: cancelledAfter(10 * time.Second), slack: []slacktest.Answer{minute}},
		gets:  fails(429, "ratelimited", final, "ratelimited").asking(time.Minute).by(context.Canceled).saying("context canceled"),
		sent:  once,
		ends:  exactly(10 * time.Second),
	},
	{
		name:  "cancelled during a wait",
		scene: scene{ctx: cancelledAfter(10 * time.Second), slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		gets:  other(503, inDoubt).asking(time.Minute).by(context.Canceled),
		sent:  once,
		ends:  exactly(10 * time.Second),
	},
	{
		name:  "deadline before a rate limit ends",
		scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{minute}},
		gets:  fails(429, "ratelimited", retryable|stopsRun, "ratelimited").asking(time.Minute).by(context.DeadlineExceeded).saying("the context would end first"),
		sent:  once,
	},
	{
		name:  "deadline before a rate limit without Retry-After ends",
		scene: scene{ctx: deadline(4 * time.Second), slack: []slacktest.Answer{status(429)}},
		gets:  fails(429, "", retryable|stopsRun, "ratelimited").by(context.DeadlineExceeded),
		sent:  once,
	},
	{
		name:  "deadline before a 503's Retry-After ends",
		scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		gets:  other(503, retryable|inDoubt|stopsRun).asking(time.Minute).by(context.DeadlineExceeded),
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
		gets:  fails(0, "", notSent|stopsRun, "token_source").by(errBoom).saying("token source: boom"),
	},
	{
		name:  "token source fails after trouble",
		scene: scene{source: tokens(token), slack: times(9, slacktest.Refused("service_unavailable"))},
		gets:  refused("service_unavailable", stopsRun).by(errBoom).saying("token source: boom"),
		sent:  once,
		ends:  jitter,
	},
	{
		name:  "token source fails after rate limits",
		scene: scene{source: tokens(token, token), slack: times(2, minute)},
		gets:  fails(429, "ratelimited", stopsRun, "ratelimited").asking(time.Minute).by(errBoom),
		sent:  []*gap{now, exactly(time.Minute)},
		ends:  now, // the token comes before the wait for a turn
	},
	{
		name:  "token source fails where there was no connection",
		scene: scene{source: tokens(token), slack: times(9, refusedRoute)},
		gets:  fails(0, "", notSent|stopsRun, "no_answer").by(syscall.ECONNREFUSED, errBoom),
		sent:  once,
		ends:  jitter,
	},
	{
		name:  "token source blocks until the deadline",
		scene: scene{source: blockedSource, ctx: deadline(5 * time.Second)},
		gets:  fails(0, "", retryable|notSent, "deadline").by(context.DeadlineExceeded),
		ends:  exactly(5 * time.Second),
	},
	{
		name:  "token source outlasts the deadline",
		scene: scene{source: stubborn, ctx: deadline(5 * time.Second)},
		gets:  fails(0, "", retryable|notSent, "deadline").by(context.DeadlineExceeded),
		ends:  exactly(time.Minute),
	},
	{
		name: "token source has a deadline of its own",
		scene: scene{source: func() wrapper.TokenSource {
			return func(context.Context) (string, error) { return "", fmt.Errorf("vault: %w", context.DeadlineExceeded) }
		}},
		gets: fails(0, "", notSent|stopsRun, "token_source").saying("token source: vault: context deadline exceeded"),
	},
	{
		name:  "token source returns nothing",
		scene: scene{source: tokens("")},
		gets:  fails(0, "", notSent|stopsRun, "invalid_token").by(wrapper.ErrInvalidToken).saying("it is empty"),
	},
	{
		name:  "no token source",
		scene: scene{source: func() wrapper.TokenSource { return nil }},
		gets:  fails(0, "", notSent|stopsRun, "invalid_options").by(wrapper.ErrInvalidOptions).saying("TokenSource is nil"),
	},
	{
		name: "token source speaks Slack's words",
		scene: scene{source: func() wrapper.TokenSource {
			return func(context.Context) (string, error) {
				return "", &wrapper.Error{StatusCode: 503, Method: "oauth.v2.access"}
			}
		}},
		gets: fails(0, "", notSent|stopsRun, "token_source").saying("token source: slack: oauth.v2.access"),
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
		name: "token expired with a Retry-After, and another one",
		scene: scene{
			source: tokens(token, token+"2"), slack: times(1, slacktest.Refused("token_expired").With("Retry-After", "7")),
		},
		gets: success,
		sent: []*gap{now, exactly(7 * time.Second)},
	},
	{
		name:  "token expired, and the same again",
		scene: scene{source: tokens(token, token), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused("token_expired", stopsRun),
		sent:  once,
	},
	{
		name:  "token expired, and no other",
		scene: scene{source: tokens(token), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused("token_expired", stopsRun).by(errBoom),
		sent:  once,
	},
	{
		name:  "every token expired",
		scene: scene{source: tokens(token, token+"2", token+"3"), slack: times(9, slacktest.Refused("token_expired"))},
		gets:  refused("token_expired", stopsRun),
		sent:  twice,
	},
	{
		name: "token expired, and then trouble",
		scene: scene{
			source: tokens(token, token+"2", token+"3", token+"4", token+"5", token+"6", token+"7"),
			slack:  append(times(1, slacktest.Refused("token_expired")), times(9, slacktest.Outage(500))...),
		},
		gets: other(500, retryable|inDoubt),
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
		gets:  fails(0, "", notSent|stopsRun, "limiter").by(errBoom).saying("limiter: boom"),
	},
	{
		name:  "limiter fails after trouble",
		scene: scene{limiter: passing(1), slack: times(9, slacktest.Outage(500))},
		gets:  other(500, inDoubt|stopsRun).by(errBoom).saying("limiter: boom"),
		sent:  once,
		ends:  jitter,
	},

	// What one attempt left open later ones do not clear.
	{
		name:  "session_not_found can be the echo of the call's own success",
		scene: scene{slack: []slacktest.Answer{open, slacktest.Refused("session_not_found")}},
		gets:  refused("session_not_found", inDoubt),
		sent:  backoff[:2],
	},
	{
		name:  "left open, then the token is refused",
		scene: scene{slack: []slacktest.Answer{slacktest.Outage(500), slacktest.Refused("token_revoked")}},
		gets:  refused("token_revoked", inDoubt|stopsRun),
		sent:  backoff[:2],
	},
	{
		name:  "left open, then no connection any more",
		scene: scene{slack: append(times(1, open), times(9, refusedRoute)...)},
		gets:  broken.by(syscall.ECONNREFUSED),
		sent:  backoff,
	},
	{
		name:  "left open, then a redirect",
		scene: scene{slack: []slacktest.Answer{body("[]"), redirect(307, "/")}},
		gets:  fails(307, "", inDoubt, "redirect"),
		sent:  backoff[:2],
	},
	{
		name:  "left open, then rate limits to the end",
		scene: scene{slack: append(times(1, slacktest.Refused("internal_error")), times(9, status(429))...)},
		gets:  fails(429, "", retryable|inDoubt, "ratelimited"),
		sent:  slices.Concat(backoff[:2], longer[:3]),
	},
	{
		name:  "left open, then a rate limit that lasts too long",
		scene: scene{slack: []slacktest.Answer{{Cut: true}, slacktest.RateLimited(time.Hour)}},
		gets:  fails(429, "ratelimited", retryable|inDoubt, "ratelimited").asking(time.Hour),
		sent:  backoff[:2],
	},
	{
		name:  "left open, then a wait that is cancelled",
		scene: scene{ctx: cancelledAfter(10 * time.Second), slack: []slacktest.Answer{open, minute}},
		gets:  fails(429, "ratelimited", inDoubt, "ratelimited").asking(time.Minute).by(context.Canceled),
		sent:  backoff[:2],
		ends:  between(9500*time.Millisecond, 10*time.Second),
	},
	{
		name:  "left open, then a wait that is not begun",
		scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{open, minute}},
		gets:  fails(429, "ratelimited", retryable|inDoubt|stopsRun, "ratelimited").asking(time.Minute).by(context.DeadlineExceeded),
		sent:  backoff[:2],
	},
	{
		name:  "left open, then the token source fails",
		scene: scene{source: tokens(token), slack: []slacktest.Answer{open}},
		gets:  fails(0, "", inDoubt|stopsRun, "no_answer").by(syscall.ECONNRESET, errBoom),
		sent:  once,
		ends:  jitter,
	},
	{
		name:  "left open, then the limiter fails",
		scene: scene{limiter: passing(1), slack: []slacktest.Answer{open}},
		gets:  fails(0, "", inDoubt|stopsRun, "no_answer").by(syscall.ECONNRESET, errBoom),
		sent:  once,
		ends:  jitter,
	},
	{
		name:  "left open, then a new token is refused",
		scene: scene{source: tokens(token, token, token+"2"), slack: []slacktest.Answer{open, slacktest.Refused("token_expired"), slacktest.Refused("invalid_auth")}},
		gets:  refused("invalid_auth", inDoubt|stopsRun),
		sent:  []*gap{now, jitter, now},
	},
	{
		name:  "left open, then there is no new token",
		scene: scene{source: tokens(token, token, token), slack: []slacktest.Answer{open, slacktest.Refused("token_expired")}},
		gets:  refused("token_expired", inDoubt|stopsRun),
		sent:  backoff[:2],
	},
	{
		name: "never left open: refusals that pass, and one that does not",
		scene: scene{slack: []slacktest.Answer{
			slacktest.Refused("service_unavailable"), slacktest.Refused("request_timeout"), status(429), slacktest.Refused("user_not_found"),
		}},
		gets: refused("user_not_found", final),
		sent: []*gap{now, jitter, upTo(time.Second), untold},
	},
	{
		name:  "never left open: a rate limit, then no connection",
		scene: scene{slack: append(times(1, minute), times(9, refusedRoute)...)},
		gets:  fails(0, "", retryable, "no_answer").by(syscall.ECONNREFUSED),
		sent:  []*gap{now, exactly(time.Minute), upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second)},
	},
	{
		name:  "never left open: no connection, then TLS that is not trusted",
		scene: scene{slack: []slacktest.Answer{refusedRoute, breaks(x509.UnknownAuthorityError{})}},
		gets:  notTrusted,
		sent:  backoff[:2],
	},
}

func TestHowACallGoes(t *testing.T) {
	for _, s := range stories {
		eachWay(t, s.name, s.assert)
	}
}

func (s story) assert(t *testing.T, w way) {
	p := s.play(t, w)

	p.assert(t, s.gets)
	require.Len(t, p.calls, len(s.sent), "requests; the end was %v", p.err)
	require.Len(t, p.attempts, len(s.sent))
	last := p.began
	for i, c := range p.calls {
		s.sent[i].assert(t, c.At.Sub(last), fmt.Sprint("request ", i+1))
		last = c.At
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
			"not at all if longer than MaxRetryAfter", slacktest.RateLimited(121 * time.Second), nil,
			fails(0, "ratelimited", retryable|notSent, "ratelimited").asking(121 * time.Second).saying("an earlier response asked to wait 2m1s"),
			now,
		},
		{
			"not at all if longer than the context", minute, deadline(30 * time.Second),
			fails(0, "ratelimited", retryable|notSent|stopsRun, "ratelimited").asking(time.Minute).by(context.DeadlineExceeded).saying("the context would end first"),
			now,
		},
		{
			"until the call is cancelled", minute, cancelledAfter(thirty),
			fails(0, "", notSent, "canceled").by(context.Canceled),
			exactly(thirty),
		},
		{"also if it is a refusal that is transient", slacktest.Refused("service_unavailable").With("Retry-After", "60"), nil, success, between(time.Minute, 61*time.Second)},
		{"also if it is a 503", down("60"), nil, success, between(time.Minute, 61*time.Second)},
		{
			"not at all if a 503's is longer than MaxRetryAfter", down("121"), nil,
			fails(0, "", retryable|notSent, "no_answer").asking(121 * time.Second),
			now,
		},
		{
			"not at all if a 503's is longer than the context", down("60"), deadline(30 * time.Second),
			fails(0, "", retryable|notSent, "deadline").asking(time.Minute).by(context.DeadlineExceeded),
			now,
		},
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
			assert.Empty(t, e.RequestID, "of another call's request")
		})
	}
}

func down(retryAfter string) slacktest.Answer {
	return slacktest.Outage(503).With("Retry-After", retryAfter)
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
