package wrapper

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// do makes the attempts of one call. breaker is nil if the call is not part of a bulk run.
func (c *Client) do(ctx context.Context, method string, breaker *pace.Breaker, send sendFunc) (*Response, error) {
	call := c.newCall(method, breaker)
	for {
		permit, err := call.acquire(ctx)
		if err != nil {
			return nil, call.fail(err)
		}
		start := time.Now()
		resp, e := c.roundTrip(ctx, method, call.token, send)
		elapsed := time.Since(start)
		next := call.record(ctx, permit, resp, e)
		call.observe(ctx, resp, elapsed, next.delay)
		switch {
		case resp != nil:
			return resp, nil
		case !next.retry:
			return nil, call.fail(next.err)
		}
	}
}

// callState is the state of one call.
type callState struct {
	client *Client
	method string
	waiter pace.Waiter

	attempts     int           // number of attempts so far
	counted      int           // number of attempts that count against MaxAttempts
	last         *Error        // error of the last attempt; nil before the first
	token        string        // the latest token
	expiredToken string        // first token that Slack refused with token_expired
	backoff      time.Duration // wait before the next attempt, on top of the pacing
}

func (c *Client) newCall(method string, breaker *pace.Breaker) *callState {
	return &callState{client: c, method: method, waiter: pace.Waiter{MaxHold: c.opts.Retry.MaxRetryAfter, Breaker: breaker}}
}

var errSameToken = errors.New("the token source has no other token")

// acquire waits until the next attempt may be made: for the backoff, the token, the pacing and the limiter, in this order,
// so that a slow token source holds up no other call and the limiter's consent is fresh.
func (s *callState) acquire(ctx context.Context) (*pace.Permit, error) {
	if err := pace.Sleep(ctx, s.backoff); err != nil {
		return nil, err
	}
	token, err := s.client.source.fetch(ctx)
	if err != nil {
		return nil, err // s.token stays what it was: err may quote it
	}
	if s.token = token; token == s.expiredToken {
		return nil, errSameToken
	}
	pacer, limiter := s.client.pacers[s.method], s.client.opts.Limiter
	permit, err := pacer.Wait(ctx, &s.waiter)
	if err != nil || limiter == nil {
		return permit, err
	}
	if err := limiter.Wait(ctx); err != nil {
		permit.Cancel()
		return nil, callbackError(ctx, limiterFailed, "limiter", err)
	}
	if !permit.Valid() { // a hold began while the limiter waited; the limiter is not asked again
		permit.Cancel()
		return pacer.Wait(ctx, &s.waiter)
	}
	return permit, nil
}

// record adds the result of an attempt to the state of the call, reports it to the pacer, and decides what follows.
func (s *callState) record(ctx context.Context, permit *pace.Permit, resp *Response, e *Error) decision {
	s.attempts++
	if resp != nil {
		permit.Responded(0)
		resp.Attempts = s.attempts
		return decision{}
	}
	e.Attempts = s.attempts
	if s.last != nil {
		e.sent, e.unknown = e.sent || s.last.sent, e.unknown || s.last.unknown
	}
	s.last = e

	f := failedAttempt{kind: e.kind, retryable: s.client.opts.Retry.Retryable(e), bulk: s.waiter.Breaker != nil}
	f.wait, f.outage = reportFailure(permit, e)
	if e.Code == ErrTokenExpired && e.kind == refusedGlobal && s.expiredToken == "" {
		s.expiredToken, f.needsNewToken = s.token, true
	}
	if f.counts() {
		s.counted++
	}
	f.attempts, f.counted = s.attempts, s.counted
	next := s.client.opts.Retry.decide(f, rand.Float64()) //nolint:gosec // jitter is no secret
	if next.retry && f.outage == pace.NoOutage {          // in an outage the delay is a guess
		if err := pace.DeadlineErr(ctx, next.delay); err != nil {
			if f.wait > 0 && pace.DeadlineErr(ctx, f.wait) != nil && ctx.Err() == nil {
				err = &abortError{retryAfterPastDeadline, err}
			}
			next = decision{err: err}
		}
	}
	if next.why != "" {
		e.addText(next.why)
	}
	s.backoff = next.backoff
	return next
}

// fail returns the error of the call. err is why it makes no other attempt; nil means that the last attempt's error says so.
func (s *callState) fail(err error) error {
	if err == nil || errors.Is(err, errSameToken) {
		return s.last
	}
	e := &Error{Method: s.method}
	if s.last != nil {
		*e = *s.last // a copy, because an observer may keep the last error
	}
	var hold *pace.HoldError
	if errors.As(err, &hold) {
		err = s.holdReason(hold)
	}
	var outage *pace.OutageError
	if errors.As(err, &outage) && s.last != nil && outage.Cause == s.last.summary() { // which the text of e says already
		err = &pace.OutageError{For: outage.For, Broken: outage.Broken}
	}
	e.abort(err, sanitize.Token(s.token))
	if hold != nil && e.StatusCode == 0 {
		e.RetryAfter = hold.Remaining
		if hold.RateLimit {
			e.Code = ErrRateLimited
		}
	}
	return e
}

// holdReason returns why the call does not wait for the end of a hold.
func (s *callState) holdReason(hold *pace.HoldError) error {
	switch breaker := s.waiter.Breaker; {
	case hold.Deadline:
		return hold
	case breaker != nil:
		return &abortError{outageTooLong, fmt.Errorf("%w, longer than MaxOutage (%v)", hold, breaker.MaxOutage)}
	default:
		return fmt.Errorf("%w, longer than MaxRetryAfter (%v)", hold, s.waiter.MaxHold)
	}
}
