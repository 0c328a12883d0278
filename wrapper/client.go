package wrapper

import (
	"context"
	"fmt"
	"sync"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// Client calls the two methods for one workspace or organisation, and learns its rate limit from the answers.
// Share one Client instead of making one for each call. It is safe for concurrent use. Make it with [New]: every
// call of the zero Client fails with [ErrInvalidOptions].
type Client struct {
	opts   Options // with defaults filled in
	api    gen.ClientInterface
	source TokenSource
	pacers *sync.Map // of *pace.Pacer by method, because Slack limits each method on its own
}

// New checks the source and the options. An error wraps [ErrInvalidOptions] and names the field. New does not call
// source: the first call of the client does, and checks the token.
func New(source TokenSource, opts Options) (*Client, error) {
	if source == nil {
		return nil, fmt.Errorf("slack: %w", errNoSource)
	}
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	opts = opts.withDefaults()
	api, err := gen.NewClient(opts.BaseURL, gen.WithHTTPClient(transport.Once{Client: opts.HTTPClient}))
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	return (&Client{opts: opts, api: api}).WithTokenSource(source), nil
}

// WithTokenSource returns a client for another workspace or organisation: the same settings, and a pacing of its
// own. With a nil source every call of that client fails with [ErrInvalidOptions].
func (c *Client) WithTokenSource(source TokenSource) *Client {
	other := *c
	other.source = source
	other.pacers = new(sync.Map)
	return &other
}

// usable returns why the client cannot make calls, or nil.
func (c *Client) usable(ctx context.Context) error {
	switch {
	case c == nil || c.api == nil:
		return invalid("Client", "was not made by New; call New")
	case ctx == nil:
		return invalid("ctx", "is nil; pass context.Background()")
	}
	return nil
}

func (c *Client) pacer(method string) *pace.Pacer {
	p, ok := c.pacers.Load(method)
	if !ok {
		p, _ = c.pacers.LoadOrStore(method, new(pace.Pacer))
	}
	return p.(*pace.Pacer)
}
