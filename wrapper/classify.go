package wrapper

import (
	"context"
	"errors"
	"net"
	"net/http"

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
		return refusedOther // a code is transient under HTTP 200 alone
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

// noResponseKind returns the kind of an attempt that got no response. sent reports whether the transport read the request's
// body.
func noResponseKind(err error, sent bool) kind {
	var netErr net.Error
	var proxyErr *transport.ProxyError
	switch {
	case errors.Is(err, context.Canceled):
		return canceled
	case errors.Is(err, context.DeadlineExceeded):
		return deadline
	case errors.As(err, &netErr) && netErr.Timeout():
		return timedOut
	case !sent && transport.IsCertError(err):
		return notTrusted
	case !sent && errors.As(err, &proxyErr):
		return proxyRefused
	default:
		return noAnswer
	}
}
