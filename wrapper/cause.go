package wrapper

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// A context error in an [*Error] means that the context that the caller passed ended the call, or would have ended it before
// a wait was over. A context error from any other source, such as the timeout of an attempt, is hidden from errors.Is. The one
// exception is a Limiter that returns context.DeadlineExceeded itself.

// stopError is why a call makes no attempt, or no other one.
type stopError struct {
	kind kind
	err  error
	hold *pace.HoldError // if the call does not wait for the end of a hold
}

func (e *stopError) Error() string { return e.err.Error() }
func (e *stopError) Unwrap() error { return e.err }

// contextStop returns the stop of a call whose context has ended, or would end before a wait is over.
func contextStop(err error) *stopError {
	if errors.Is(err, context.Canceled) {
		return &stopError{kind: canceled, err: err}
	}
	return &stopError{kind: deadline, err: err}
}

// callbackStop returns the stop of a call whose token source or limiter, named by what, failed with err.
func callbackStop(ctx context.Context, k kind, what string, err error) *stopError {
	named := fmt.Errorf("%s: %w", what, hideOtherContexts(ctx, err))
	_, hasDeadline := ctx.Deadline()
	switch {
	case errors.Is(named, context.Canceled), errors.Is(named, context.DeadlineExceeded):
		return contextStop(named)
	case k == limiterFailed && err == context.DeadlineExceeded && hasDeadline: //nolint:errorlint // only the unwrapped value; see Limiter
		return &stopError{kind: waitPastDeadline, err: fmt.Errorf("%s: %w", what, err)}
	default:
		return &stopError{kind: k, err: named}
	}
}

// hideOtherContexts returns err so that errors.Is finds no context error in it but that of ctx, if ctx has ended.
func hideOtherContexts(ctx context.Context, err error) error {
	switch ctxErr := pace.DeadlineErr(ctx, 0); {
	case ctxErr == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return noContextError{err}
	case ctxErr == nil || errors.Is(err, ctxErr):
		return err
	default:
		return fmt.Errorf("%w; %w", noContextError{err}, ctxErr)
	}
}

// noContextError has the text and the causes of another error, and matches no context error.
type noContextError struct{ err error }

func (e noContextError) Error() string { return errorText(e.err) }

// Timeout lets the *url.Error around a noContextError report a timeout.
func (e noContextError) Timeout() bool {
	var netErr net.Error
	return errors.As(e.err, &netErr) && netErr.Timeout()
}

func (e noContextError) Is(target error) bool {
	return target != context.Canceled && target != context.DeadlineExceeded && errors.Is(e.err, target)
}

func (e noContextError) As(target any) bool { return errors.As(e.err, target) }

// timeoutError is the cause of an attempt that took longer than HTTPClient.Timeout. It is a net.Error itself, because no
// *url.Error is around it if the timeout cut the body short.
type timeoutError struct{ timeout time.Duration }

func (e timeoutError) Error() string        { return "timed out after " + e.timeout.String() }
func (e timeoutError) Timeout() bool        { return true }
func (e timeoutError) Temporary() bool      { return true }
func (e timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// redactedError has the causes of another error, whose text contains the token, and its text without the token.
type redactedError struct {
	err  error
	text string
}

func (e redactedError) Error() string        { return e.text }
func (e redactedError) Is(target error) bool { return errors.Is(e.err, target) }
func (e redactedError) As(target any) bool   { return errors.As(e.err, target) }

// addCause adds err to Err and to the text.
func (e *Error) addCause(err error, secret sanitize.Token) {
	redacted := secret.Redact(errorText(err))
	if redacted != errorText(err) {
		err = redactedError{err, redacted}
	}
	text := sanitize.Printable(redacted)
	if e.Err == nil {
		e.Err, e.causeText = err, text
	} else {
		e.Err, e.causeText = fmt.Errorf("%w; %w", e.Err, err), e.causeText+"; "+text
	}
}

// addStop adds why the call makes no attempt, or no other one.
func (e *Error) addStop(s *stopError, secret sanitize.Token) {
	if e.kind == unset {
		e.kind = s.kind
	} else {
		e.stopKind = s.kind
	}
	e.addCause(s, secret)
	if s.hold != nil && e.StatusCode == 0 {
		e.RetryAfter = s.hold.Remaining
		if s.hold.RateLimit {
			e.Code = ErrRateLimited
		}
	}
}

// errorText returns err's text, even if err is a nil pointer whose Error method panics.
func errorText(err error) string { return fmt.Sprint(err) }
