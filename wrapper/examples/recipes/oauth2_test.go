package recipes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const lifetime = 12 * time.Hour

// endpoint stands in for oauth.v2.access, and for the program that keeps the tokens. It accepts each refresh token once.
type endpoint struct {
	slack     *slacktest.Slack
	transport http.RoundTripper // to slack
	early     time.Duration     // Slack's clock is ahead by this
	delay     time.Duration     // of each response
	failure   failure
	until     time.Time // of the failure

	mu       sync.Mutex
	requests int
	renewed  int
	saved    []string // access tokens
	saveErr  error
}

// newEndpoint returns an endpoint that has issued the first token, and a client that rotates it.
func newEndpoint(t *testing.T) (*endpoint, *wrapper.Client) {
	t.Helper()
	slack := slacktest.New()
	e := &endpoint{slack: slack, transport: slack}
	e.issue()
	return e, e.client(t, e.token())
}

// client returns a client that starts with token.
func (e *endpoint) client(t *testing.T, token oauth2.Token) *wrapper.Client {
	t.Helper()
	source := RotatingToken(
		&oauth2.Config{ClientID: "client-id", ClientSecret: "client-secret", Endpoint: SlackOAuth2},
		&http.Client{Transport: e}, token, e.save,
	)
	client, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: e.transport}})
	require.NoError(t, err)
	return client
}

func (e *endpoint) save(token *oauth2.Token) error {
	if e.saveErr == nil {
		e.saved = append(e.saved, token.AccessToken)
	}
	return e.saveErr
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests++
	select {
	case <-time.After(e.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if time.Now().Before(e.until) {
		return e.failure.response()
	}
	id, secret, _ := r.BasicAuth()
	if id != "client-id" || secret != "client-secret" || r.PostFormValue("refresh_token") != e.token().RefreshToken {
		return failure{code: "invalid_refresh_token"}.response()
	}
	e.renewed++
	e.issue()
	return respond(http.StatusOK, map[string]any{
		"ok": true, "token_type": "user", "expires_in": lifetime.Seconds(),
		"access_token": e.token().AccessToken, "refresh_token": e.token().RefreshToken,
	})
}

// token returns the newest token.
func (e *endpoint) token() oauth2.Token {
	return oauth2.Token{
		AccessToken:  fmt.Sprint("xoxp-test-", e.renewed),
		RefreshToken: fmt.Sprint("xoxe-test-", e.renewed),
		Expiry:       time.Now().Add(lifetime),
	}
}

func (e *endpoint) issue() {
	token := e.token()
	e.slack.AddToken(token.AccessToken, slacktest.Token{Expires: token.Expiry.Add(-e.early)})
}

// failure is how a renewal fails.
type failure struct {
	status     int // 0: 200
	code       string
	retryAfter string
	err        error // of the connection
}

func (f failure) response() (*http.Response, error) {
	if f.err != nil {
		return nil, f.err
	}
	resp, err := respond(cmp.Or(f.status, http.StatusOK), map[string]any{"ok": false, "error": f.code})
	resp.Header.Set("Retry-After", f.retryAfter)
	return resp, err
}

func respond(status int, body map[string]any) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	err := json.NewEncoder(w).Encode(body)
	return w.Result(), err
}

// everyMinute is a user each minute, for a time.
func everyMinute(lasts time.Duration) func(func(wrapper.ResetOptions) bool) {
	return func(yield func(wrapper.ResetOptions) bool) {
		for end := time.Now().Add(lasts); time.Now().Before(end) && yield(wrapper.ResetOptions{UserID: "W0123456789"}); {
			time.Sleep(time.Minute)
		}
	}
}

func reset(t *testing.T, client *wrapper.Client) error {
	t.Helper()
	_, err := client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
	return err
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, client := newEndpoint(t)
		e.early = 4 * time.Minute
		for r := range client.BulkReset(t.Context(), everyMinute(30*time.Hour), wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}
		assert.Equal(t, []string{"xoxp-test-1", "xoxp-test-2"}, e.saved)
		assert.Len(t, e.slack.Calls(), 30*60, "no request had an expired token")
	})
}

func TestFailedRenewalKeepsTheTokenThatIsStillValid(t *testing.T) {
	for name, c := range map[string]struct {
		failure  failure
		requests int
	}{
		"503":              {failure{status: http.StatusServiceUnavailable}, 21},
		"internal_error":   {failure{code: "internal_error"}, 21},
		"connection reset": {failure{err: syscall.ECONNRESET}, 21},
		"429 of 5 minutes": {failure{status: http.StatusTooManyRequests, code: "ratelimited", retryAfter: "300"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, client := newEndpoint(t)
				e.failure, e.until = c.failure, time.Now().Add(lifetime-renewBefore+20*time.Minute)
				for r := range client.BulkReset(t.Context(), everyMinute(13*time.Hour), wrapper.BulkOptions{}) {
					require.NoError(t, r.Err)
				}
				assert.Equal(t, []string{"xoxp-test-1"}, e.saved)
				assert.Equal(t, c.requests, e.requests)
				assert.Len(t, e.slack.Calls(), 13*60, "no request had an expired token")
			})
		})
	}
}

