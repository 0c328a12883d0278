package wrapper

import (
	"context"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// ResetOptions says whose sessions [Client.ResetSessions] ends. UserID is required. With neither MobileOnly nor WebOnly all
// sessions end; both together are refused, because their meaning is undocumented.
type ResetOptions struct {
	UserID     string // for instance W0123456789
	MobileOnly bool   // end only mobile sessions
	WebOnly    bool   // end only web sessions, which may include desktop apps (undocumented)
}

// InvalidateOptions says which session [Client.InvalidateSession] ends. SessionID is required, and UserID or TeamID.
type InvalidateOptions struct {
	SessionID int64  // from admin.users.session.list, or context.session_id of an audit-log entry
	UserID    string // for instance W0123456789; Slack requires it today

	// TeamID is the workspace of the session. If UserID is set too, both are sent.
	//
	// Deprecated: Slack replaced team_id by user_id. Set UserID.
	TeamID string
}

const (
	methodReset      = "admin.users.session.reset"
	methodInvalidate = "admin.users.session.invalidate"
)

// ResetSessions ends all sessions of a user (admin.users.session.reset). A nil error means that Slack confirmed it. Any other
// result is returned as an [*Error]; [OutcomeUnknown] reports whether sessions may have ended nevertheless.
//
// The user can sign in again: a reset neither deactivates the account nor revokes the tokens of apps. Repeating a reset also
// ends sessions started since.
//
// Incomplete or contradictory options are refused with [ErrInvalidOptions] before anything is sent. Transient failures are
// retried as [RetryOptions] says, which can take minutes; ctx bounds it. Safe for concurrent use.
func (c *Client) ResetSessions(ctx context.Context, opts ResetOptions) (*Response, error) {
	return c.resetSessions(ctx, opts, nil)
}

// InvalidateSession ends one session of a user and leaves the others alone (admin.users.session.invalidate). Errors and
// retries are those of [Client.ResetSessions]. After an earlier call whose outcome is unknown, [ErrSessionNotFound] can mean
// that the earlier call ended the session. Safe for concurrent use.
func (c *Client) InvalidateSession(ctx context.Context, opts InvalidateOptions) (*Response, error) {
	return c.invalidateSession(ctx, opts, nil)
}

func (c *Client) resetSessions(ctx context.Context, opts ResetOptions, breaker *pace.Breaker) (*Response, error) {
	if err := c.checkCall(ctx, methodReset, opts.validate()); err != nil {
		return nil, err
	}
	return c.do(ctx, methodReset, breaker, func(ctx context.Context, setHeaders gen.RequestEditorFn) (*http.Response, error) {
		body := gen.ResetRequest{UserID: opts.UserID, MobileOnly: nilIfZero(opts.MobileOnly), WebOnly: nilIfZero(opts.WebOnly)}
		if c.opts.Encoding == JSON {
			return c.api.AdminUsersSessionReset(ctx, body, setHeaders)
		}
		return c.api.AdminUsersSessionResetWithFormdataBody(ctx, body, setHeaders)
	})
}

func (c *Client) invalidateSession(ctx context.Context, opts InvalidateOptions, breaker *pace.Breaker) (*Response, error) {
	if err := c.checkCall(ctx, methodInvalidate, opts.validate()); err != nil {
		return nil, err
	}
	return c.do(ctx, methodInvalidate, breaker, func(ctx context.Context, setHeaders gen.RequestEditorFn) (*http.Response, error) {
		body := gen.InvalidateRequest{SessionID: opts.SessionID, UserID: nilIfZero(opts.UserID), TeamID: nilIfZero(opts.TeamID)}
		if c.opts.Encoding == JSON {
			return c.api.AdminUsersSessionInvalidate(ctx, body, setHeaders)
		}
		return c.api.AdminUsersSessionInvalidateWithFormdataBody(ctx, body, setHeaders)
	})
}

// nilIfZero returns nil for the zero value, so that the field is not sent.
func nilIfZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func (o ResetOptions) validate() error {
	switch {
	case o.UserID == "":
		return invalid("UserID", "is empty; give the ID of the user to sign out, for instance W0123456789")
	case o.MobileOnly && o.WebOnly:
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
	}
	if err := checkID("UserID", o.UserID); err != nil {
		return err
	}
	return checkID("TeamID", o.TeamID)
}

// checkID rejects spaces and invisible characters, usually a copy-and-paste error.
func checkID(field, id string) error {
	if !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }) {
		return invalid(field, "has a space, a control character or an invisible character; check where it comes from")
	}
	return nil
}
