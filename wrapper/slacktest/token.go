package slacktest

import (
	"slices"
	"strings"
	"time"
)

const scopeWrite = "admin.users:write" // what both methods need

// Token says what a token may do. The zero value belongs to an admin, and has the scope that both methods need.
type Token struct {
	Scopes  []string  // none: admin.users:write
	Expires time.Time // from then on it is refused with token_expired; zero: never
	Refusal string    // code to refuse it with, such as "token_revoked", "not_an_admin" or "is_bot"; "": none
}

// AddToken makes a token known, or changes what it may do.
//
// Until the first token is added, every token that begins with "xox" is known. Unknown tokens are refused with
// invalid_auth, and bot tokens, which begin with "xoxb-", with not_allowed_token_type unless their Refusal is
// another code.
func (s *Slack) AddToken(token string, t Token) {
	t.Scopes = slices.Clone(t.Scopes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]Token{}
	}
	s.tokens[token] = t
}

// unauthorized refuses a token that may not call the methods.
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

// isBotToken knows the two forms of bot tokens: https://docs.slack.dev/authentication/tokens.
func isBotToken(token string) bool {
	return strings.HasPrefix(token, "xoxb-") || strings.HasPrefix(token, "xoxe.xoxb-")
}
