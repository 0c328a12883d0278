package wrapper

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/seed70860981/slack-admin-sessions/gen"
)

// Client calls the two methods for one workspace or organisation, and learns its rate limit from the responses. Share one
// Client instead of making one for each call. It is safe for concurrent use. Make it with [New]: every call of the zero
// Client fails with [ErrInvalidOptions].
type Client struct {
	opts    Options // with defaults filled in
	timeout time.Duration
	api     gen.ClientInterface
	source  TokenSource
	pacers  *sync.Map // of *pace.Pacer by method, because Slack limits each method separately
}

// New checks source and opts. An error wraps [ErrInvalidOptions] and names the field. New does not call source; the token is
// fetched and checked by the first call.
func New(source TokenSource, opts Options) (*Client, error) {
	if source == nil {
		return nil, fmt.Errorf("slack: %w", errNoSource)
	}
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	opts = opts.withDefaults()
	hc := *opts.HTTPClient
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	hc.Timeout = 0 // an attempt has a context of its own, so that its timeout is not taken for the caller's
	api, err := gen.NewClient(opts.BaseURL, gen.WithHTTPClient(&hc))
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	c := &Client{opts: opts, timeout: opts.HTTPClient.Timeout, api: api}
	return c.WithTokenSource(source), nil
}

// WithTokenSource returns a client for another workspace or organisation. It shares the settings with c, the HTTP client
// and the Limiter included, and has its own pacing. With a nil source every call of that client fails with
// [ErrInvalidOptions].
func (c *Client) WithTokenSource(source TokenSource) *Client {
	if c == nil {
		return nil
	}
	other := *c
	other.source = source
	other.pacers = new(sync.Map)
	return &other
}

// refuse returns the error of a call that cannot be made, nil if it can.
func (c *Client) refuse(ctx context.Context, method string, invalidOptions error) error {
	if err := cmp.Or(c.checkUsable(ctx), invalidOptions); err != nil {
		e := &Error{Method: method}
		e.endBy(err)
		return e
	}
	return nil
}

func (c *Client) checkUsable(ctx context.Context) error {
	switch {
	case c == nil || c.api == nil:
		return invalid("Client", "was not made by New; call New")
	case ctx == nil:
		return invalid("ctx", "is nil; pass context.Background()")
	}
	return nil
}
