package recipes

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// SlackOAuth2 is where Slack renews tokens. Slack rotates tokens of apps that ask for it: one lives for 12
// hours, and the refresh token that renews it is good for one use.
// See https://docs.slack.dev/authentication/using-token-rotation.
var SlackOAuth2 = oauth2.Endpoint{ //nolint:gosec // G101: no credentials
	TokenURL:  "https://slack.com/api/oauth.v2.access",
	AuthStyle: oauth2.AuthStyleInHeader,
}

// RotatingToken supplies a user token that rotates, and renews it some minutes before it expires, so that
// no request is under way with a token that has. It hands every new token to save before anybody uses it,
// for its refresh token is the only one that still works: a program that loses it cannot start again.
//
// The client renews the token; nil means one with a Timeout of 30 s.
func RotatingToken(
	config *oauth2.Config, client *http.Client, token oauth2.Token, save func(*oauth2.Token) error,
) wrapper.TokenSource {
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	// Not the context of a call: what it renews serves all calls.
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
	renew := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken})
	return OAuth2(oauth2.ReuseTokenSourceWithExpiry(&token, &saved{renew, save}, 10*time.Minute))
}

// OAuth2 makes a token source of golang.org/x/oauth2 one of this library. The source should keep its token
// until that expires, as [oauth2.ReuseTokenSource] does: it is asked before every request.
func OAuth2(source oauth2.TokenSource) wrapper.TokenSource {
	return func(context.Context) (string, error) {
		token, err := source.Token()
		if err != nil {
			return "", err
		}
		return token.AccessToken, nil
	}
}

type saved struct {
	source oauth2.TokenSource
	save   func(*oauth2.Token) error
}

func (s *saved) Token() (*oauth2.Token, error) {
	token, err := s.source.Token()
	if err != nil {
		return nil, err
	}
	return token, s.save(token)
}
