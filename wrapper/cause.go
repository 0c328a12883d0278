package wrapper

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// suppliedError is the failure of something that the caller supplied, which does its own retries.
type suppliedError struct {
	by  string // "token source" or "limiter"
	err error
}

func (e *suppliedError) Error() string { return e.by + ": " + e.err.Error() }
func (e *suppliedError) Unwrap() error { return e.err }

// failed is the error of a call whose token source or limiter failed, perhaps because ctx ended.
func failed(ctx context.Context, by string, err error) error {
	switch ended := pace.Ends(ctx, 0); {
	case ended != nil && errors.Is(err, ended):
		return ended // it only says so
	case ended != nil:
		return also(&suppliedError{by, err}, ended)
	}
	return &suppliedError{by, withoutContext(err)}
}

// supplied is the Reason of an error of the token source or the limiter; "" for other errors.
func supplied(err error) string {
	var e *suppliedError
	if errors.As(err, &e) {
		return strings.ReplaceAll(e.by, " ", "_")
	}
	return ""
}

// proxyError is a refusal of the proxy to connect.
type proxyError struct{ err error }

func (e *proxyError) Error() string { return "the proxy refused to connect: " + e.err.Error() }
func (e *proxyError) Unwrap() error { return e.err }

// attemptError is why an attempt ended. It matches no context error, because those mean that the caller's context ended.
type attemptError struct {
	err   error
	limit time.Duration // Timeout of the HTTP client, where the attempt took so long; else 0
}

func (e *attemptError) Error() string {
	if e.limit > 0 {
		return "no answer within " + e.limit.String()
	}
	return e.err.Error()
}

// Timeout makes it a net.Error by way of the *url.Error around it.
func (e *attemptError) Timeout() bool {
	var network net.Error
	return e.limit > 0 || errors.As(e.err, &network) && network.Timeout()
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

// also is err, and cause as well.
func also(err, cause error) error {
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w; %w", err, cause)
}

// withoutContext hides context errors in err, where it is not the caller's context that ended.
func withoutContext(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	return &attemptError{err: err}
}
