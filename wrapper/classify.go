package wrapper

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"

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
	case status >= 400 && !hasOK:
		return otherStatus
	case status >= 400 && code.kind().info().retryable: // a code is transient under HTTP 200 alone
		return refusedOther
	case status >= 400:
		return code.kind()
	case status >= 300:
		return redirected
	case status == http.StatusOK && hasOK:
		return code.kind()
	default:
		return noVerdict
	}
}

// causeKind returns the kind of an attempt that got no response, or of the reason why a call makes no attempt. Context
// errors in err are those of the call's own context.
func causeKind(err error) kind {
	if err == nil {
		return noFailure
	}
	var end *endError
	var hold *pace.HoldError
	var outage *pace.OutageError
	var refusal *transport.ProxyError
	var network net.Error
	var request *url.Error
	switch {
	case errors.As(err, &end):
		return end.kind
	case errors.As(err, &hold) && hold.Deadline && hold.RateLimit:
		return waitPastDeadline
	case errors.As(err, &hold) && !hold.Deadline:
		return heldBack
	case errors.As(err, &outage) && outage.Broken:
		return cannotConnect
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
	case errors.As(err, &refusal):
		return proxyRefused
	case errors.As(err, &network) && network.Timeout():
		return timedOut
	case errors.As(err, &network), errors.As(err, &request), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return noAnswer
	default:
		return foreign
	}
}
