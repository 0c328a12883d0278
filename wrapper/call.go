package wrapper

import (
	"context"
	"math/rand/v2"
	"net/http"
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
		h.wait = 0
		return nil, true, nil // a limit was met while the source was asked
	}

	start := time.Now()
	resp, err = c.exchange(ctx, h.method, token, send)
	elapsed := time.Since(start)

	h.add(p, token, resp, err)
	h.wait = p.wait(h, rand.Float64()) //nolint:gosec // jitter is no secret
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
	ctx, cancel := context.WithTimeout(ctx, c.opts.HTTPClient.Timeout)
	defer cancel()
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
		return nil, &callError{method: method, err: err, outcomeUnknown: conn.sent(err)}
	}
	defer func() { _ = hr.Body.Close() }()
	return read(method, hr, token, time.Now())
}
