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
// a wait was over. A context error from any other source, such as the timeout of an attempt or the limiter, is hidden from
// errors.Is.

// endError is why a call makes no attempt, with its kind.
type endError struct {
	kind   kind
	prefix string
	err    error
}

func (e *endError) Error() string { return e.prefix + errorText(e.err) }
func (e *endError) Unwrap() error { return e.err }

// callbackError returns the error of a call whose token source or limiter, named by what, failed with err.
func callbackError(ctx context.Context, k kind, what string, err error) error {
	ended := pace.DeadlineErr(ctx, 0)
	_, hasDeadline := ctx.Deadline()
	switch {
	case ended != nil && errors.Is(err, ended):
		return fmt.Errorf("%s: %w", what, err)
	case ended != nil:
		return fmt.Errorf("%s: %w; %w", what, withoutContext(err), ended)
	case k == limiterFailed && err == context.DeadlineExceeded && hasDeadline: //nolint:errorlint // only the unwrapped value; see Limiter
		return &endError{retryAfterPastDeadline, what + ": ", err}
	}
	return &endError{k, what + ": ", withoutContext(err)}
}

// attemptError is why an attempt ended. It matches no context error.
type attemptError struct {
	err     error
	timeout time.Duration // of the attempt, if it took that long; else 0
}

func (e *attemptError) Error() string {
	if e.timeout > 0 {
		return "no response within " + e.timeout.String()
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

// withoutContext hides the context errors in err.
func withoutContext(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	return &attemptError{err: err}
}

// errorText returns err's text, even if err is a nil pointer whose Error method panics.
func errorText(err error) string { return fmt.Sprint(err) }

// join returns an error that is both err and also.
func join(err, also error) error {
	if errors.Is(err, also) {
		return err
	}
	return fmt.Errorf("%w; %w", err, also)
}
