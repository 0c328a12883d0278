package wrapper_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// callCase is a call of more than one response, or one that ends for another reason than a response.
type callCase struct {
	name string
	setup
	want     result
	requests []delayRange // before each request
	returns  delayRange   // from the last request to the return
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

// tokens is a source that supplies one token after the other, and then fails.
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

// failingSource is a source that always returns this error.
func failingSource(err error) func() wrapper.TokenSource {
	return func() wrapper.TokenSource {
		return func(context.Context) (string, error) { return "", err }
	}
}

func sourceThatWaitsForContext() wrapper.TokenSource {
	return func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
}

// slowSource is a source that takes a minute, whatever its context says.
func slowSource(err error) func() wrapper.TokenSource {
	return func() wrapper.TokenSource {
		return func(context.Context) (string, error) {
			time.Sleep(time.Minute)
			return token, err
		}
	}
}

// limiterOf is a limiter that lets n attempts pass, and then fails.
func limiterOf(n int) func() wrapper.Limiter {
	return func() wrapper.Limiter {
		left := n
		return limiterFunc(func(context.Context) error {
			if left--; left < 0 {
				return errBoom
			}
			return nil
		})
	}
}

func failingLimiter(err error) func() wrapper.Limiter {
	return func() wrapper.Limiter {
		return limiterFunc(func(context.Context) error { return err })
	}
}

func repeated(n int, a slacktest.Answer) []slacktest.Answer {
	return slices.Repeat([]slacktest.Answer{a}, n)
}

func unavailable(retryAfter string) slacktest.Answer {
	return slacktest.Outage(503).With("Retry-After", retryAfter)
}

// century is a largest backoff so long that the backoff ends within seconds at most once in 100 million times.
const century = 100 * 365 * 24 * time.Hour

// What many cases have in common.
var (
	oneRequest     = []delayRange{immediately}
	defaultBackoff = []delayRange{immediately, firstBackoff, upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second)}
	defaultHolds   = []delayRange{ // while rate limits without a usable Retry-After follow each other
		defaultHold, between(10*time.Second, 12*time.Second), between(20*time.Second, 24*time.Second),
		between(40*time.Second, 48*time.Second), between(60*time.Second, 72*time.Second), between(60*time.Second, 72*time.Second),
	}

	rateLimitedForMinute = slacktest.RateLimited(time.Minute)
	throttledForMinute   = throttled(time.Minute).withCode("ratelimited")
	connectionRefused    = slacktest.ConnectionRefused()
	resetAfterEffect     = slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}
)

