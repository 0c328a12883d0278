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
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// A limit that one call met is the error of others too; what is known of the one says nothing of the other.
func TestALimitDoesNotCarryTheOutcomeOfOneCallToAnother(t *testing.T) {
	eachWay(t, "two calls", func(t *testing.T, w way) {
		slack := slacktest.New()
		slack.Script(slacktest.Outage(500), slacktest.RateLimited(time.Hour))
		c := newClient(t, slack, wrapper.Options{Encoding: w.encoding})

		_, first := w.call(t.Context(), c)
		_, second := w.call(t.Context(), c)

		require.ErrorIs(t, first, wrapper.ErrRateLimited)
		require.ErrorIs(t, second, wrapper.ErrRateLimited)
		assert.True(t, wrapper.OutcomeUnknown(first))
		assert.False(t, wrapper.OutcomeUnknown(second))
	})
}

// Programs' own tests make errors by hand, and programs wrap them.
func TestTheFiveQuestionsToErrorsThatNoCallReturned(t *testing.T) {
	slack := func(status int, code wrapper.ErrorCode) *wrapper.Error {
		return &wrapper.Error{Method: "m", Attempts: 1, StatusCode: status, Code: code}
	}
	by := func(attempts int, err error) *wrapper.Error {
		return &wrapper.Error{Method: "m", Attempts: attempts, Err: err}
	}
	post := func(err error) error { return &url.Error{Op: "Post", URL: wrapper.DefaultBaseURL, Err: err} }
	for _, tt := range []struct {
		name   string
		err    error
		to     marks
		reason string
	}{
		{"nil", nil, final, ""},
		{"any other", errBoom, final, "other"},
		{"wrapped", fmt.Errorf("signing out: %w", slack(502, "")), retryable | inDoubt, "http_502"},
		{"joined", errors.Join(errBoom, slack(503, "")), retryable | inDoubt, "http_503"},
		{"an error of nothing", &wrapper.Error{}, final, "other"},

		{"a code alone", &wrapper.Error{Code: "user_not_found"}, final, "user_not_found"},
		{"a code", slack(200, "user_not_found"), final, "user_not_found"},
		{"a transient code", slack(200, "service_unavailable"), retryable, "service_unavailable"},
		{"a transient code alone", &wrapper.Error{Code: "ratelimited"}, retryable, "ratelimited"},
		{"a code that leaves it open", slack(200, "fatal_error"), retryable | inDoubt, "fatal_error"},
		{"such a code alone", &wrapper.Error{Code: "internal_error"}, retryable | inDoubt, "internal_error"},
		{"such a code with 403", slack(403, "internal_error"), final, "internal_error"},
		{"a code of every call", slack(200, "not_allowed_token_type"), stopsRun, "not_allowed_token_type"},
		{"a code of every call alone", &wrapper.Error{Code: "token_revoked"}, stopsRun, "token_revoked"},
		{"an unknown code", slack(200, "new_code"), final, "other_code"},
		{"no code", slack(200, ""), final, "other_code"},

		{"404", slack(404, ""), final, "http_404"},
		{"408", slack(408, ""), final, "http_408"},
		{"302", slack(302, ""), final, "redirect"},
		{"429", slack(429, ""), retryable, "ratelimited"},
		{"429 with another code", slack(429, "user_not_found"), retryable, "ratelimited"},
		{"429 beyond the deadline", &wrapper.Error{StatusCode: 429, Err: context.DeadlineExceeded}, retryable | stopsRun, "ratelimited"},
		{"429 that was cancelled", &wrapper.Error{StatusCode: 429, Err: context.Canceled}, final, "ratelimited"},
		{"500", slack(500, ""), retryable | inDoubt, "http_500"},
		{"503 with a code", slack(503, "user_not_found"), retryable | inDoubt, "user_not_found"},
		{"599", slack(599, ""), retryable | inDoubt, "http_599"},
		{"101", slack(101, ""), retryable | inDoubt, "no_verdict"},

		{"refused options", by(0, wrapper.ErrInvalidOptions), notSent, "invalid_options"},
		{"refused options that New returned", fmt.Errorf("slack: %w", wrapper.ErrInvalidOptions), notSent, "invalid_options"},
		{"a refused token", by(0, fmt.Errorf("%w: it is empty", wrapper.ErrInvalidToken)), notSent | stopsRun, "invalid_token"},
		{"cancelled before", by(0, context.Canceled), notSent, "canceled"},
		{"cancelled after", by(1, post(context.Canceled)), final, "canceled"},
		{"cancelled, no error of a call", context.Canceled, final, "canceled"},
		{"deadline before", by(0, context.DeadlineExceeded), retryable | notSent, "deadline"},
		{"deadline after", by(1, post(context.DeadlineExceeded)), retryable, "deadline"},
		{"deadline, no error of a call", fmt.Errorf("waiting: %w", context.DeadlineExceeded), retryable, "deadline"},
		{"timeout", by(1, post(os.ErrDeadlineExceeded)), retryable, "timeout"},
		{"reset", by(1, post(syscall.ECONNRESET)), retryable, "no_answer"},
		{"reset, no error of a call", syscall.ECONNRESET, final, "other"},
		{"broken pipe, no error of a call", fmt.Errorf("writing: %w", syscall.EPIPE), final, "other"},
		{"closed", by(1, post(io.EOF)), retryable, "no_answer"},
		{"closed, no error of a call", io.ErrUnexpectedEOF, final, "other"},
		{"connection refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, final, "other"},
		{"no such host", by(1, post(&net.DNSError{IsNotFound: true})), retryable, "no_answer"},
		{"unknown authority", by(1, post(x509.UnknownAuthorityError{})), final, "not_trusted"},
		{"other host", x509.HostnameError{Certificate: &x509.Certificate{}}, final, "other"},
		{"expired certificate", x509.CertificateInvalidError{}, final, "other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := fails(0, "", tt.to, tt.reason)
			assert.Equal(t, columns{g.retryable, g.unknown, g.notSent, g.stopsRun, g.reason}, columnsOf(tt.err))
		})
	}
}