func TestCallsWithoutAValidTokenWaitForTheRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, client := newEndpoint(t)
		start := time.Now()
		e.failure, e.until = failure{status: http.StatusServiceUnavailable}, start.Add(lifetime+9*time.Minute)
		for r := range client.BulkReset(t.Context(), everyMinute(13*time.Hour), wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}
		assert.Equal(t, []string{"xoxp-test-1"}, e.saved)
	})
}

func TestProgramThatStartsWithAnExpiredTokenRidesOverAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := newEndpoint(t)
		expired := e.token()
		expired.Expiry = time.Now()
		client := e.client(t, expired)
		e.failure, e.until = failure{err: syscall.ECONNRESET}, time.Now().Add(2*time.Second)
		start := time.Now()
		require.NoError(t, reset(t, client))
		assert.Equal(t, 3*time.Second, time.Since(start), "waits of 1 s and 2 s")
	})
}

func TestCallsFailWhenNoRenewalSucceedsForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := newEndpoint(t)
		client := e.client(t, oauth2.Token{RefreshToken: "xoxe-test-0"})
		e.failure, e.until = failure{status: http.StatusServiceUnavailable}, time.Now().Add(time.Hour)
		start := time.Now()

		err := reset(t, client)
		require.ErrorContains(t, err, "renewing the Slack token")
		assert.Equal(t, "token_source", wrapper.Reason(err))
		assert.WithinRange(t, time.Now(), start.Add(renewalOutage-maxRenewalWait), start.Add(renewalOutage))

		tries, start := e.requests, time.Now()
		require.Error(t, reset(t, client))
		assert.Equal(t, tries+1, e.requests)
		assert.Zero(t, time.Since(start), "a later call does not wait")

		e.failure.retryAfter = "3600"
		require.Error(t, reset(t, client))
		assert.Zero(t, time.Since(start), "nor does it wait longer because Slack asks for it")

		time.Sleep(time.Hour)
		require.NoError(t, reset(t, client))
	})
}

func TestRenewalThatSlackRefusesForGoodIsNotRepeated(t *testing.T) {
	for _, code := range []string{"invalid_refresh_token", "token_revoked", "invalid_client_id"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, client := newEndpoint(t)
				e.failure, e.until = failure{code: code}, time.Now().Add(24*time.Hour)
				start := time.Now()
				var last error
				for r := range client.BulkReset(t.Context(), everyMinute(13*time.Hour), wrapper.BulkOptions{}) {
					last = r.Err
				}
				require.ErrorContains(t, last, code)
				assert.True(t, wrapper.StopsRun(last))
				assert.Equal(t, 1, e.requests)
				assert.WithinDuration(t, start.Add(lifetime), time.Now(), 2*time.Minute, "the token is used until it expires")
			})
		})
	}
}

func TestTokenThatCannotBeSavedIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, client := newEndpoint(t)
		e.saveErr = errors.New("disk full")
		time.Sleep(lifetime - time.Minute)
		require.NoError(t, reset(t, client), "the old token is valid")
		time.Sleep(time.Minute)
		require.ErrorIs(t, reset(t, client), e.saveErr)
		e.saveErr = nil
		require.NoError(t, reset(t, client))

		assert.Equal(t, 1, e.renewed, "the token is saved later, not renewed again")
		calls := e.slack.Calls()
		require.Len(t, calls, 2)
		assert.Equal(t, "xoxp-test-0", calls[0].Token)
		assert.Equal(t, "xoxp-test-1", calls[1].Token)
	})
}

func TestCallThatEndsDuringARenewalLosesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, client := newEndpoint(t)
		e.delay = 5 * time.Second
		time.Sleep(lifetime)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, reset(t, client))
		assert.Equal(t, 1, e.requests)
		assert.Equal(t, []string{"xoxp-test-1"}, e.saved)
	})
}

func TestManyCallsRenewTheTokenOnce(t *testing.T) {
	for name, c := range map[string]struct {
		age  time.Duration
		wait time.Duration // of the calls that do not renew
	}{
		"and go on with the old one": {lifetime - time.Minute, 0},
		"and wait for the new one":   {lifetime, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, client := newEndpoint(t)
				e.delay = 5 * time.Second
				time.Sleep(c.age)
				var calls sync.WaitGroup
				calls.Go(func() { assert.NoError(t, reset(t, client)) })
				synctest.Wait()
				start := time.Now()
				for range 20 {
					calls.Go(func() {
						assert.NoError(t, reset(t, client))
						assert.Equal(t, c.wait, time.Since(start))
					})
				}
				calls.Wait()
				assert.Equal(t, 1, e.requests)
			})
		})
	}
}

// slowly delays requests on their way.
type slowly struct {
	by time.Duration
	to http.RoundTripper
}

func (s slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(s.by)
	return s.to.RoundTrip(r)
}

func TestTokenThatExpiresOnTheWayIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := newEndpoint(t)
		e.transport = slowly{12 * time.Second, e.slack}
		client := e.client(t, e.token())
		e.failure, e.until = failure{status: http.StatusServiceUnavailable}, time.Now().Add(lifetime-5*time.Second)

		time.Sleep(lifetime - 11*time.Second)
		resp, err := client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)
		assert.Equal(t, 2, resp.Attempts)
		calls := e.slack.Calls()
		require.Len(t, calls, 2)
		assert.Equal(t, "token_expired", calls[0].Error)
		assert.Equal(t, "xoxp-test-1", calls[1].Token)
	})
}
