package wrapper

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// tokenLife is how old a token may be when the turn comes. An older one is fetched again.
const tokenLife = time.Minute

// request makes one request of a method; edit completes it.
type request func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error)

// call makes attempts until the policy allows no other. run is nil for a call that is part of no bulk run.
func (c *Client) call(ctx context.Context, method string, refused error, run *pace.Run, send request) (*Response, error) {
	h := history{method: method}
	if err := cmp.Or(c.usable(ctx), refused); err != nil {
		return nil, h.endedBy(err)
	}
	p := policy{c.opts.Retry, run}
	h.pacing = p.pacing()
	for {
		resp, next := c.attempt(ctx, &h, p, send)
		switch {
		case resp != nil:
			return resp, nil
		case !next.again:
			return nil, next.err
		}
		if next.paced {
			continue
		}
		if err := pace.Sleep(ctx, next.delay); err != nil {
			return nil, h.endedBy(err)
		}
	}
}

// attempt waits for its turn, makes one request, and decides what follows.
func (c *Client) attempt(ctx context.Context, h *history, p policy, send request) (*Response, decision) {
	turn, token, err := c.turn(ctx, h)
	if err != nil {
		return nil, decision{err: h.endedBy(err)}
	}
	defer turn.GiveBack() // where it has not ended
	start := time.Now()
	resp, e := c.exchange(ctx, h.method, token, turn, send)
	elapsed := time.Since(start)
	var next decision
	switch {
	case resp != nil:
		turn.Passed(0)
		h.add(token, resp, nil, true)
	case e != nil:
		hold, outage := settle(ctx, turn, e)
		h.add(token, nil, e, p.counts(e, outage))
		next = p.decide(ctx, h, hold, outage, rand.Float64()) //nolint:gosec // jitter is no secret
	default:
		return nil, decision{again: true} // the turn was void, so nothing was sent
	}
	c.observe(ctx, h, resp, elapsed, next.delay)
	return resp, next
}

// settle tells the pacing how a turn ended. It returns for how long a rate limit holds the call back, or in an outage about
// how long it is to the next request.
func settle(ctx context.Context, turn *pace.Turn, e *Error) (hold time.Duration, outage bool) {
	var asked time.Duration
	if e.transient() {
		asked = e.RetryAfter
	}
	switch {
	case e.rateLimited():
		return turn.Refused(asked), false
	case e.answered():
		turn.Passed(asked)
	case pace.Ends(ctx, 0) != nil: // the caller hung up
		turn.GiveBack()
	default:
		hold, outage = turn.Unanswered(asked)
	}
	return hold, outage
}

// turn waits until a request may go, and gets the token for it. It fetches the token first, so that a slow source does not
// hold up other calls.
func (c *Client) turn(ctx context.Context, h *history) (*pace.Turn, string, error) {
	if c.opts.Limiter != nil && !h.permitted {
		if err := c.opts.Limiter.Wait(ctx); err != nil {
			return nil, "", failed(ctx, "limiter", err)
		}
		h.permitted = true
	}
	for {
		token, err := c.source.ask(ctx)
		switch {
		case err != nil:
			return nil, "", err
		case h.renewing && token == h.token:
			return nil, "", h.last // the source has no other token
		}
		asked := time.Now()
		turn, err := c.pacer(h.method).Wait(ctx, &h.pacing)
		if err != nil || time.Since(asked) <= tokenLife {
			return turn, token, err
		}
		turn.GiveBack()
	}
}
