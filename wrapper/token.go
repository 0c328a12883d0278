package wrapper

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// TokenSource supplies the token of one attempt. It is called before every attempt, so the token may rotate, and by several
// goroutines at once. A wait for the rate limit or the end of an outage can follow, so supply a token that stays valid for some
// minutes. An error from the source fails the call and stops a bulk run; it is not retried, so retry inside the source.
//
// If Slack refuses a token with [ErrTokenExpired] and the source then supplies another one, the call continues with it, once
// and even with MaxAttempts 1. A source that caches the token learns of the refusal by [Options].Observe, which is called
// before the source. Any other refusal, such as [ErrTokenRevoked], ends the call.
//
// Slack requires a user token (xoxp-…) of an Org Owner or Org Admin with the scope admin.users:write.
type TokenSource func(ctx context.Context) (string, error)

// StaticToken returns the source of a token that never changes.
func StaticToken(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}

// ErrInvalidToken says that what the token source supplied cannot be a token: it is empty, or has a character other than
// visible ASCII. The error does not quote it.
var ErrInvalidToken = errors.New("invalid token")

var errNoSource = invalid("TokenSource", "is nil; supply one, for instance StaticToken")

// fetch returns a token that is valid in an HTTP header.
func (s TokenSource) fetch(ctx context.Context) (string, *stopError) {
	if s == nil {
		return "", &stopError{kind: noTokenSource, err: errNoSource}
	}
	token, err := s(ctx)
	if err != nil {
		return "", callbackStop(ctx, tokenSourceFailed, "token source", err)
	}
	if err := checkToken(token); err != nil {
		return "", &stopError{kind: invalidToken, err: err}
	}
	return token, nil
}

func checkToken(token string) error {
	switch {
	case token == "":
		return fmt.Errorf("%w: it is empty; supply a user token with the scope admin.users:write", ErrInvalidToken)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%w: it has a space, a line break or another character that is not valid in an HTTP header; check how the token is loaded", ErrInvalidToken)
	}
	return nil
}
