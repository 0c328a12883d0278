package wrapper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Retryable reports whether the same call may succeed later, with a new context if the old one ended: after a rate limit, a
// failure inside Slack, a broken or timed-out connection, a response without a verdict, or the deadline of the call's
// context. It is false for a cancelled call.
func Retryable(err error) bool {
	e := asError(err)
	return cmp.Or(e.stopKind, e.kind).info().retryable
}

// OutcomeUnknown reports whether the call that failed with err may nevertheless have taken effect: a request was sent and
// no verdict came back, or Slack reported a failure after starting. Later attempts of the call do not clear it.
//
// If it is true, repeat the call: both methods are idempotent. If the repeated call is refused with session_not_found, the
// session has ended. If it is false for an *Error that a [Client] returned, the call changed nothing.
func OutcomeUnknown(err error) bool { return asError(err).unknown }

// NotSent reports whether no request of the call reached Slack, so that sessions are as they were: the options or the token are
// invalid, the token source or the limiter failed, the context ended or a Retry-After was not over before the first request,
// or no attempt got a connection. It is never true together with [OutcomeUnknown].
func NotSent(err error) bool {
	e := asError(err)
	return e.kind != unset && !e.sent
}

// StopsRun reports whether other calls would fail too: because of the token, its scope or the plan, a token source or a
// limiter that fails, an outage longer than MaxOutage, a connection that cannot work, or a Retry-After that ends after
// the deadline of the context. Bulk runs take no more inputs after such an error. It is false for undocumented codes.
func StopsRun(err error) bool {
	e := asError(err)
	return e.kind.info().stopsRun || e.stopKind.info().stopsRun
}

// Reason returns a stable label for metrics and reports, from a bounded set: a code that Slack documents, else other_code,
// no_verdict, http_NNN, timeout, no_answer, not_trusted, proxy_refused, redirect, canceled, deadline, token_source, limiter,
// invalid_options, invalid_token or other. It is "" for nil. It describes the last attempt. canceled and deadline mean that the
// context ended during the last attempt, or kept the call from the first.
func Reason(err error) string {
	e := asError(err)
	switch {
	case e.kind == unset:
		return ""
	case e.kind == rateLimited:
		return string(ErrRateLimited)
	case e.Code.kind() != refusedOther:
		return string(e.Code)
	case e.Code != "":
		return "other_code"
	case e.kind.info().reason == "", e.kind == refusedOther && e.StatusCode >= 400:
		return fmt.Sprintf("http_%03d", e.StatusCode)
	default:
		return e.kind.info().reason
	}
}

// asError returns the [Error] in err, or one that stands for err. Its kind is unset if err is nil, or wraps a nil *Error.
func asError(err error) *Error {
	var e *Error
	var code ErrorCode
	switch k := sentinelKind(err); {
	case err == nil, errors.As(err, &e) && e == nil:
		return &Error{}
	case e != nil && e.kind != unset:
		return e
	case e != nil:
		return completeLiteral(*e)
	case errors.As(err, &code):
		return completeLiteral(Error{Code: code})
	default: // whether a request was sent is known only of refused options and tokens
		return &Error{kind: k, sent: k != invalidOptions && k != invalidToken}
	}
}

// completeLiteral completes an Error that a test or a mock has made.
func completeLiteral(e Error) *Error {
	cause := sentinelKind(e.Err)
	switch {
	case e.StatusCode != 0:
		hasOK := e.Code != "" || e.StatusCode == http.StatusOK && e.Err == nil
		e.kind = responseKind(e.StatusCode, hasOK, e.Code)
	case e.Code != "":
		e.kind = e.Code.kind()
	case cause == foreign && e.Err != nil && e.Attempts > 0:
		e.kind = noResponseKind(e.Err, false)
	default:
		e.kind = cause
	}
	e.setKind(e.kind, e.Attempts > 0 || e.StatusCode != 0 || e.Code != "" || e.kind == foreign)
	switch {
	case e.StatusCode == 0:
	case cause == deadline && (e.kind == rateLimited || e.RetryAfter > 0):
		e.stopKind = waitPastDeadline
	case cause == deadline, cause == canceled:
		e.stopKind = cause
	}
	return &e
}

// sentinelKind returns the kind of an error that callers can make too, else foreign.
func sentinelKind(err error) kind {
	switch {
	case errors.Is(err, context.Canceled):
		return canceled
	case errors.Is(err, context.DeadlineExceeded):
		return deadline
	case errors.Is(err, ErrInvalidToken):
		return invalidToken
	case errors.Is(err, ErrInvalidOptions):
		return invalidOptions
	default:
		return foreign
	}
}