var retryCases = []callCase{
	{
		name:     "five 502s",
		setup:    setup{responses: repeated(9, slacktest.Outage(502))},
		want:     httpError(502, retryable|unknown).withText("gave up after 5 attempts"),
		requests: defaultBackoff,
	},
	{
		name:     "five refused connections",
		setup:    setup{responses: repeated(9, connectionRefused)},
		want:     notConnected.withCauses(syscall.ECONNREFUSED).withText("gave up after 5 attempts"),
		requests: defaultBackoff,
	},
	{
		name:  "five attempts that time out",
		setup: setup{responses: repeated(9, slacktest.Hanging())},
		want:  attemptTimedOut.withText("timed out after 30s; gave up after 5 attempts"),
		requests: []delayRange{
			immediately, backoffAfterTimeout, between(attemptTimeout, 31*time.Second), between(attemptTimeout, 32*time.Second), between(attemptTimeout, 34*time.Second),
		},
		returns: exactly(attemptTimeout),
	},
	{
		name:     "five rate limits",
		setup:    setup{responses: repeated(9, rateLimitedForMinute)},
		want:     throttledForMinute.withText("gave up after 5 attempts"),
		requests: []delayRange{immediately, exactly(time.Minute), exactly(time.Minute), exactly(time.Minute), exactly(time.Minute)},
	},
	{
		name:     "seven rate limits without Retry-After",
		setup:    setup{responses: repeated(9, rateLimitedWith("soon")), retry: wrapper.RetryOptions{MaxAttempts: 7}},
		want:     throttled(0).withCode("ratelimited"),
		requests: slices.Concat(oneRequest, defaultHolds),
	},
	{
		name:     "four kinds of failures, then ok",
		setup:    setup{responses: []slacktest.Answer{connectionError(syscall.ECONNRESET), slacktest.Outage(500), slacktest.RateLimited(9 * time.Second), body("[]")}},
		want:     success,
		requests: []delayRange{immediately, firstBackoff, upTo(time.Second), exactly(9 * time.Second), upTo(4 * time.Second)},
	},
	{
		name:     "the largest backoff is MaxDelay",
		setup:    setup{responses: repeated(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{MaxDelay: 600 * time.Millisecond}},
		want:     httpError(500, retryable|unknown),
		requests: []delayRange{immediately, firstBackoff, upTo(600 * time.Millisecond), upTo(600 * time.Millisecond), upTo(600 * time.Millisecond)},
	},
	{
		name:     "MaxAttempts 2",
		setup:    setup{responses: repeated(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{MaxAttempts: 2}},
		want:     httpError(500, retryable|unknown),
		requests: defaultBackoff[:2],
	},
	{
		name:     "Options.Retryable is always false",
		setup:    setup{responses: repeated(9, slacktest.Outage(500)), retry: wrapper.RetryOptions{Retryable: func(error) bool { return false }}},
		want:     httpError(500, retryable|unknown),
		requests: oneRequest,
	},
	{
		name:     "Options.Retryable is always true",
		setup:    setup{responses: repeated(9, slacktest.Refused("user_not_found")), retry: wrapper.RetryOptions{Retryable: func(error) bool { return true }}},
		want:     refusal("user_not_found", none),
		requests: defaultBackoff,
	},
}

var retryAfterCases = []callCase{
	{
		name:     "Retry-After of MaxRetryAfter",
		setup:    setup{responses: []slacktest.Answer{slacktest.RateLimited(2 * time.Minute)}},
		want:     success,
		requests: []delayRange{immediately, exactly(2 * time.Minute)},
	},
	{
		name:     "Retry-After longer than MaxRetryAfter",
		setup:    setup{responses: []slacktest.Answer{rateLimitedWith("121")}},
		want:     throttled(121 * time.Second).withCode("ratelimited").withText("asked to wait 2m1s, longer than MaxRetryAfter (2m0s)"),
		requests: oneRequest,
	},
	{
		name:     "absurd Retry-After",
		setup:    setup{responses: []slacktest.Answer{status429("99999999999999999999")}},
		want:     throttled(1<<63 - 1),
		requests: oneRequest,
	},
	{
		name:     "503 with a Retry-After longer than MaxRetryAfter",
		setup:    setup{responses: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "3600")}},
		want:     httpError(503, retryable|unknown).withRetryAfter(time.Hour).withText("asked to wait 1h0m0s, longer than MaxRetryAfter (2m0s)"),
		requests: oneRequest,
	},
	{
		name:     "429 without Retry-After, and a small MaxRetryAfter",
		setup:    setup{responses: repeated(9, status(429)), retry: wrapper.RetryOptions{MaxRetryAfter: time.Second}},
		want:     throttled(0).withText("no Retry-After; the wait would be longer than MaxRetryAfter (1s)"),
		requests: oneRequest,
	},
	{
		name: "Retry-After within a small MaxRetryAfter, and a long backoff",
		setup: setup{
			responses: []slacktest.Answer{slacktest.RateLimited(time.Second)},
			retry:     wrapper.RetryOptions{MinDelay: time.Hour, MaxDelay: time.Hour, MaxRetryAfter: time.Second},
		},
		want:     success,
		requests: []delayRange{immediately, between(time.Second, time.Hour)},
	},
}

