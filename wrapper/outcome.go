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

// Retryable reports whether err is transient: a rate limit, trouble inside Slack, a broken or timed-out connection, an
// answer without a verdict. It judges the error alone: a call whose context has ended is not retried whatever the error.
func Retryable(err error) bool {
	e := errorIn(err)
	switch {
	case err == nil, supplied(e.Err) != "":
		return false
	case e.StatusCode != 0 || e.Code != "" || e.noVerdict:
		return e.transient()
	}
	return broken(e.Err)
}

// OutcomeUnknown reports whether the call that failed with err may nevertheless have taken effect: a request may have
// reached Slack and no verdict came back, or Slack said that it failed half-way. Once one attempt has left the outcome
// unknown, later attempts do not make it known: a session_not_found may mean that the earlier attempt ended the session.
//
// Where it is true, repeat the call: both methods reach the same end state again, and a session that is then not found
// is over. Where it is false, the call changed nothing.
func OutcomeUnknown(err error) bool {
	e := errorIn(err)
	switch {
	case e.unknown, e.noVerdict, e.StatusCode >= 500, e.StatusCode > 0 && e.StatusCode < 200:
		return true
	}
	return e.byCode() && (e.Code == ErrInternalError || e.Code == ErrFatalError)
}

// NotSent reports whether no request of the call reached Slack: sessions are as they were, and Slack knows nothing of
// the call. Options or a token were refused, the token source or the limiter failed, the context ended or a rate limit
// held the call back before the first request, or no attempt got a connection that it could trust. It is never true
// where [OutcomeUnknown] is.
func NotSent(err error) bool {
	e := errorIn(err)
	none := e.Attempts == 0 && e.StatusCode == 0 && e.Err != nil
	return !OutcomeUnknown(err) && (none || e.unsent)
}

// StopsRun reports whether every other call would fail as well: because of the credentials, the scope or the plan, a token
// source or a limiter that fails, an outage that lasted too long, or a rate limit that lasts longer than the context. Bulk
// runs take no more inputs after such an error. It is false for codes that Slack does not document.
func StopsRun(err error) bool {
	e := errorIn(err)
	var outage *pace.Outage
	switch {
	case supplied(e.Err) != "", errors.Is(e.Err, ErrInvalidToken), errors.Is(e.Err, errNoSource), errors.As(e.Err, &outage):
		return true
	case e.rateLimited(), e.RetryAfter > 0 && e.transient():
		return errors.Is(e.Err, context.DeadlineExceeded)
	}
	return e.StatusCode < 500 && e.Code.scope() == everyCall
}

// errorIn is the [Error] that err is or wraps, or one made of it; never nil.
func errorIn(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	refused := errors.Is(err, ErrInvalidOptions) || errors.Is(err, ErrInvalidToken)
	return &Error{Err: err, Attempts: 1, unsent: refused} // nothing else is known of its attempts
}

// answered reports whether Slack answered: not where it failed, and not where somebody else spoke, such as a proxy.
func (e *Error) answered() bool {
	return e.StatusCode == http.StatusTooManyRequests ||
		e.spoken && (e.StatusCode == http.StatusOK || e.StatusCode >= 400 && e.StatusCode < 500)
}

// rateLimited reports whether there were too many requests, be it this call's or others'.
func (e *Error) rateLimited() bool {
	return e.StatusCode == http.StatusTooManyRequests || e.Code == ErrRateLimited && e.byCode()
}

// expired reports whether Slack says that the token has expired.
func (e *Error) expired() bool { return e.Code == ErrTokenExpired && e.byCode() }

// byCode reports whether the code decides. Under any other status than 200 the status does.
func (e *Error) byCode() bool { return e.StatusCode == http.StatusOK || e.StatusCode == 0 }

func (e *Error) transient() bool {
	if e.rateLimited() || e.StatusCode >= 500 || e.noVerdict {
		return true
	}
	return e.byCode() && e.Code.scope() == thisTime
}

// broken reports whether err comes from a connection that may work again. One that is not trusted will not by itself,
// and a cancelled request was meant to end.
func broken(err error) bool {
	var proxy *proxyError
	var held *pace.HeldBack
	var outage *pace.Outage
	var request *url.Error
	var network net.Error
	switch {
	case transport.NotTrusted(err), errors.Is(err, context.Canceled), errors.As(err, &proxy):
		return false
	case errors.As(err, &held), errors.As(err, &outage), errors.As(err, &request):
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
