package slacktest

import (
	"slices"
	"strings"
	"time"
)

const scopeWrite = "admin.users:write" // what both methods need

// Token says what a token is good for. The zero value is the token of an admin with the scope that both
// methods need.
type Token struct {
	Scopes  []string  // none: admin.users:write
	Expires time.Time // refused with token_expired from then on; zero: never
	Refusal string    // code to refuse it with: "token_revoked", "account_inactive", "not_an_admin"; "": none
}

// AddToken makes a token known, or changes what it is good for, also while requests are under way. Once a
// token was added, others are refused with invalid_auth. A bot token, xoxb-…, is not good for either method
// and refused with not_allowed_token_type.
func (s *Slack) AddToken(token string, t Token) {
	t.Scopes = slices.Clone(t.Scopes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]Token{}
	}
	s.tokens[token] = t
}

// authorize refuses a token that may not call the methods.
func (s *Slack) authorize(token string) (v verdict) {
	t, known := s.tokens[token]
	if len(s.tokens) == 0 {
		known = strings.HasPrefix(token, "xox")
	}
	if len(t.Scopes) == 0 {
		t.Scopes = []string{scopeWrite}
	}
	if known {
		v.scopes = strings.Join(t.Scopes, ",")
	}
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
		v.Error, v.Needed, v.Provided = "missing_scope", scopeWrite, v.scopes
	}
	return v
}

// isBotToken knows the two forms of bot tokens: https://docs.slack.dev/authentication/tokens.
func isBotToken(token string) bool {
	return strings.HasPrefix(token, "xoxb-") || strings.HasPrefix(token, "xoxe.xoxb-")
}
