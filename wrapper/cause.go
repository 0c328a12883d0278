package wrapper

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// A context error in an [*Error] means that the context that the caller passed ended the call, or would have ended it before
// a wait was over. A context error from any other source, such as the timeout of an attempt, is hidden from errors.Is. The one
// exception is a Limiter that returns context.DeadlineExceeded itself.

// abortError is the reason why a call stopped before its first or next attempt, with its kind.
type abortError struct {
	kind kind
	err  error
}

func (e *abortError) Error() string { return e.err.Error() }
func (e *abortError) Unwrap() error { return e.err }

// callbackError returns the error of a call whose token source or limiter, named by what, failed with err.
func callbackError(ctx context.Context, k kind, what string, err error) error {
	named := fmt.Errorf("%s: %w", what, hideOtherContexts(ctx, err))
	_, hasDeadline := ctx.Deadline()
	switch {
	case errors.Is(named, context.Canceled), errors.Is(named, context.DeadlineExceeded):
		return named
	case k == limiterFailed && err == context.DeadlineExceeded && hasDeadline: //nolint:errorlint // only the unwrapped value; see Limiter
		return &abortError{retryAfterPastDeadline, fmt.Errorf("%s: %w", what, err)}
	default:
		return &abortError{k, named}
	}
}

// hideOtherContexts returns err so that errors.Is finds no context error in it but that of ctx, if ctx has ended.
func hideOtherContexts(ctx context.Context, err error) error {
	switch ended := pace.DeadlineErr(ctx, 0); {
	case ended == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return noContextError{err}
	case ended == nil || errors.Is(err, ended):
		return err
	default:
		return fmt.Errorf("%w; %w", noContextError{err}, ended)
	}
}

// noContextError has the text and the causes of another error, and matches no context error.
type noContextError struct{ err error }

func (e noContextError) Error() string { return errorText(e.err) }

// Timeout makes the *url.Error around a noContextError a net.Error.
func (e noContextError) Timeout() bool {
	var netErr net.Error
	return errors.As(e.err, &netErr) && netErr.Timeout()
}

func (e noContextError) Is(target error) bool {
	return target != context.Canceled && target != context.DeadlineExceeded && errors.Is(e.err, target)
}

func (e noContextError) As(target any) bool { return errors.As(e.err, target) }

// timeoutError is the cause of an attempt that took longer than HTTPClient.Timeout.
type timeoutError struct{ timeout time.Duration }

func (e timeoutError) Error() string        { return "timed out after " + e.timeout.String() }
func (e timeoutError) Timeout() bool        { return true }
func (e timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// errorText returns err's text, even if err is a nil pointer whose Error method panics.
func errorText(err error) string { return fmt.Sprint(err) }
