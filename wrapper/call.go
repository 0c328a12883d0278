package wrapper

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/seed70860981/slack-admin-sessions/gen"
)

// request makes one request of a method; edit finishes its headers.
type request func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error)

// call makes attempts until one succeeds, the policy allows no other, or ctx ends.
func (c *Client) call(ctx context.Context, method string, p policy, send request) (*Response, error) {
	h := history{method: method}
	for {
		resp, again, err := c.attempt(ctx, &h, p, send)
		if !again {
			return resp, err
		}
		if err := sleep(ctx, h.wait); err != nil {
			return nil, h.endedBy(err)
		}
	}
}

// attempt waits for its turn, sends one request, and decides with the policy whether another follows,
// after h.wait.
func (c *Client) attempt(ctx context.Context, h *history, p policy, send request) (resp *Response, again bool, err error) {
	if c.opts.Limiter != nil {
		if err := c.opts.Limiter.Wait(ctx); err != nil {
			return nil, false, h.endedBy(&sourceError{"limiter", err})
		}
	}
	turn, err := c.gates[h.method].wait(ctx, p.patience())
	if err != nil {
		return nil, false, h.endedBy(err)
	}
	defer turn.giveBack() // where it is not settled below
	token, err := c.source.ask(ctx)
	switch {
	case err != nil:
		return nil, false, h.endedBy(err)
	case ctx.Err() != nil:
		return nil, false, h.endedBy(ctx.Err())
	case h.renewing && token == h.token:
		return nil, false, h.err
	case !turn.valid():
		return nil, true, nil // a limit was met while the source was asked
	}

	start := time.Now()
	resp, err = c.exchange(ctx, h.method, token, send)
	elapsed := time.Since(start)

	h.add(token, resp, err)
	h.wait = p.wait(h.requests, err, rand.Float64()) //nolint:gosec // jitter is no secret
	turn.settle(err, h.wait)
	again, err = p.again(ctx, h)
	if !again {
		h.wait = 0
	}
	c.observe(ctx, h, resp, err, elapsed)
	if rateLimited(err) {
		h.wait = 0 // the gate holds this call back, with all others
	}
	return resp, again, err
}

// exchange sends one request and reads the answer.
func (c *Client) exchange(ctx context.Context, method, token string, send request) (*Response, error) {
	var conn connection
	hr, err := send(conn.watch(ctx), func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("User-Agent", c.opts.UserAgent)
		if c.opts.Encoding == JSON {
			r.Header.Set("Content-Type", "application/json; charset=utf-8") // without, Slack warns of missing_charset
		}
		return nil
	})
	if err != nil {
		return nil, &callError{method: method, err: err, outcomeUnknown: !neverSent(err) && !conn.failed()}
	}
	defer func() { _ = hr.Body.Close() }()
	return read(method, hr, token, time.Now())
}

// history is what a call has met so far.
type history struct {
	method   string
	requests int           // sent
	limits   int           // answers among them that were rate limits
	err      error         // of the latest request
	wait     time.Duration // that follows it
	unknown  bool          // some request left open whether it took effect
	token    string        // of the latest request
	renewing bool          // the latest request was the first to be refused for an expired token
	renewed  bool          // an earlier one was
}

// add notes what a request came to. Errors tell of the whole call, so they are completed here.
func (h *history) add(token string, resp *Response, err error) {
	h.requests++
	h.token, h.err = token, err
	h.renewed = h.renewed || h.renewing
	h.renewing = errors.Is(err, ErrTokenExpired) && !h.renewed
	if rateLimited(err) {
		h.limits++
	}
	if resp != nil {
		resp.Attempts = h.requests
	}
	h.unknown = h.unknown || OutcomeUnknown(err)
	h.complete(err)
}

func (h *history) complete(err error) {
	var answered *Error
	if errors.As(err, &answered) {
		answered.Attempts = h.requests
		answered.outcomeUnknown = h.unknown
	}
	var call *callError
	if errors.As(err, &call) {
		call.outcomeUnknown = h.unknown
	}
}

// endedBy is the error of a call that err keeps from sending another request.
func (h *history) endedBy(err error) error {
	var limit *Error
	switch {
	case errors.As(err, &limit): // met by another call, which has the same error
		own := *limit
		h.complete(&own)
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w", &own, context.DeadlineExceeded)
		}
		return &own
	case h.err != nil:
		return both(h.err, err)
	default:
		return &callError{method: h.method, err: err}
	}
}

// both is err for a call that also ended by cause.
func both(err, cause error) error {
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// connection watches whether a request ever got a connection.
type connection struct{ wanted, got atomic.Bool }

func (c *connection) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	})
}

// failed reports that there was none. A transport that does not tell leaves it open.
func (c *connection) failed() bool { return c.wanted.Load() && !c.got.Load() }
