package wrapper

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// do makes the attempts of one call. breaker is nil if the call is not part of a bulk run.
func (c *Client) do(ctx context.Context, method string, breaker *pace.Breaker, send sendFunc) (*Response, error) {
	call := c.newCall(method, breaker)
	defer func() { call.permit.Cancel() }() // it is settled, unless the Limiter failed, or it or the Transport panicked
	for {
		if stop := call.acquire(ctx); stop != nil {
			return nil, call.fail(stop)
		}
		start := time.Now()
		resp, e := c.roundTrip(ctx, method, call.token, send)
		elapsed := time.Since(start)
		next := call.record(ctx, resp, e)
		call.observe(ctx, resp, elapsed, next.delay)
		switch {
		case resp != nil:
			return resp, nil
		case !next.retry:
			return nil, call.fail(next.stop)
		}
	}
}

// callState is the state of one call.
type callState struct {
	client *Client
	method string
	waiter pace.Waiter
	permit *pace.Permit // the latest one; nil before the first

	attempts     int           // number of attempts so far
	counted      int           // number of attempts that count against MaxAttempts
	last         *Error        // error of the last attempt; nil before the first
	token        string        // the latest token
	expiredToken string        // first token that Slack refused with token_expired
	backoff      time.Duration // wait before the next attempt, on top of the pacing
}

func (c *Client) newCall(method string, breaker *pace.Breaker) *callState {
	return &callState{client: c, method: method, waiter: pace.Waiter{MaxRetryAfter: c.opts.Retry.MaxRetryAfter, Breaker: breaker}}
}

// errSameToken stops a call that needs a new token: the error of its last attempt, token_expired, is its result.
var errSameToken = &stopError{}

// acquire waits until the next attempt may be made: for the backoff, the token, the pacing and the limiter, in this order,
// so that a slow token source holds up no other call and the limiter's consent is fresh.
func (s *callState) acquire(ctx context.Context) *stopError {
	if err := s.client.pacers[s.method].Sleep(ctx, &s.waiter, s.backoff); err != nil {
		return s.pacerStop(err)
	}
	token, stop := s.client.source.fetch(ctx)
	if stop != nil {
		return stop // s.token stays the last one, because the error of the source may quote it
	}
	if s.token = token; token == s.expiredToken && s.last.Code == ErrTokenExpired {
		return errSameToken
	}
	limiter := s.client.opts.Limiter
	if stop := s.waitForPermit(ctx); stop != nil || limiter == nil {
		return stop
	}
	if err := limiter.Wait(ctx); err != nil {
		return callbackStop(ctx, limiterFailed, "limiter", err)
	}
	if !s.permit.Renew() { // a hold or an outage began while the limiter waited; its consent holds for the request afterwards
		s.permit.Cancel()
		return s.waitForPermit(ctx)
	}
	return nil
}

// record adds the result of an attempt to the state of the call, reports it to the pacer, and decides what follows.
func (s *callState) record(ctx context.Context, resp *Response, e *Error) decision {
	s.attempts++
	if resp != nil {
		s.permit.Responded(0)
		resp.Attempts = s.attempts
		return decision{}
	}
	e.Attempts = s.attempts
	if s.last != nil {
		e.sent, e.unknown = e.sent || s.last.sent, e.unknown || s.last.unknown
	}
	s.last = e

	f := failedAttempt{kind: e.kind, bulk: s.waiter.Breaker != nil, asked: e.RetryAfter > 0}
	f.wait, f.outage = reportFailure(s.permit, e) // before Retryable, which may be slow
	judged := *e                                  // a copy, because Retryable may keep it, and e changes below
	f.retryable = s.client.opts.Retry.Retryable(&judged)
	if e.Code == ErrTokenExpired && e.kind == refusedGlobal && s.expiredToken == "" { // its kind is another with 429 or 5xx
		s.expiredToken, f.needsNewToken = s.token, true
	}
	if f.counts() {
		s.counted++
	}
	f.counted = s.counted
	next := s.client.opts.Retry.decide(f, rand.Float64()) //nolint:gosec // jitter is no secret
	if next.retry && f.outage == pace.NoOutage {          // in an outage the delay is a guess
		if err := pace.DeadlineErr(ctx, next.delay); err != nil {
			next = decision{stop: contextStop(err)}
			if ctx.Err() == nil && f.wait > 0 && pace.DeadlineErr(ctx, f.wait) != nil {
				next.stop.kind = waitPastDeadline
			}
		}
	}
	e.gaveUp, e.tooLong = next.gaveUp && s.attempts > 1, next.tooLong
	s.backoff = next.backoff
	return next
}

// fail returns the error of the call. stop is why it makes no other attempt; nil means that the last error says it.
func (s *callState) fail(stop *stopError) error {
	if stop == nil || stop == errSameToken {
		return s.last
	}
	e := &Error{Method: s.method}
	if s.last != nil {
		*e = *s.last // a copy, because an observer may keep the last error
	}
	e.addStop(stop, sanitize.Token(s.token))
	return e
}
