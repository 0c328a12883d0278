package wrapper_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// The last word on a call that an earlier attempt left open.
func TestWhatOneAttemptLeftOpenLaterOnesDoNotClear(t *testing.T) {
	open := slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}
	for _, s := range []story{
		{
			name:  "session_not_found can be the echo of the call's own success",
			scene: scene{slack: []slacktest.Answer{open, slacktest.Refused("session_not_found")}},
			gets:  refused(wrapper.ErrSessionNotFound),
			sent:  backoff[:2],
		},
		{
			name:  "a refusal of the token",
			scene: scene{slack: []slacktest.Answer{slacktest.Outage(500), slacktest.Refused("token_revoked")}},
			gets:  refused(wrapper.ErrTokenRevoked).stopping(),
			sent:  backoff[:2],
		},
		{
			name:  "no connection any more",
			scene: scene{slack: append([]slacktest.Answer{open}, times(9, breaks(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}))...)},
			gets:  broken(syscall.ECONNREFUSED),
			sent:  backoff,
		},
		{
			name:  "a redirect",
			scene: scene{slack: []slacktest.Answer{body("[]"), redirect(307, "/")}},
			gets:  redirected(307, "https://slack.com/"),
			sent:  backoff[:2],
		},
		{
			name:  "rate limits to the end",
			scene: scene{slack: append([]slacktest.Answer{slacktest.Refused("internal_error")}, times(9, status(429))...)},
			gets:  limited(0),
			sent:  append(backoff[:2:2], untold[1:4]...),
		},
		{
			name:  "a rate limit that lasts too long",
			scene: scene{slack: []slacktest.Answer{{Cut: true}, slacktest.RateLimited(time.Hour)}},
			gets:  limited(time.Hour).with(wrapper.ErrRateLimited),
			sent:  backoff[:2],
		},
		{
			name: "a wait that is cancelled",
			scene: scene{
				ctx:   cancelledAfter(10 * time.Second),
				slack: []slacktest.Answer{open, minute},
			},
			gets: limitedMinute.and(context.Canceled),
			sent: backoff[:2],
			ends: between(9500*time.Millisecond, 10*time.Second),
		},
		{
			name:  "a wait that is not begun",
			scene: scene{ctx: deadline(10 * time.Second), slack: []slacktest.Answer{open, minute}},
			gets:  limitedMinute.and(context.DeadlineExceeded).stopping(),
			sent:  backoff[:2],
		},
		{
			name:  "a token source that fails",
			scene: scene{source: tokens(token), slack: []slacktest.Answer{open}},
			gets:  broken(syscall.ECONNRESET, errBoom).because("token_source").ending().stopping(),
			sent:  once,
			ends:  jitter,
		},
		{
			name:  "a limiter that fails",
			scene: scene{limiter: passing(1), slack: []slacktest.Answer{open}},
			gets:  broken(syscall.ECONNRESET, errBoom).because("limiter").ending().stopping(),
			sent:  once,
			ends:  jitter,
		},
		{
			name:  "a new token that is refused",
			scene: scene{source: tokens(token, token, token+"2"), slack: []slacktest.Answer{open, slacktest.Refused("token_expired"), slacktest.Refused("invalid_auth")}},
			gets:  refused(wrapper.ErrInvalidAuth).stopping(),
			sent:  []*gap{now, jitter, now},
		},
		{
			name:  "no new token",
			scene: scene{source: tokens(token, token, token), slack: []slacktest.Answer{open, slacktest.Refused("token_expired")}},
			gets:  refused(wrapper.ErrTokenExpired).stopping(),
			sent:  backoff[:2],
		},
	} {
		s.gets.unknown = true
		eachWay(t, s.name, s.assert)
	}
}

func TestWhatWasNeverLeftOpenStaysKnown(t *testing.T) {
	for _, s := range []story{
		{
			name: "refusals that pass, and one that does not",
			scene: scene{slack: []slacktest.Answer{
				slacktest.Refused("service_unavailable"), slacktest.Refused("request_timeout"),
				status(429), slacktest.Refused("user_not_found"),
			}},
			gets: refused(wrapper.ErrUserNotFound),
			sent: append(backoff[:3:3], untold[1]),
		},
		{
			name:  "no connection to the end",
			scene: scene{slack: times(9, breaks(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}))},
			gets:  notConnected(syscall.ECONNREFUSED),
			sent:  backoff,
		},
		{
			name:  "a failing token source after rate limits",
			scene: scene{source: tokens(token, token), slack: times(2, minute)},
			gets:  limitedMinute.and(errBoom).ending().stopping(),
			sent:  []*gap{now, exactly(time.Minute)},
			ends:  now,
		},
	} {
		eachWay(t, s.name, s.assert)
	}
}

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

// stubbornTransport makes a second try of its own, as retrying transports do.
type stubbornTransport struct{ first, second http.RoundTripper }

func (s stubbornTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	try := func(by http.RoundTripper) (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return by.RoundTrip(again)
	}
	if resp, err := try(s.first); err == nil {
		return resp, nil
	}
	return try(s.second)
}

func TestATransportThatTriesAgainByItselfDoesNotHideThatARequestWasSent(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Err: syscall.ECONNRESET, Effect: true})
	server := httptest.NewServer(slack)
	defer server.Close()
	sends, dials := &http.Transport{}, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}}
	defer sends.CloseIdleConnections()
	c := newClient(t, stubbornTransport{sends, dials}, wrapper.Options{
		BaseURL: server.URL, Retry: wrapper.RetryOptions{MaxAttempts: 1},
	})

	_, err := reset(t.Context(), c)

	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.True(t, slack.Calls()[0].Effect)
	assert.True(t, wrapper.OutcomeUnknown(err))
}

func TestOutcomeUnknownOfErrorsThatNoCallReturned(t *testing.T) {
	for _, err := range []error{
		nil,
		errBoom,
		context.Canceled,
		wrapper.ErrInvalidOptions,
		wrapper.ErrUserNotFound,
		&wrapper.Error{},
		&wrapper.Error{Code: wrapper.ErrUserNotFound},
		&wrapper.Error{StatusCode: 404},
		&wrapper.Error{StatusCode: 429},
		&wrapper.Error{StatusCode: 403, Code: wrapper.ErrInternalError},
	} {
		assert.False(t, wrapper.OutcomeUnknown(err), "%v", err)
	}
	for _, err := range []error{
		&wrapper.Error{StatusCode: 500},
		&wrapper.Error{Code: wrapper.ErrInternalError},
		&wrapper.Error{StatusCode: 200, Code: wrapper.ErrFatalError},
		fmt.Errorf("signing out: %w", &wrapper.Error{StatusCode: 502}),
		errors.Join(errBoom, &wrapper.Error{StatusCode: 503}),
	} {
		assert.True(t, wrapper.OutcomeUnknown(err), "%v", err)
	}
}
