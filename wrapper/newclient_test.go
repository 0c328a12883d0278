package wrapper_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// What no error and no log line may hold.
const (
	token = "xoxp-test-planted-token"
	user  = "W0PLANTEDUSER"
)

// newClient returns a client whose requests transport answers: a [slacktest.Slack], or a connection.
func newClient(t testing.TB, transport http.RoundTripper, opts wrapper.Options) *wrapper.Client {
	t.Helper()
	if opts.HTTPClient == nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	c, err := wrapper.New(wrapper.StaticToken(token), opts)
	require.NoError(t, err)
	return c
}

// way is one of the ways to call Slack: either method in either encoding.
type way struct {
	name     string
	encoding wrapper.Encoding
	call     func(context.Context, *wrapper.Client) (*wrapper.Response, error)
}

var ways = []way{
	{"reset, form", wrapper.Form, reset},
	{"reset, JSON", wrapper.JSON, reset},
	{"invalidate, form", wrapper.Form, invalidate},
	{"invalidate, JSON", wrapper.JSON, invalidate},
}

func reset(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.ResetSessions(ctx, wrapper.ResetOptions{UserID: user})
}

func invalidate(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
	return c.InvalidateSession(ctx, wrapper.InvalidateOptions{UserID: user, SessionID: 847288190092})
}

// gap is the time between two requests, for what a random backoff leaves open.
type gap struct{ least, most time.Duration }

var now = exactly(0)

func exactly(d time.Duration) *gap    { return &gap{d, d} }
func upTo(d time.Duration) *gap       { return &gap{0, d} }
func between(a, b time.Duration) *gap { return &gap{a, b} }

func (g gap) assert(t *testing.T, d time.Duration, what string) {
	t.Helper()
	assert.GreaterOrEqual(t, d, g.least, what)
	assert.LessOrEqual(t, d, g.most, what)
}
