package wrapper

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

// exchange makes one request and reads the answer. It returns neither a response nor an error where the turn was void.
func (c *Client) exchange(ctx context.Context, method, token string, turn *pace.Turn, send request) (*Response, *Error) {
	limit := c.opts.HTTPClient.Timeout
	attempt, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	watch := transport.Watch{Valid: turn.Valid, Cancel: cancel}
	hr, err := send(watch.Trace(attempt), func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("User-Agent", c.opts.UserAgent)
		if c.opts.Encoding == JSON {
			r.Header.Set("Content-Type", "application/json; charset=utf-8") // without, Slack warns of missing_charset
		}
		watch.Follow(r)
		return nil
	})
	cause := func(err error) error {
		if ended := pace.Ends(ctx, 0); ended != nil {
			return also(err, ended)
		}
		if pace.Ends(attempt, 0) != nil {
			return &attemptError{err, limit}
		}
		return withoutContext(err)
	}
	hide := untrusted.Token(token)
	if err == nil {
		defer func() { _ = hr.Body.Close() }()
		return read(method, hr, hide, cause)
	}
	if watch.Void() {
		return nil, nil
	}
	reached := watch.Reached(err)
	if !reached && transport.RefusedByProxy(err) {
		err = &proxyError{err}
	}
	err = cause(err)
	return nil, &Error{
		Method:  method,
		Err:     &url.Error{Op: "Post", URL: strings.TrimSuffix(c.opts.BaseURL, "/") + "/" + method, Err: err},
		says:    untrusted.Printable(hide.HideIn(err.Error())),
		unknown: reached,
		unsent:  !reached,
	}
}