var contextCases = []callCase{
	{
		name:  "cancelled before",
		setup: setup{ctx: cancelledAfter(0)},
		want:  failure(0, "", notSent, "canceled").withCauses(context.Canceled),
	},
	{
		name:  "deadline passed before",
		setup: setup{ctx: deadline(-time.Second)},
		want:  failure(0, "", retryable|notSent, "deadline").withCauses(context.DeadlineExceeded),
	},
	{
		name:     "cancelled during the request",
		setup:    setup{ctx: cancelledAfter(3 * time.Second), responses: []slacktest.Answer{{Delay: 10 * time.Second}}},
		want:     failure(0, "", unknown, "canceled").withCauses(context.Canceled),
		requests: oneRequest,
		returns:  exactly(3 * time.Second),
	},
	{
		name:     "cancelled during the response",
		setup:    setup{ctx: cancelledAfter(3 * time.Second), responses: []slacktest.Answer{{Drip: time.Second}}},
		want:     failure(200, "", unknown, "canceled").withCauses(context.Canceled),
		requests: oneRequest,
		returns:  exactly(3 * time.Second),
	},
	{
		name:     "deadline during the request",
		setup:    setup{ctx: deadline(3 * time.Second), responses: []slacktest.Answer{{Delay: 10 * time.Second}}},
		want:     failure(0, "", retryable|unknown, "deadline").withCauses(context.DeadlineExceeded),
		requests: oneRequest,
		returns:  exactly(3 * time.Second),
	},
	{
		name:     "deadline during the response",
		setup:    setup{ctx: deadline(3 * time.Second), responses: []slacktest.Answer{{Drip: time.Second}}},
		want:     failure(200, "", retryable|unknown, "deadline").withCauses(context.DeadlineExceeded),
		requests: oneRequest,
		returns:  exactly(3 * time.Second),
	},
	{
		name:     "deadline during a backoff",
		setup:    setup{ctx: deadline(attemptTimeout + time.Millisecond), responses: repeated(9, slacktest.Hanging()), retry: wrapper.RetryOptions{MinDelay: century, MaxDelay: century}},
		want:     failure(0, "", retryable|unknown, "timeout").withCauses(os.ErrDeadlineExceeded, context.DeadlineExceeded).withText("timed out after 30s; the context would end first"),
		requests: oneRequest,
		returns:  exactly(attemptTimeout),
	},
	{
		name:     "cancelled during a rate limit",
		setup:    setup{ctx: cancelledAfter(10 * time.Second), responses: []slacktest.Answer{rateLimitedForMinute}},
		want:     failure(429, "ratelimited", none, "ratelimited").withRetryAfter(time.Minute).withCauses(context.Canceled).withText("context canceled"),
		requests: oneRequest,
		returns:  exactly(10 * time.Second),
	},
	{
		name:     "cancelled during a 503's Retry-After",
		setup:    setup{ctx: cancelledAfter(10 * time.Second), responses: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		want:     httpError(503, unknown).withRetryAfter(time.Minute).withCauses(context.Canceled),
		requests: oneRequest,
		returns:  exactly(10 * time.Second),
	},
	{
		name:     "cancelled during a backoff",
		setup:    setup{ctx: cancelledAfter(time.Second), responses: repeated(9, connectionRefused), retry: wrapper.RetryOptions{MinDelay: century, MaxDelay: century}},
		want:     failure(0, "", notSent, "no_answer").withCauses(syscall.ECONNREFUSED, context.Canceled).withText("connection refused; context canceled"),
		requests: oneRequest,
		returns:  exactly(time.Second),
	},
	{
		name:     "deadline during a backoff after a refused connection",
		setup:    setup{ctx: deadline(time.Second), responses: repeated(9, connectionRefused), retry: wrapper.RetryOptions{MinDelay: century, MaxDelay: century}},
		want:     notConnected.withCauses(syscall.ECONNREFUSED, context.DeadlineExceeded).withText("connection refused; the context would end first"),
		requests: oneRequest,
	},
	{
		name:     "deadline before a rate limit ends",
		setup:    setup{ctx: deadline(10 * time.Second), responses: []slacktest.Answer{rateLimitedForMinute}},
		want:     failure(429, "ratelimited", retryable|stopsRun, "ratelimited").withRetryAfter(time.Minute).withCauses(context.DeadlineExceeded).withText("the context would end first"),
		requests: oneRequest,
	},
	{
		name:     "deadline before a rate limit without Retry-After ends",
		setup:    setup{ctx: deadline(4 * time.Second), responses: []slacktest.Answer{status(429)}},
		want:     failure(429, "", retryable|stopsRun, "ratelimited").withCauses(context.DeadlineExceeded),
		requests: oneRequest,
	},
	{
		name:     "deadline before a 503's Retry-After ends",
		setup:    setup{ctx: deadline(10 * time.Second), responses: []slacktest.Answer{slacktest.Outage(503).With("Retry-After", "60")}},
		want:     httpError(503, retryable|unknown|stopsRun).withRetryAfter(time.Minute).withCauses(context.DeadlineExceeded),
		requests: oneRequest,
	},
	{
		name:     "deadline after the rate limit ends",
		setup:    setup{ctx: deadline(61 * time.Second), responses: []slacktest.Answer{rateLimitedForMinute}},
		want:     success,
		requests: []delayRange{immediately, exactly(time.Minute)},
	},
}

var tokenSourceCases = []callCase{
	{
		name:  "token source fails",
		setup: setup{source: tokens()},
		want:  failure(0, "", notSent|stopsRun, "token_source").withCauses(errBoom).withText("token source: boom"),
	},
	{
		name:     "token source fails after a refusal",
		setup:    setup{source: tokens(token), responses: repeated(9, slacktest.Refused("service_unavailable"))},
		want:     refusal("service_unavailable", stopsRun).withCauses(errBoom).withText("token source: boom"),
		requests: oneRequest,
		returns:  firstBackoff,
	},
	{
		name:     "token source fails after rate limits",
		setup:    setup{source: tokens(token, token), responses: repeated(2, rateLimitedForMinute)},
		want:     failure(429, "ratelimited", stopsRun, "ratelimited").withRetryAfter(time.Minute).withCauses(errBoom),
		requests: []delayRange{immediately, exactly(time.Minute)},
		returns:  upTo(time.Millisecond),
	},
	{
		name:     "token source fails after a refused connection",
		setup:    setup{source: tokens(token), responses: repeated(9, connectionRefused)},
		want:     failure(0, "", notSent|stopsRun, "no_answer").withCauses(syscall.ECONNREFUSED, errBoom),
		requests: oneRequest,
		returns:  firstBackoff,
	},
	{
		name:    "token source blocks until the deadline",
		setup:   setup{source: sourceThatWaitsForContext, ctx: deadline(5 * time.Second)},
		want:    failure(0, "", retryable|notSent, "deadline").withCauses(context.DeadlineExceeded).withText("token source: context deadline exceeded"),
		returns: exactly(5 * time.Second),
	},
	{
		name:    "token source outlasts the deadline",
		setup:   setup{source: slowSource(nil), ctx: deadline(5 * time.Second)},
		want:    failure(0, "", retryable|notSent, "deadline").withCauses(context.DeadlineExceeded),
		returns: exactly(time.Minute),
	},
	{
		name:  "token source has a deadline of its own",
		setup: setup{source: failingSource(fmt.Errorf("vault: %w", context.DeadlineExceeded))},
		want:  failure(0, "", notSent|stopsRun, "token_source").withText("token source: vault: context deadline exceeded"),
	},
	{
		name:    "token source fails after the deadline",
		setup:   setup{source: slowSource(errBoom), ctx: deadline(5 * time.Second)},
		want:    failure(0, "", retryable|notSent, "deadline").withCauses(errBoom, context.DeadlineExceeded).withText("token source: boom; context deadline exceeded"),
		returns: exactly(time.Minute),
	},
	{
		name:  "token source fails with a nil *Error",
		setup: setup{source: failingSource((*wrapper.Error)(nil))},
		want:  failure(0, "", notSent|stopsRun, "token_source").withText("token source: <nil>"),
	},
	{
		name:  "token source returns nothing",
		setup: setup{source: tokens("")},
		want:  failure(0, "", notSent|stopsRun, "invalid_token").withCauses(wrapper.ErrInvalidToken).withText("it is empty"),
	},
	{
		name:  "no token source",
		setup: setup{source: func() wrapper.TokenSource { return nil }},
		want:  failure(0, "", notSent|stopsRun, "invalid_options").withCauses(wrapper.ErrInvalidOptions).withText("TokenSource is nil"),
	},
	{
		name:  "token source fails with an Error of its own",
		setup: setup{source: failingSource(&wrapper.Error{StatusCode: 503, Method: "oauth.v2.access"})},
		want:  failure(0, "", notSent|stopsRun, "token_source").withText("token source: slack: oauth.v2.access"),
	},
}

var expiredTokenCases = []callCase{
	{
		name: "token expired, and another one, with MaxAttempts 1",
		setup: setup{
			source: tokens(token, token+"2"), responses: repeated(1, slacktest.Refused("token_expired")),
			retry: wrapper.RetryOptions{MaxAttempts: 1},
		},
		want:     success,
		requests: []delayRange{immediately, immediately},
	},
	{
		name: "token expired with a Retry-After, and another one",
		setup: setup{
			source: tokens(token, token+"2"), responses: repeated(1, slacktest.Refused("token_expired").With("Retry-After", "7")),
		},
		want:     success,
		requests: []delayRange{immediately, exactly(7 * time.Second)},
	},
	{
		name: "token expired with a Retry-After beyond MaxRetryAfter",
		setup: setup{
			source: tokens(token, token+"2"), responses: repeated(1, slacktest.Refused("token_expired").With("Retry-After", "3600")),
		},
		want:     refusal("token_expired", stopsRun).withRetryAfter(time.Hour),
		requests: oneRequest,
	},
	{
		name:     "token expired, and the same again",
		setup:    setup{source: tokens(token, token), responses: repeated(9, slacktest.Refused("token_expired"))},
		want:     refusal("token_expired", stopsRun),
		requests: oneRequest,
	},
	{
		name:     "token expired, and no other",
		setup:    setup{source: tokens(token), responses: repeated(9, slacktest.Refused("token_expired"))},
		want:     refusal("token_expired", stopsRun).withCauses(errBoom),
		requests: oneRequest,
	},
	{
		name:     "every token expired",
		setup:    setup{source: tokens(token, token+"2", token+"3"), responses: repeated(9, slacktest.Refused("token_expired"))},
		want:     refusal("token_expired", stopsRun),
		requests: []delayRange{immediately, immediately},
	},
	{
		name: "token source returns the expired token once more later",
		setup: setup{
			source:    tokens(token, token+"2", token),
			responses: []slacktest.Answer{slacktest.Refused("token_expired"), slacktest.Refused("service_unavailable"), slacktest.Refused("token_expired")},
		},
		want:     refusal("token_expired", stopsRun),
		requests: []delayRange{immediately, immediately, firstBackoff},
	},
	{
		name: "token expired, then 500s",
		setup: setup{
			source:    tokens(token, token+"2", token+"3", token+"4", token+"5", token+"6", token+"7"),
			responses: append(repeated(1, slacktest.Refused("token_expired")), repeated(9, slacktest.Outage(500))...),
		},
		want:     httpError(500, retryable|unknown),
		requests: []delayRange{immediately, immediately, upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second), upTo(8 * time.Second)},
	},
	{
		name: "500, then token expired",
		setup: setup{
			source:    tokens(token, token+"2", token+"3"),
			responses: []slacktest.Answer{slacktest.Outage(500), slacktest.Refused("token_expired")},
		},
		want:     success,
		requests: []delayRange{immediately, firstBackoff, immediately},
	},
}

