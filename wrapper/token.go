package wrapper

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// TokenSource supplies the token of one attempt. It is asked anew before every attempt, so the token may rotate. Several
// goroutines may call it at once. Its error ends the call: a source does its own retries.
//
// Slack demands a user token (xoxp-…) of an Org Owner or Org Admin with the scope admin.users:write.
type TokenSource func(ctx context.Context) (string, error)

// StaticToken is the source of a token that never changes.
func StaticToken(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}

// ErrInvalidToken says that what the token source supplied cannot be a token: it is empty, or has a character other than
// visible ASCII. The error does not quote it.
var ErrInvalidToken = errors.New("invalid token")

var errNoSource = invalid("TokenSource", "is nil; supply one, for instance StaticToken")

// ask gets a token that a header may carry.
func (s TokenSource) ask(ctx context.Context) (string, error) {
	if s == nil {
		return "", errNoSource
	}
	token, err := s(ctx)
	switch {
	case err != nil:
		return "", failed(ctx, "token source", err)
	case token == "":
		return "", fmt.Errorf("%w: it is empty; supply a user token with the scope admin.users:write", ErrInvalidToken)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", fmt.Errorf("%w: it has a blank, a line break or another character that no header may carry; check how it is read", ErrInvalidToken)
	}
	return token, nil
}
