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

// Context errors mean one thing in an [*Error]: the context that the caller passed ended the call, or would have ended it
// before a wait was over. The two types here hide the context errors of anything else.

// endError is why a call makes no attempt, with its kind.
type endError struct {
	kind kind
	what string
	err  error
}

func (e *endError) Error() string { return e.what + text(e.err) }
func (e *endError) Unwrap() error { return e.err }

// callbackError returns the error of a call whose token source or limiter failed with err.
func callbackError(ctx context.Context, k kind, what string, err error) error {
	ended := pace.DeadlineErr(ctx, 0)
	switch _, hasDeadline := ctx.Deadline(); {
	case ended != nil && errors.Is(err, ended):
		return ended // err says nothing else
	case ended != nil:
		return fmt.Errorf("%s: %w; %w", what, err, ended)
	case k == limiterFailed && err == context.DeadlineExceeded && hasDeadline: //nolint:errorlint // itself, not an error around it: see Limiter
		return &endError{waitPastDeadline, what + ": ", err}
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
	return e.err.Error()
}

// Timeout makes attemptError a net.Error by way of the *url.Error around it.
func (e *attemptError) Timeout() bool {
	var network net.Error
	return e.timeout > 0 || errors.As(e.err, &network) && network.Timeout()
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

// text returns err's text, also if a typed nil pointer makes its Error method panic.
func text(err error) string { return fmt.Sprint(err) }

// join returns an error that is both err and also.
func join(err, also error) error {
	if errors.Is(err, also) {
		return err
	}
	return fmt.Errorf("%w; %w", err, also)
}