var limiterCases = []callCase{
	{
		name:  "limiter fails",
		setup: setup{limiter: limiterOf(0)},
		want:  failure(0, "", notSent|stopsRun, "limiter").withCauses(errBoom).withText("limiter: boom"),
	},
	{
		name:  "limiter returns context.DeadlineExceeded",
		setup: setup{limiter: failingLimiter(context.DeadlineExceeded), ctx: deadline(time.Hour)},
		want:  failure(0, "", retryable|notSent|stopsRun, "deadline").withCauses(context.DeadlineExceeded),
	},
	{
		name:  "limiter returns context.DeadlineExceeded without a deadline",
		setup: setup{limiter: failingLimiter(context.DeadlineExceeded)},
		want:  failure(0, "", notSent|stopsRun, "limiter"),
	},
	{
		name:  "limiter fails with an error that wraps context.DeadlineExceeded",
		setup: setup{limiter: failingLimiter(fmt.Errorf("redis: %w", context.DeadlineExceeded)), ctx: deadline(time.Hour)},
		want:  failure(0, "", notSent|stopsRun, "limiter"),
	},
	{
		name:     "limiter fails after a 500",
		setup:    setup{limiter: limiterOf(1), responses: repeated(9, slacktest.Outage(500))},
		want:     httpError(500, unknown|stopsRun).withCauses(errBoom).withText("limiter: boom"),
		requests: oneRequest,
		returns:  firstBackoff,
	},
}

