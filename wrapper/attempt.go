package wrapper

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// sendFunc sends one request of a method through gen; setHeaders completes the request.
type sendFunc func(ctx context.Context, setHeaders gen.RequestEditorFn) (*http.Response, error)

// roundTrip makes one attempt. Exactly one of response and error is non-nil.
func (c *Client) roundTrip(ctx context.Context, method, token string, send sendFunc) (*Response, *Error) {
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var body transport.Body
	hr, err := send(attempt, func(_ context.Context, r *http.Request) error {
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
		defer func() { _ = hr.Body.Close() }()
		return parseResponse(method, hr, secret, func(err error) error { return c.attemptCause(ctx, attempt, err) })
	}
	sent := body.Shut()
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // without the text that it adds
	}
	if refusal := transport.AsProxyError(err); refusal != nil && !sent {
		err = refusal
	}
	err = c.attemptCause(ctx, attempt, err)
	e := &Error{Method: method, unknown: sent, sent: sent}
	switch e.kind = causeKind(err); e.kind {
	case canceled, deadline, timedOut:
	case notTrusted, proxyRefused:
		if sent {
			e.kind = noAnswer
		}
	default:
		e.kind = noAnswer
	}
	address := strings.TrimSuffix(c.opts.BaseURL, "/") + "/" + method
	e.Err = &url.Error{Op: "Post", URL: address, Err: err}
	e.cause = sanitize.Printable(secret.Redact(text(e.Err)))
	return nil, e
}

// attemptCause returns err as the cause of an attempt's failure: a context error in it is that of ctx, the caller's context.
func (c *Client) attemptCause(ctx, attempt context.Context, err error) error {
	switch ended := pace.DeadlineErr(ctx, 0); {
	case ended != nil:
		return join(err, ended)
	case pace.DeadlineErr(attempt, 0) != nil:
		return &attemptError{err, c.timeout}
	}
	return withoutContext(err)
}
