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
	return cmp.Or(e.aborted, e.kind).info().retryable
}

// OutcomeUnknown reports whether the call that failed with err may nevertheless have taken effect: a request was sent and
// no verdict came back, or Slack reported a failure after starting. Later attempts of the call do not clear it.
//
// If it is true, repeat the call: both methods are idempotent. If the repeated call is refused with session_not_found, the
// session has ended. If it is false for an *Error of a call, the call changed nothing.
func OutcomeUnknown(err error) bool { return asError(err).unknown }

// NotSent reports whether no request of the call reached Slack, so that sessions are as they were: the options or the token are
// invalid, the token source or the limiter failed, the context ended or a Retry-After was not over before the first request,
// or no attempt got a connection. It is never true together with [OutcomeUnknown].
func NotSent(err error) bool {
	e := asError(err)
	return e.kind != unset && !e.sent
}

// StopsRun reports whether other calls would fail too: because of the token, its scope or the plan, a token source or a
// limiter that fails, an outage longer than MaxOutage, a connection that cannot work, or a rate limit that lasts longer than
// the context. Bulk runs take no more inputs after such an error. It is false for undocumented codes.
func StopsRun(err error) bool {
	e := asError(err)
	return e.kind.info().stopsRun || e.aborted.info().stopsRun
}

// Reason returns a stable label for metrics and reports, from a bounded set: a code that Slack documents, else other_code,
// no_verdict, http_NNN, timeout, no_answer, not_trusted, proxy_refused, redirect, canceled, deadline, token_source, limiter,
// invalid_options, invalid_token or other. It is "" for nil. It describes the last attempt. canceled and deadline mean that the
// context ended during the last attempt, or before the first.
func Reason(err error) string {
	e := asError(err)
	switch {
	case e.kind == unset:
		return ""
	case e.kind == rateLimited:
		return string(ErrRateLimited)
	case e.Code.kind() != refusedUndocumented:
		return string(e.Code)
	case e.Code != "":
		return "other_code"
	case e.kind.info().reason == "", e.kind == refusedUndocumented && e.StatusCode >= 400:
		return fmt.Sprintf("http_%03d", e.StatusCode)
	default:
		return e.kind.info().reason
	}
}

// asError returns the [Error] in err, or one that stands for err. Its kind is unset if err is nil, or wraps a nil *Error.
func asError(err error) *Error {
	var e *Error
	var code ErrorCode
	switch {
	case err == nil:
		return &Error{}
	case errors.As(err, &e) && e == nil:
		return &Error{}
	case e != nil && e.kind != unset:
		return e
	case e != nil:
		return classified(*e)
	case errors.As(err, &code):
		return classified(Error{Code: code})
	case errors.Is(err, ErrInvalidOptions), errors.Is(err, ErrInvalidToken):
		return classified(Error{Err: err})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return classified(Error{Err: err, Attempts: 1}) // the number of attempts is not known
	default:
		return &Error{kind: foreign, sent: true}
	}
}

// classified completes an Error that a test or a mock has made.
func classified(e Error) *Error {
	switch {
	case e.StatusCode != 0:
		e.kind = responseKind(e.StatusCode, e.StatusCode == http.StatusOK || e.Code != "", e.Code)
	case e.Code != "":
		e.kind = e.Code.kind()
	default:
		e.kind = abortKind(e.Err)
	}
	if e.kind == foreign && e.Err != nil && e.Attempts > 0 {
		e.kind = attemptKind(e.Err, false)
	}
	e.unknown = e.kind.info().effect == effectUnknown
	e.sent = e.Attempts > 0 || e.StatusCode != 0 || e.Code != "" || e.kind == foreign
	switch aborted := abortKind(e.Err); {
	case e.StatusCode == 0:
	case aborted == deadline && e.kind == rateLimited:
		e.aborted = retryAfterPastDeadline
	case aborted == canceled, aborted == deadline:
		e.aborted = aborted
	}
	return &e
}