// Once an attempt has left the outcome unknown, no later one makes it known.
var unknownOutcomeCases = []callCase{
	{
		name:     "reset after the effect, then session_not_found",
		setup:    setup{responses: []slacktest.Answer{resetAfterEffect, slacktest.Refused("session_not_found")}},
		want:     refusal("session_not_found", unknown),
		requests: defaultBackoff[:2],
	},
	{
		name:     "unknown, then the token is refused",
		setup:    setup{responses: []slacktest.Answer{slacktest.Outage(500), slacktest.Refused("token_revoked")}},
		want:     refusal("token_revoked", unknown|stopsRun),
		requests: defaultBackoff[:2],
	},
	{
		name:     "unknown, then no connection any more",
		setup:    setup{responses: append(repeated(1, resetAfterEffect), repeated(9, connectionRefused)...)},
		want:     brokenConnection.withCauses(syscall.ECONNREFUSED),
		requests: defaultBackoff,
	},
	{
		name:     "unknown, then a redirect",
		setup:    setup{responses: []slacktest.Answer{body("[]"), redirect(307, "/")}},
		want:     failure(307, "", unknown, "redirect"),
		requests: defaultBackoff[:2],
	},
	{
		name:     "unknown, then a rate limit that lasts too long",
		setup:    setup{responses: []slacktest.Answer{{Cut: true}, slacktest.RateLimited(time.Hour)}},
		want:     failure(429, "ratelimited", retryable|unknown, "ratelimited").withRetryAfter(time.Hour),
		requests: defaultBackoff[:2],
	},
	{
		name:     "unknown, then a wait that is cancelled",
		setup:    setup{ctx: cancelledAfter(10 * time.Second), responses: []slacktest.Answer{resetAfterEffect, rateLimitedForMinute}},
		want:     failure(429, "ratelimited", unknown, "ratelimited").withRetryAfter(time.Minute).withCauses(context.Canceled),
		requests: defaultBackoff[:2],
		returns:  between(9500*time.Millisecond, 10*time.Second),
	},
	{
		name:     "unknown, then a wait beyond the deadline",
		setup:    setup{ctx: deadline(10 * time.Second), responses: []slacktest.Answer{resetAfterEffect, rateLimitedForMinute}},
		want:     failure(429, "ratelimited", retryable|unknown|stopsRun, "ratelimited").withRetryAfter(time.Minute).withCauses(context.DeadlineExceeded),
		requests: defaultBackoff[:2],
	},
	{
		name:     "unknown, then the token source fails",
		setup:    setup{source: tokens(token), responses: []slacktest.Answer{resetAfterEffect}},
		want:     failure(0, "", unknown|stopsRun, "no_answer").withCauses(syscall.ECONNRESET, errBoom),
		requests: oneRequest,
		returns:  firstBackoff,
	},
	{
		name:     "unknown, then the limiter fails",
		setup:    setup{limiter: limiterOf(1), responses: []slacktest.Answer{resetAfterEffect}},
		want:     failure(0, "", unknown|stopsRun, "no_answer").withCauses(syscall.ECONNRESET, errBoom),
		requests: oneRequest,
		returns:  firstBackoff,
	},
	{
		name:     "unknown, then there is no new token",
		setup:    setup{source: tokens(token, token, token), responses: []slacktest.Answer{resetAfterEffect, slacktest.Refused("token_expired")}},
		want:     refusal("token_expired", unknown|stopsRun),
		requests: defaultBackoff[:2],
	},
	{
		name: "known: transient refusals, then user_not_found",
		setup: setup{responses: []slacktest.Answer{
			slacktest.Refused("service_unavailable"), slacktest.Refused("request_timeout"), status(429), slacktest.Refused("user_not_found"),
		}},
		want:     refusal("user_not_found", none),
		requests: []delayRange{immediately, firstBackoff, upTo(time.Second), defaultHold},
	},
	{
		name:     "known: a rate limit, then no connection",
		setup:    setup{responses: append(repeated(1, rateLimitedForMinute), repeated(9, connectionRefused)...)},
		want:     failure(0, "", retryable, "no_answer").withCauses(syscall.ECONNREFUSED),
		requests: []delayRange{immediately, exactly(time.Minute), upTo(time.Second), upTo(2 * time.Second), upTo(4 * time.Second)},
	},
	{
		name:     "known: no connection, then an untrusted certificate",
		setup:    setup{responses: []slacktest.Answer{connectionRefused, connectionError(x509.UnknownAuthorityError{})}},
		want:     notTrusted,
		requests: defaultBackoff[:2],
	},
}

func TestCall(t *testing.T) {
	for _, tc := range slices.Concat(
		retryCases, retryAfterCases, contextCases, tokenSourceCases, expiredTokenCases, limiterCases, unknownOutcomeCases,
	) {
		inBubble(t, tc.name, func(t *testing.T) {
			m := makeCall(t, resetForm, tc.setup)

			m.assertResult(t, tc.want)
			m.assertTimes(t, tc.requests, tc.returns)
			m.assertNoToken(t)
		})
	}
}

func TestEveryMethodAndEncodingMakesTheSameCall(t *testing.T) {
	for _, tc := range []callCase{
		{name: "ok", want: success, requests: oneRequest},
		retryCases[0],
		retryAfterCases[0],
		expiredTokenCases[0],
		unknownOutcomeCases[0],
	} {
		for _, v := range variants {
			inBubble(t, tc.name+"/"+v.name, func(t *testing.T) {
				m := makeCall(t, v, tc.setup)
				m.assertResult(t, tc.want)
				m.assertTimes(t, tc.requests, tc.returns)
				m.assertNoToken(t)
			})
		}
	}
}
