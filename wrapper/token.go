package wrapper

import (
	"bytes"
	"context"
	"strings"
)

// TokenSource supplies the token of one attempt. It is asked anew before every attempt, so the token
// may rotate, and it may be asked by several goroutines at once. A source that fails ends the call:
// it does its own retries.
//
// Slack demands a user token (xoxp-…) of an Org Owner or Org Admin with the scope admin.users:write.
type TokenSource func(ctx context.Context) (string, error)

// StaticToken is the source of a token that never changes.
func StaticToken(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}

var errNoSource = invalid("TokenSource", "is nil; supply one, for instance StaticToken")

// ask gets a token, and refuses one that no header may carry without quoting it.
func (s TokenSource) ask(ctx context.Context) (string, error) {
	if s == nil {
		return "", &sourceError{"token source", errNoSource}
	}
	token, err := s(ctx)
	if err == nil {
		err = checkToken(token)
	}
	if err != nil {
		return "", &sourceError{"token source", err}
	}
	return token, nil
}

func checkToken(token string) error {
	if token == "" {
		return invalid("token", "is empty; supply a user token with the scope admin.users:write")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return invalid("token", "has a blank, a line break or another character that no header may carry; check how it is read")
	}
	return nil
}

// secret is a token that an answer might quote.
type secret string

// in returns s without the token.
func (t secret) in(s string) string {
	if t.common() {
		return s
	}
	return strings.ReplaceAll(s, string(t), hidden)
}

func (t secret) inAll(list []string) []string {
	for i, s := range list {
		list[i] = t.in(s)
	}
	return list
}

func (t secret) inBytes(b []byte) []byte {
	if t.common() || !bytes.Contains(b, []byte(t)) { // ReplaceAll would copy
		return b
	}
	return bytes.ReplaceAll(b, []byte(t), []byte(hidden))
}

const hidden = "[token]"

// common reports whether the token is too short to be told from any word of an answer.
func (t secret) common() bool { return len(t) < 10 }
