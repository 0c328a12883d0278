package wrapper_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// Tests of programs make errors by hand, and programs wrap errors.
func TestQuestionsToErrorsThatNoCallReturned(t *testing.T) {
	slack := func(status int, code wrapper.ErrorCode) *wrapper.Error {
		return &wrapper.Error{Method: "m", Attempts: 1, StatusCode: status, Code: code}
	}
	by := func(attempts int, err error) *wrapper.Error {
		return &wrapper.Error{Method: "m", Attempts: attempts, Err: err}
	}
	post := func(err error) error { return &url.Error{Op: "Post", URL: wrapper.DefaultBaseURL, Err: err} }
	for _, tc := range []struct {
		name   string
		err    error
		flags  flags
		reason string
	}{
		{"nil", nil, none, ""},
		{"nil *Error", (*wrapper.Error)(nil), none, ""},
		{"nil *Error in an error", fmt.Errorf("signing out: %w", (*wrapper.Error)(nil)), none, ""},
		{"wrapped", fmt.Errorf("signing out: %w", slack(502, "")), retryable | unknown, "http_502"},
		{"joined", errors.Join(errBoom, slack(503, "")), retryable | unknown, "http_503"},
		{"zero Error", &wrapper.Error{}, none, "other"},

		{"code about one call", wrapper.ErrUserNotFound, none, "user_not_found"},
		{"transient code", wrapper.ErrServiceUnavailable, retryable, "service_unavailable"},
		{"ratelimited", wrapper.ErrRateLimited, retryable, "ratelimited"},
		{"code after which the outcome is unknown", wrapper.ErrInternalError, retryable | unknown, "internal_error"},
		{"code about every call", wrapper.ErrTokenRevoked, stopsRun, "token_revoked"},
		{"undocumented code", wrapper.ErrorCode("new_code"), none, "other_code"},
		{"code, wrapped", fmt.Errorf("mock: %w", wrapper.ErrTokenExpired), stopsRun, "token_expired"},
		{"Error with a code alone", &wrapper.Error{Code: "user_not_found"}, none, "user_not_found"},
		{"Error with a transient code alone", &wrapper.Error{Code: "fatal_error"}, retryable | unknown, "fatal_error"},

		{"200 with a code about one call", slack(200, "user_not_found"), none, "user_not_found"},
		{"200 with a transient code", slack(200, "service_unavailable"), retryable, "service_unavailable"},
		{"200 with fatal_error", slack(200, "fatal_error"), retryable | unknown, "fatal_error"},
		{"200 with a code about every call", slack(200, "not_allowed_token_type"), stopsRun, "not_allowed_token_type"},
		{"200 with an undocumented code", slack(200, "new_code"), none, "other_code"},
		{"200 without a code", slack(200, ""), none, "other_code"},
		{"101", slack(101, ""), retryable | unknown, "no_verdict"},
		{"302", slack(302, ""), none, "redirect"},
		{"403 with internal_error", slack(403, "internal_error"), none, "internal_error"},
		{"404", slack(404, ""), none, "http_404"},
		{"429", slack(429, ""), retryable, "ratelimited"},
		{"429 with another code", slack(429, "user_not_found"), retryable, "ratelimited"},
		{"429 beyond the deadline", &wrapper.Error{StatusCode: 429, Err: context.DeadlineExceeded}, retryable | stopsRun, "ratelimited"},
		{"429, then cancelled", &wrapper.Error{StatusCode: 429, Err: context.Canceled}, none, "ratelimited"},
		{"503 beyond the deadline", &wrapper.Error{StatusCode: 503, RetryAfter: time.Minute, Err: context.DeadlineExceeded}, retryable | unknown | stopsRun, "http_503"},
		{"200, cut short", &wrapper.Error{StatusCode: 200, Err: io.ErrUnexpectedEOF}, retryable | unknown, "no_verdict"},
		{"500", slack(500, ""), retryable | unknown, "http_500"},
		{"503 with a code", slack(503, "user_not_found"), retryable | unknown, "user_not_found"},

		{"refused options", by(0, wrapper.ErrInvalidOptions), notSent, "invalid_options"},
		{"refused token", by(0, fmt.Errorf("%w: it is empty", wrapper.ErrInvalidToken)), notSent | stopsRun, "invalid_token"},
		{"cancelled before the first request", by(0, context.Canceled), notSent, "canceled"},
		{"cancelled after a request", by(1, post(context.Canceled)), unknown, "canceled"},
		{"deadline before the first request", by(0, context.DeadlineExceeded), retryable | notSent, "deadline"},
		{"deadline after a request", by(1, post(context.DeadlineExceeded)), retryable | unknown, "deadline"},
		{"timeout", by(1, post(os.ErrDeadlineExceeded)), retryable | unknown, "timeout"},
		{"connection reset", by(1, post(syscall.ECONNRESET)), retryable | unknown, "no_answer"},
		{"connection closed", by(1, post(io.EOF)), retryable | unknown, "no_answer"},
		{"no such host", by(1, post(&net.DNSError{IsNotFound: true})), retryable | unknown, "no_answer"},
		{"untrusted certificate", by(1, post(x509.UnknownAuthorityError{})), none, "not_trusted"},

		{"context.Canceled", context.Canceled, none, "canceled"},
		{"context.DeadlineExceeded", fmt.Errorf("waiting: %w", context.DeadlineExceeded), retryable, "deadline"},
		{"error of another package", errBoom, none, "other"},
		{"connection reset, no Error", syscall.ECONNRESET, none, "other"},
		{"connection refused, no Error", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, none, "other"},
		{"untrusted certificate, no Error", x509.UnknownAuthorityError{}, none, "other"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.flags.judgement(tc.reason), judge(tc.err))
		})
	}
}

// nextStep is the order of questions that the example of the playbook shows.
func TestPlaybookFindsTheNextStep(t *testing.T) {
	const stop = "; stop, the next user would fail too"
	tookEffect := slacktest.Answer{Status: 503, Effect: true}
	for _, tc := range []struct {
		name string
		setup
		want string
	}{
		{"429 of 30 s with a deadline of 20 s", setup{ctx: deadline(20 * time.Second), responses: repeated(1, slacktest.RateLimited(30*time.Second))}, "repeat later: not signed out: ratelimited" + stop},
		{"deadline over before", setup{ctx: deadline(-time.Second)}, "repeat later: not signed out: deadline"},
		{"cancelled before", setup{ctx: cancelledAfter(0)}, "hand to a person: not signed out: canceled"},
		{"limiter fails", setup{limiter: limiterOf(0)}, "hand to a person: not signed out: limiter" + stop},
		{"503 that took effect, then the token source fails", setup{source: tokens(token), responses: repeated(1, tookEffect)}, "repeat: may be signed out: http_503" + stop},
		{"reset that took effect, then token_revoked", setup{responses: []slacktest.Answer{resetAfterEffect, slacktest.Refused("token_revoked")}}, "repeat: may be signed out: token_revoked" + stop},
	} {
		inBubble(t, tc.name, func(t *testing.T) {
			err := makeCall(t, resetForm, tc.setup).err
			assert.Equal(t, tc.want, nextStep(err), "%v", err)
		})
	}
}
