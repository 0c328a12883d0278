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

// endError is why a call stopped before its first or next attempt, with its kind.
type endError struct {
	kind   kind
	prefix string
	err    error
}

func (e *endError) Error() string { return e.prefix + errorText(e.err) }
func (e *endError) Unwrap() error { return e.err }

// callbackError returns the error of a call whose token source or limiter, named by what, failed with err.
func callbackError(ctx context.Context, k kind, what string, err error) error {
	own := onlyContext(ctx, err)
	_, hasDeadline := ctx.Deadline()
	switch {
	case errors.Is(own, context.Canceled), errors.Is(own, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", what, own)
	case k == limiterFailed && err == context.DeadlineExceeded && hasDeadline: //nolint:errorlint // only the unwrapped value; see Limiter
		return &endError{retryAfterPastDeadline, what + ": ", err}
	}
	return &endError{k, what + ": ", own}
}

// onlyContext returns err as an error that shows no context error but that of ctx, if ctx has ended.
func onlyContext(ctx context.Context, err error) error {
	switch ended := pace.DeadlineErr(ctx, 0); {
	case ended == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return &attemptError{err: err}
	case ended == nil || errors.Is(err, ended):
		return err
	default:
		return fmt.Errorf("%w; %w", &attemptError{err: err}, ended)
	}
}

// attemptError is why an attempt ended. It matches no context error.
type attemptError struct {
	err     error
	timeout time.Duration // of the attempt, if it took that long; else 0
}

func (e *attemptError) Error() string {
	if e.timeout > 0 {
		return "timed out after " + e.timeout.String()
	}
	return errorText(e.err)
}

// Timeout makes attemptError a net.Error by way of the *url.Error around it.
func (e *attemptError) Timeout() bool {
	var netErr net.Error
	return e.timeout > 0 || errors.As(e.err, &netErr) && netErr.Timeout()
}

func (e *attemptError) Is(target error) bool {
	switch target {
	case context.Canceled, context.DeadlineExceeded:
		return false
	case os.ErrDeadlineExceeded:
		return e.Timeout()
	}
	return errors.Is(e.err, target)
}

func (e *attemptError) As(target any) bool { return errors.As(e.err, target) }

// errorText returns err's text, even if err is a nil pointer whose Error method panics.
func errorText(err error) string { return fmt.Sprint(err) }
