package recipes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// SlackOAuth2 is where Slack renews tokens. The tokens of an app that asks for it rotate: each lives for 12 hours, and the
// refresh token that renews it is good for one use. See https://docs.slack.dev/authentication/using-token-rotation.
var SlackOAuth2 = oauth2.Endpoint{ //nolint:gosec // G101: no credentials
	TokenURL:  "https://slack.com/api/oauth.v2.access",
	AuthStyle: oauth2.AuthStyleInHeader,
}

const (
	renewBefore    = 30 * time.Minute // before a token expires, so that a short outage delays no call
	renewalTimeout = 30 * time.Second // of one attempt to renew
	renewalOutage  = 10 * time.Minute // longest time without a valid token that calls wait for
	minRenewalWait = time.Second      // after the first failure; it doubles with each that follows
	maxRenewalWait = time.Minute
)

// RotatingToken supplies a user token that rotates. It renews the token half an hour before it expires. While that fails,
// calls keep the old token as long as it is valid, and then they wait for up to ten minutes. RotatingToken does not repeat a
// renewal that Slack refuses for good, for instance with invalid_refresh_token.
//
// It hands each new token to save before a call uses it. One goroutine at a time calls save. Only the newest refresh token
// works: a program that loses it, even through a response that does not arrive, has to be authorised anew, and two programs
// cannot share one. The client makes the requests; nil means [http.DefaultClient].
func RotatingToken(
	config *oauth2.Config, client *http.Client, token oauth2.Token, save func(*oauth2.Token) error,
) wrapper.TokenSource {
	r := &rotation{config: config, client: cmp.Or(client, http.DefaultClient), save: save, turn: make(chan struct{}, 1)}
	r.use(token)
	return r.supply
}

type rotation struct {
	config *oauth2.Config
	client *http.Client
	save   func(*oauth2.Token) error
	lease  atomic.Pointer[lease]

	turn         chan struct{} // held by the call that renews the token; guards the fields below
	unsaved      *oauth2.Token // a new token that save has not accepted yet
	failures     int           // in a row
	expiredSince time.Time     // the first failure without a valid token
	final        error         // why no renewal will succeed
}

// lease is the token in use, and when to try to renew it.
type lease struct {
	oauth2.Token
	renewAt time.Time
}

// use makes token the one in use, until half an hour before it expires or half of its time has passed.
func (r *rotation) use(token oauth2.Token) {
	r.lease.Store(&lease{token, token.Expiry.Add(-min(renewBefore, time.Until(token.Expiry)/2))})
}

// supply is the TokenSource.
func (r *rotation) supply(ctx context.Context) (string, error) {
	l := r.lease.Load()
	if time.Now().Before(l.renewAt) {
		return l.AccessToken, nil
	}
	if l.Valid() {
		select {
		case r.turn <- struct{}{}:
		default:
			return l.AccessToken, nil // another call renews it
		}
	} else {
		select {
		case r.turn <- struct{}{}:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	defer func() { <-r.turn }()
	for {
		l := r.lease.Load()
		if time.Now().Before(l.renewAt) {
			return l.AccessToken, nil // renewed
		}
		err := r.renew(ctx)
		if err == nil {
			return r.lease.Load().AccessToken, nil
		}
		wait := r.fail(err)
		slog.WarnContext(ctx, "renewing the Slack token failed", "error", err, "retry_in", wait)
		if l.Valid() {
			r.lease.Store(&lease{l.Token, time.Now().Add(wait)})
			return l.AccessToken, nil
		}
		if r.expiredSince.IsZero() {
			r.expiredSince = time.Now()
		}
		if r.final != nil || r.unsaved != nil || time.Since(r.expiredSince)+wait > renewalOutage {
			return "", fmt.Errorf("renewing the Slack token: %w", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// renew renews the token once, and saves it.
func (r *rotation) renew(ctx context.Context) error {
	if r.final != nil {
		return r.final
	}
	if r.unsaved == nil {
		// The end of ctx must not lose the response: the refresh token in it is the only one that works.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewalTimeout)
		defer cancel()
		ctx = context.WithValue(ctx, oauth2.HTTPClient, r.client)
		token, err := r.config.TokenSource(ctx, &oauth2.Token{RefreshToken: r.lease.Load().RefreshToken}).Token()
		if err != nil {
			return err
		}
		r.unsaved = token
	}
	if err := r.save(r.unsaved); err != nil {
		return err
	}
	r.use(*r.unsaved)
	r.unsaved, r.failures, r.expiredSince = nil, 0, time.Time{}
	return nil
}

// fail records that a renewal failed, and returns how long to wait before the next.
func (r *rotation) fail(err error) (wait time.Duration) {
	wait = min(maxRenewalWait, minRenewalWait<<min(r.failures, 6))
	r.failures++
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return wait
	}
	status, code := refusal.Response.StatusCode, wrapper.ErrorCode(refusal.ErrorCode)
	if status != http.StatusTooManyRequests && status < 500 && !wrapper.Retryable(code) {
		r.final = err
	}
	seconds, _ := strconv.Atoi(refusal.Response.Header.Get("Retry-After")) // 0 if absent
	return max(wait, time.Duration(seconds)*time.Second)
}
