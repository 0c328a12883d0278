package wrapper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// Retryable reports whether err is transient: a rate limit, trouble inside Slack, a broken or timed-out
// connection, an answer without a verdict. It judges the error alone; a call whose context has ended
// is not tried again whatever the error.
func Retryable(err error) bool {
	var source *sourceError
	if errors.As(err, &source) {
		return false
	}
	if answer := answerIn(err); answer != nil {
		return answer.transient()
	}
	return connectionTrouble(err)
}

// OutcomeUnknown reports whether the call that ended in err may have taken effect all the same: a
// request may have reached Slack and no verdict came back, or Slack said that it failed half-way.
// What one attempt left open, later ones do not clear: a session_not_found can be the echo of the
// call's own success.
//
// Where it is true, repeat the call: both methods reach the same end state again, and a session that is
// not found then is over. Where it is false, the call changed nothing, and err says what to mend; where
// [Retryable] is true of it, time may.
func OutcomeUnknown(err error) bool {
	if err == nil {
		return false
	}
	var last interface{ unknown() bool } // the first in err: what it wraps may be somebody else's
	return errors.As(err, &last) && last.unknown()
}

// answerIn is the answer that err is or wraps, nil where there is none.
func answerIn(err error) *Error {
	if err == nil { // the usual case, for which nothing need be allocated
		return nil
	}
	var e *Error
	errors.As(err, &e)
	return e
}

// retryAfterOf is the Retry-After of the answer that err is.
func retryAfterOf(err error) time.Duration {
	if e := answerIn(err); e != nil {
		return e.RetryAfter
	}
	return 0
}

// rateLimited reports whether err is Slack's answer that there were too many requests.
func rateLimited(err error) bool {
	e := answerIn(err)
	return e != nil && (e.StatusCode == http.StatusTooManyRequests || e.StatusCode == http.StatusOK && e.Code == ErrRateLimited)
}

// expired reports whether err is Slack's answer that the token has expired.
func expired(err error) bool {
	e := answerIn(err)
	return e != nil && e.StatusCode == http.StatusOK && e.Code == ErrTokenExpired
}

// transient follows the codes where Slack answered 200 (or a test made the error by hand), and the
// status where it did not.
func (e *Error) transient() bool {
	switch {
	case e.StatusCode == http.StatusTooManyRequests, e.StatusCode >= 500, e.noVerdict:
		return true
	case e.StatusCode != http.StatusOK && e.StatusCode != 0:
		return false
	}
	return e.Code.concerns() == thisTime
}

func (e *Error) unknown() bool {
	switch {
	case e.outcomeUnknown, e.noVerdict, e.StatusCode >= 500:
		return true
	case e.StatusCode != http.StatusOK && e.StatusCode != 0:
		return false
	}
	return e.Code == ErrInternalError || e.Code == ErrFatalError
}

// connectionTrouble reports whether err comes from the connection. A certificate that is not trusted is
// no passing trouble, and a cancelled request was meant to end.
func connectionTrouble(err error) bool {
	var request *url.Error
	var network net.Error
	switch {
	case untrusted(err), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &request): // an attempt's own timeout included
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// untrusted reports whether err is about the server's certificate.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &certificate)
}

// neverSent reports whether err, from a transport that tells nothing of its connections, arose before the
// request was sent.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var record tls.RecordHeaderError
	return untrusted(err) || errors.As(err, &dns) || errors.As(err, &record) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}
