package wrapper

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// sendFunc sends one request of a method through gen; setHeaders completes the request.
type sendFunc func(ctx context.Context, setHeaders gen.RequestEditorFn) (*http.Response, error)

// roundTrip makes one attempt. Exactly one of response and error is non-nil.
func (c *Client) roundTrip(ctx context.Context, method, token string, send sendFunc) (*Response, *Error) {
	attemptCtx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var body transport.Body
	resp, err := send(attemptCtx, func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("User-Agent", c.opts.UserAgent)
		r.Header.Set("Accept-Encoding", "gzip") // else net/http would decode, and fail if a proxy says gzip and sends plain JSON
		if c.opts.Encoding == JSON {
			r.Header.Set("Content-Type", "application/json; charset=utf-8") // without it Slack warns of missing_charset
		}
		body.Watch(r)
		return nil
	})
	secret := sanitize.Token(token)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		return parseResponse(method, resp, secret, func(err error) error { return c.attemptCause(ctx, attemptCtx, err) })
	}
	sent := body.Abandon()
	var request *url.Error // net/http's, around the cause
	if errors.As(err, &request) {
		if proxyErr := transport.AsProxyError(request.Err); proxyErr != nil {
			request.Err = proxyErr
		}
		request.Err = c.attemptCause(ctx, attemptCtx, request.Err)
	}
	e := &Error{Method: method}
	e.addCause(err, secret)
	e.setKind(noResponseKind(err, sent), sent)
	return nil, e
}

// attemptCause returns err as the cause of a failed attempt. errors.Is finds a context error in it only if ctx has ended.
func (c *Client) attemptCause(ctx, attemptCtx context.Context, err error) error {
	if pace.DeadlineErr(ctx, 0) == nil && pace.DeadlineErr(attemptCtx, 0) != nil {
		return timeoutError{c.timeout}
	}
	return hideOtherContexts(ctx, err)
}
