package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// endpoint stands in for oauth.v2.access: it renews tokens for 12 hours, each refresh token once.
type endpoint struct {
	slack *slacktest.Slack
	ahead time.Duration // of Slack's clock

	mu      sync.Mutex
	renewed int
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	answer := map[string]any{"ok": false, "error": "invalid_refresh_token"}
	id, secret, _ := r.BasicAuth()
	if id == "client-id" && secret == "client-secret" && r.PostFormValue("refresh_token") == e.token().RefreshToken {
		e.renewed++
		e.issue()
		answer = map[string]any{
			"ok": true, "token_type": "user", "expires_in": 12 * 60 * 60,
			"access_token": e.token().AccessToken, "refresh_token": e.token().RefreshToken,
		}
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	err := json.NewEncoder(w).Encode(answer)
	return w.Result(), err
}

// token is the one that is good now.
func (e *endpoint) token() oauth2.Token {
	return oauth2.Token{
		AccessToken:  fmt.Sprint("xoxp-test-", e.renewed),
		RefreshToken: fmt.Sprint("xoxe-test-", e.renewed),
		Expiry:       time.Now().Add(12 * time.Hour),
	}
}

func (e *endpoint) issue() {
	token := e.token()
	e.slack.AddToken(token.AccessToken, slacktest.Token{Expires: token.Expiry.Add(-e.ahead)})
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		tokens := &endpoint{slack: slack, ahead: 4 * time.Minute}
		tokens.issue()
		var kept []string
		source := RotatingToken(
			&oauth2.Config{ClientID: "client-id", ClientSecret: "client-secret", Endpoint: SlackOAuth2},
			&http.Client{Transport: tokens},
			tokens.token(),
			func(token *oauth2.Token) error {
				kept = append(kept, token.RefreshToken)
				return nil
			},
		)
		client, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
		require.NoError(t, err)

		users := func(yield func(wrapper.ResetOptions) bool) { // one every five minutes, for more than a day
			for range 30 * 12 {
				if !yield(wrapper.ResetOptions{UserID: "W0123456789"}) {
					return
				}
				time.Sleep(5 * time.Minute)
			}
		}
		for r := range client.BulkReset(t.Context(), users, wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}
		assert.Equal(t, []string{"xoxe-test-1", "xoxe-test-2"}, kept)
		assert.Len(t, slack.Calls(), 30*12, "no request met an expired token")
	})
}

func TestTokenThatCannotBeSavedIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		tokens := &endpoint{slack: slack}
		tokens.issue()
		expired := tokens.token()
		expired.Expiry = time.Now()
		full := errors.New("disk full")
		failures := []error{full, nil}
		source := RotatingToken(
			&oauth2.Config{ClientID: "client-id", ClientSecret: "client-secret", Endpoint: SlackOAuth2},
			&http.Client{Transport: tokens},
			expired,
			func(*oauth2.Token) error {
				err := failures[0]
				failures = failures[1:]
				return err
			},
		)
		client, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
		require.NoError(t, err)

		_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.ErrorIs(t, err, full)
		_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)
		assert.Equal(t, 1, tokens.renewed, "the token that could not be saved is saved later, not renewed again")
		assert.Len(t, slack.Calls(), 1)
	})
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

func TestRequestWhoseTokenExpiresOnTheWayIsRepeatedWithTheNextToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		tokens := &endpoint{slack: slack}
		tokens.issue()
		config := &oauth2.Config{ClientID: "client-id", ClientSecret: "client-secret", Endpoint: SlackOAuth2}
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: tokens})
		token := tokens.token()
		client, err := wrapper.New(OAuth2(config.TokenSource(ctx, &token)), wrapper.Options{
			HTTPClient: &http.Client{Transport: slowly{12 * time.Second, slack}},
		})
		require.NoError(t, err)

		time.Sleep(12*time.Hour - 11*time.Second) // oauth2 renews 10 s before the end
		resp, err := client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)
		assert.Equal(t, 2, resp.Attempts)
		calls := slack.Calls()
		require.Len(t, calls, 2)
		assert.Equal(t, "token_expired", calls[0].Error)
		assert.Equal(t, "xoxp-test-0", calls[0].Token)
		assert.Equal(t, "xoxp-test-1", calls[1].Token)
	})
}

func TestRefusedRenewalEndsTheCall(t *testing.T) {
	slack := slacktest.New()
	source := RotatingToken(
		&oauth2.Config{ClientID: "client-id", ClientSecret: "wrong", Endpoint: SlackOAuth2},
		&http.Client{Transport: &endpoint{slack: slack}},
		oauth2.Token{RefreshToken: "xoxe-test-0"},
		func(*oauth2.Token) error { return nil },
	)
	client, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
	require.NoError(t, err)
	_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
	require.ErrorContains(t, err, "invalid_refresh_token")
	assert.Empty(t, slack.Calls())
}
