package wrapper

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// responseKind returns the kind of a response that is no success. hasOK reports whether its body is a verdict.
func responseKind(status int, hasOK bool, code ErrorCode) kind {
	switch {
	case status == http.StatusTooManyRequests:
		return rateLimited
	case status >= 500:
		return serverError
	case status >= 400 && hasOK:
		if k := code.kind(); !k.info().retryable {
			return k
		}
		return refusedUndocumented // a code is transient under HTTP 200 alone
	case status >= 400:
		return otherStatus
	case status >= 300:
		return redirected
	case status == http.StatusOK && hasOK:
		return code.kind()
	default:
		return noVerdict
	}
}

// causeKind returns the kind of an attempt that got no response, or of the reason why a call stopped before its first or next
// attempt. Context errors in err are those of the call's own context.
func causeKind(err error) kind {
	if err == nil {
		return noFailure
	}
	var end *endError
	var hold *pace.HoldError
	var outage *pace.OutageError
	var proxyErr *transport.ProxyError
	var netErr net.Error
	switch {
	case errors.As(err, &end):
		return end.kind
	case errors.As(err, &hold) && hold.Deadline && hold.RateLimit:
		return retryAfterPastDeadline
	case errors.As(err, &hold) && !hold.Deadline:
		return holdTooLong
	case errors.As(err, &outage) && outage.Broken:
		return brokenConnection
	case errors.As(err, &outage):
		return outageTooLong
	case errors.Is(err, context.Canceled):
		return canceled
	case errors.Is(err, context.DeadlineExceeded):
		return deadline
	case errors.Is(err, ErrInvalidToken):
		return invalidToken
	case errors.Is(err, ErrInvalidOptions):
		return invalidOptions
	case transport.IsCertError(err):
		return notTrusted
	case errors.As(err, &proxyErr):
		return proxyRefused
	case errors.As(err, &netErr) && netErr.Timeout():
		return timedOut
	case errors.As(err, &netErr), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return noAnswer
	default:
		return foreign
	}
}
