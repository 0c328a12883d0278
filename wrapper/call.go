package wrapper

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// do makes the attempts of one call. run is nil if the call is not part of a bulk run.
func (c *Client) do(ctx context.Context, method string, run *pace.Run, send sendFunc) (*Response, error) {
	call := c.newCall(method, run)
	for {
		permit, token, err := call.acquire(ctx)
		if err != nil {
			return nil, call.fail(err)
		}
		start := time.Now()
		resp, e := c.roundTrip(ctx, method, token, send)
		elapsed := time.Since(start)
		next := call.record(ctx, permit, token, resp, e)
		c.observe(ctx, call, resp, elapsed, next.delay)
		switch {
		case resp != nil:
			return resp, nil
		case !next.retry:
			return nil, call.fail(next.err)
		}
	}
}

// call is the state of one call.
type call struct {
	client *Client
	method string
	waiter pace.Waiter

	attempts int           // number of attempts so far
	counted  int           // number of attempts that count against MaxAttempts
	last     *Error        // error of the last attempt
	token    string        // token of the last attempt
	backoff  time.Duration // wait before the next attempt, on top of the pacing
	unknown  bool          // some attempt may have taken effect
	sent     bool          // some attempt had its body read or got a response

	needsNewToken  bool // the next attempt is made with another token or not at all
	tokenRetryUsed bool // a call gets one such attempt
}

func (c *Client) newCall(method string, run *pace.Run) *call {
	maxHold := c.opts.Retry.MaxRetryAfter
	if run != nil {
		maxHold = pace.Forever
	}
	return &call{client: c, method: method, waiter: pace.Waiter{MaxHold: maxHold, Run: run}}
}

var errSameToken = errors.New("the token source has no other token")

// acquire waits until the next attempt may be made: for the backoff, the token, the pacing and the limiter, in this order,
// so that a slow token source holds up no other call and the limiter's permit is fresh.
func (l *call) acquire(ctx context.Context) (*pace.Permit, string, error) {
	if err := pace.Sleep(ctx, l.backoff); err != nil {
		return nil, "", err
	}
	token, err := l.client.source.fetch(ctx)
	switch {
	case err != nil:
		return nil, "", err
	case l.needsNewToken && token == l.token:
		return nil, "", errSameToken
	}
	pacer, limiter := l.client.pacer(l.method), l.client.opts.Limiter
	permit, err := pacer.Wait(ctx, &l.waiter)
	if err != nil || limiter == nil {
		return permit, token, err
	}
	if err := limiter.Wait(ctx); err != nil {
		permit.Cancel()
		return nil, "", callbackError(ctx, limiterFailed, "limiter", err)
	}
	if !permit.Valid() { // a hold began while the limiter waited
		permit.Cancel()
		permit, err = pacer.Wait(ctx, &l.waiter)
	}
	return permit, token, err
}

// record adds the result of an attempt to the state of the call, tells it to the pacing, and decides what follows.
func (l *call) record(ctx context.Context, permit *pace.Permit, token string, resp *Response, e *Error) decision {
	l.attempts++
	l.token, l.last = token, e
	if resp != nil {
		permit.Responded(0)
		resp.Attempts = l.attempts
		return decision{}
	}
	l.needsNewToken = e.kind == refusedAll && e.Code == ErrTokenExpired && !l.tokenRetryUsed
	l.tokenRetryUsed = l.tokenRetryUsed || l.needsNewToken
	l.unknown, l.sent = l.unknown || e.unknown, l.sent || e.sent
	e.Attempts, e.unknown, e.sent = l.attempts, l.unknown, l.sent

	f := l.settle(permit, e)
	if f.counts() {
		l.counted++
	}
	f.counted = l.counted
	next := l.client.opts.Retry.decide(f, rand.Float64()) //nolint:gosec // jitter is no secret
	if next.retry && f.outage == pace.NoOutage {          // in an outage the delay is a guess
		if err := pace.DeadlineErr(ctx, next.delay); err != nil {
			next = decision{err: err}
		}
	}
	e.gaveUp, e.why, l.backoff = next.gaveUp, next.why, next.backoff
	if f.outage == pace.BrokenConnection {
		e.end = cannotConnect
	}
	return next
}

// fail returns the error of a call that makes no other attempt because of err; nil means that its last attempt says why.
func (l *call) fail(err error) error {
	if err == nil || errors.Is(err, errSameToken) {
		return l.last
	}
	var hold *pace.HoldError
	if errors.As(err, &hold) && !hold.Deadline {
		err = fmt.Errorf("%w, longer than MaxRetryAfter (%v)", err, l.waiter.MaxHold)
	}
	e := &Error{Method: l.method}
	if l.last != nil {
		*e = *l.last // an observer may have the last error
	}
	e.endBy(err)
	if hold != nil && e.StatusCode == 0 {
		e.RetryAfter = hold.Remaining
		if hold.RateLimit {
			e.Code = ErrRateLimited
		}
	}
	return e
}
