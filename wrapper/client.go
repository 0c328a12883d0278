package wrapper

import (
	"fmt"

	"github.com/seed70860981/slack-admin-sessions/gen"
)

// Client calls the two methods for one workspace or organisation and learns its rate limit as it goes,
// so share one Client rather than making one for each call. Safe for concurrent use.
type Client struct {
	opts   Options // with defaults filled in
	api    gen.ClientInterface
	source TokenSource
	gates  map[string]*gate // by method, for Slack limits each on its own
}

// New checks everything that can be checked before the first call. What it refuses wraps
// [ErrInvalidOptions] and names the field.
func New(source TokenSource, opts Options) (*Client, error) {
	if source == nil {
		return nil, fmt.Errorf("slack: %w", errNoSource)
	}
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	opts = opts.withDefaults()
	api, err := gen.NewClient(opts.BaseURL, gen.WithHTTPClient(noRedirects{opts.HTTPClient}))
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	return (&Client{opts: opts, api: api}).WithTokenSource(source), nil
}

// WithTokenSource returns a client for another workspace or organisation: the same settings, and a pacing
// of its own. With a nil source every call fails with [ErrInvalidOptions].
func (c *Client) WithTokenSource(source TokenSource) *Client {
	other := *c
	other.source = source
	other.gates = map[string]*gate{methodReset: {}, methodInvalidate: {}}
	return &other
}
