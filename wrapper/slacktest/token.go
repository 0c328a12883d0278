package slacktest

import (
	"slices"
	"strings"
	"time"
)

const scopeWrite = "admin.users:write" // what both methods need

// Token says what a token may do. The zero Token is an admin's with the scope that both methods need.
type Token struct {
	Scopes  []string  // nil means admin.users:write
	Expires time.Time // refused with token_expired from then on; the zero time means never
	Refusal string    // code that it is refused with, such as "token_revoked" or "not_an_admin"; "" means none
}

// AddToken adds a token, or replaces what it may do.
//
// Until the first token is added, the Slack accepts every token that begins with "xox". It refuses unknown tokens with
// invalid_auth, and bot tokens, which begin with "xoxb-", with not_allowed_token_type, unless they have a Refusal.
func (s *Slack) AddToken(token string, t Token) {
	t.Scopes = slices.Clone(t.Scopes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]Token{}
	}
	s.tokens[token] = t
}

// unauthorized reports whether the token may not call the methods, and refuses the request then.
func (s *Slack) unauthorized(v *verdict, token string) bool {
	t, known := s.tokens[token]
	if len(s.tokens) == 0 {
		known = strings.HasPrefix(token, "xox")
	}
	if len(t.Scopes) == 0 {
		t.Scopes = []string{scopeWrite}
	}
	scopes := strings.Join(t.Scopes, ",")
	switch {
	case token == "":
		v.Error = "not_authed"
	case !known:
		v.Error = "invalid_auth"
	case !t.Expires.IsZero() && !time.Now().Before(t.Expires):
		v.Error = "token_expired"
	case t.Refusal != "":
		v.Error = t.Refusal
	case isBotToken(token):
		v.Error = "not_allowed_token_type"
	case !slices.Contains(t.Scopes, scopeWrite):
		v.Error, v.Needed, v.Provided = "missing_scope", scopeWrite, scopes
	}
	if !slices.Contains([]string{"not_authed", "invalid_auth", "not_allowed_token_type"}, v.Error) {
		v.scopes = scopes
	}
	return v.Error != ""
}

// isBotToken reports whether token is a bot's, in one of two forms: https://docs.slack.dev/authentication/tokens.
func isBotToken(token string) bool {
	return strings.HasPrefix(token, "xoxb-") || strings.HasPrefix(token, "xoxe.xoxb-")
}
