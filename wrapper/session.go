package wrapper

import (
	"context"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed70860981/slack-admin-sessions/gen"
)

// ResetOptions says whose sessions [Client.ResetSessions] ends. UserID is required. MobileOnly and
// WebOnly restrict the reset to one kind of device; false for both ends all sessions, and true for
// both contradicts itself and is refused.
type ResetOptions struct {
	UserID     string // for instance W0123456789
	MobileOnly bool   // end only the sessions on mobile devices
	WebOnly    bool   // end only the sessions in browsers
}

// InvalidateOptions says which session [Client.InvalidateSession] ends. SessionID is required, and so
// is the user that it belongs to.
type InvalidateOptions struct {
	SessionID int64  // from admin.users.session.list, or context.session_id of an audit-log entry
	UserID    string // for instance W0123456789

	// TeamID names the workspace of the session in place of its user.
	//
	// Deprecated: Slack replaced team_id by user_id; set UserID.
	TeamID string
}

const (
	methodReset      = "admin.users.session.reset"
	methodInvalidate = "admin.users.session.invalidate"
)

// ResetSessions ends all sessions of a user (admin.users.session.reset). A nil error means that Slack
// said so. After any other end, [OutcomeUnknown] tells whether sessions may have ended all the same.
//
// Options that are incomplete or contradict themselves are refused with [ErrInvalidOptions] before
// anything is sent; a refusal by Slack is an [*Error]. What may pass is tried again as [RetryOptions]
// says, which can take minutes; ctx bounds it. Safe for concurrent use.
func (c *Client) ResetSessions(ctx context.Context, opts ResetOptions) (*Response, error) {
	return c.resetSessions(ctx, opts, policy{RetryOptions: c.opts.Retry})
}

// InvalidateSession ends one session of a user and leaves the others alone
// (admin.users.session.invalidate). Errors and retries are as with [Client.ResetSessions]. Safe for
// concurrent use.
func (c *Client) InvalidateSession(ctx context.Context, opts InvalidateOptions) (*Response, error) {
	return c.invalidateSession(ctx, opts, policy{RetryOptions: c.opts.Retry})
}

func (c *Client) resetSessions(ctx context.Context, opts ResetOptions, p policy) (*Response, error) {
	if err := opts.validate(); err != nil {
		return nil, &callError{method: methodReset, err: err}
	}
	return c.call(ctx, methodReset, p, func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error) {
		if c.opts.Encoding == JSON {
			return c.api.AdminUsersSessionReset(ctx, opts.body(), edit)
		}
		return c.api.AdminUsersSessionResetWithBody(ctx, formType, strings.NewReader(opts.form()), edit)
	})
}

func (c *Client) invalidateSession(ctx context.Context, opts InvalidateOptions, p policy) (*Response, error) {
	if err := opts.validate(); err != nil {
		return nil, &callError{method: methodInvalidate, err: err}
	}
	return c.call(ctx, methodInvalidate, p, func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error) {
		if c.opts.Encoding == JSON {
			return c.api.AdminUsersSessionInvalidate(ctx, opts.body(), edit)
		}
		return c.api.AdminUsersSessionInvalidateWithBody(ctx, formType, strings.NewReader(opts.form()), edit)
	})
}

func (o ResetOptions) validate() error {
	if o.UserID == "" {
		return invalid("UserID", "is empty; give the ID of the user to sign out, for instance W0123456789")
	}
	if o.MobileOnly && o.WebOnly {
		return invalid("MobileOnly and WebOnly", "exclude each other; set neither to end all sessions")
	}
	return checkID("UserID", o.UserID)
}

func (o InvalidateOptions) validate() error {
	switch {
	case o.SessionID <= 0:
		return invalid("SessionID", "is not positive; give the ID of the session to end")
	case o.UserID == "" && o.TeamID == "":
		return invalid("UserID", "is empty; give the ID of the user that the session belongs to")
	case o.UserID != "" && o.TeamID != "":
		return invalid("UserID and TeamID", "exclude each other; set UserID alone")
	}
	if err := checkID("UserID", o.UserID); err != nil {
		return err
	}
	return checkID("TeamID", o.TeamID)
}

// checkID refuses what cannot be seen in an ID: it would reach Slack, or not, in surprising ways.
func checkID(field, id string) error {
	if !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }) {
		return invalid(field, "has a blank, a control character or another that cannot be seen; check where it comes from")
	}
	return nil
}
