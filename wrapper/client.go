package wrapper

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// Client calls the methods for one workspace or organisation, and learns its rate limit from the responses. Share one
// Client instead of making one for each call. It is safe for concurrent use. Make it with [New]: every call of the zero
// Client fails with [ErrInvalidOptions].
type Client struct {
	opts    Options // with defaults filled in
	timeout time.Duration
	api     gen.ClientInterface
	source  TokenSource
	pacers  map[string]*pace.Pacer // by method, because Slack limits each method separately
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
	c := &Client{opts: opts.withDefaults()}
	hc := c.opts.HTTPClient
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.timeout, hc.Timeout = hc.Timeout, 0 // roundTrip applies it, to tell it from the caller's deadline
	var err error
	if c.api, err = gen.NewClient(c.opts.BaseURL, gen.WithHTTPClient(hc)); err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	return c.WithTokenSource(source), nil
}

// WithTokenSource returns a client for another workspace or organisation. It shares the settings with c, the HTTP client
// and the Limiter included, and has its own pacing. With a nil source every call of that client fails with
// [ErrInvalidOptions].
func (c *Client) WithTokenSource(source TokenSource) *Client {
	if c == nil {
		c = &Client{}
	}
	other := *c
	other.source = source
	other.pacers = map[string]*pace.Pacer{methodReset: {}, methodInvalidate: {}}
	return &other
}

// checkCall returns an [*Error] if the call cannot be made, else nil.
func (c *Client) checkCall(ctx context.Context, method string, optionsErr error) error {
	err := optionsErr
	switch {
	case c == nil || c.api == nil:
		err = invalid("Client", "was not made by New; call New")
	case ctx == nil:
		err = invalid("ctx", "is nil; pass context.Background()")
	}
	if err == nil {
		return nil
	}
	e := &Error{Method: method}
	e.addStop(&stopError{kind: invalidOptions, err: err}, "")
	return e
}
