package runner

import (
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// advice says what a reason means and what to do about it. text is an error with that reason.
func advice(reason, text string) string {
	for _, known := range texts {
		if strings.Contains(text, known.part) {
			return known.advice
		}
	}
	if a, ok := advices[wrapper.ErrorCode(reason)]; ok {
		return a
	}
	switch {
	case strings.HasPrefix(reason, "http_5"):
		return adviceTrouble
	case strings.HasPrefix(reason, "http_"):
		return adviceBetween
	}
	return "see docs.slack.dev/reference/methods"
}

const (
	adviceRenew      = "Slack does not take the token: check SLACK_TOKEN or get a new one"
	adviceAdmin      = "the token's owner may not do this: use that of an Org Owner or Org Admin"
	adviceClosed     = "the organisation is closed to this token for now: ask its owners"
	advicePlan       = "takes an Enterprise plan and an app installed on the organisation"
	adviceToken      = "not with such a token, a bot's for one: use a user token, xoxp-…"
	adviceTrouble    = "trouble inside Slack: see status.slack.com, and run again"
	adviceNetwork    = "no connection to Slack: check network, DNS, firewall and HTTPS_PROXY, and run again"
	adviceBetween    = "something between here and Slack responded: check --base-url, HTTPS_PROXY and what the proxy lets through"
	adviceEnded      = "the run ended before Slack responded: run again"
	adviceProxy      = "the proxy refuses: it may not let slack.com pass, or want a login, HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; only Basic is spoken, so NTLM and Kerberos need a local helper such as cntlm or px"
	advicePlainProxy = "the other end speaks plain HTTP: where HTTPS_PROXY begins with https://, write http:// (the connection to Slack is encrypted all the same)"
	adviceTrust      = "the certificate is not trusted: check the clock; where a proxy inspects TLS, add its certificate to the system's, or on Linux name it in SSL_CERT_FILE; " +
		"with old inspection GODEBUG=x509negativeserial=1, tlsrsakex=1 or tlsmlkem=0 may help"
)

// texts are parts of errors that say more than their reason.
var texts = []struct{ part, advice string }{
	{"first record does not look like a TLS handshake", advicePlainProxy},
	{"server gave HTTP response to HTTPS client", advicePlainProxy},
	{"x509: ", adviceTrust},
	{"the proxy refused", adviceProxy},
}

var advices = map[wrapper.ErrorCode]string{ //nolint:gosec // G101: there is no token among them
	wrapper.ErrUserNotFound:                 "no such user: check the ID, and whose organisation the token is for",
	wrapper.ErrSessionNotFound:              "Slack does not have them: they ended before, or are of another organisation than the token",
	wrapper.ErrCannotResetBot:               "bots have no sessions: revoke the bot's token instead",
	wrapper.ErrCannotResetPrimaryOwner:      "only the primary owner may: ask the primary owner",
	wrapper.ErrCannotInvalidatePrimaryOwner: "only the primary owner may: ask the primary owner",

	wrapper.ErrMissingScope:           "the token lacks admin.users:write: reinstall the app with that scope",
	wrapper.ErrNotAllowedTokenType:    adviceToken,
	wrapper.ErrIsBot:                  adviceToken,
	"invalid_token":                   "SLACK_TOKEN cannot be a token: check how it is read",
	wrapper.ErrNotAuthed:              adviceRenew,
	wrapper.ErrInvalidAuth:            adviceRenew,
	wrapper.ErrTokenExpired:           adviceRenew,
	wrapper.ErrTokenRevoked:           adviceRenew,
	wrapper.ErrAccountInactive:        adviceRenew,
	wrapper.ErrTwoFactorSetupRequired: "the token's owner must set up two-factor authentication first",
	wrapper.ErrNotAnAdmin:             adviceAdmin,
	wrapper.ErrNoPermission:           adviceAdmin,
	wrapper.ErrAccessDenied:           adviceAdmin,
	wrapper.ErrAdminUnauthorized:      adviceAdmin,
	wrapper.ErrTeamAccessNotGranted:   adviceAdmin,
	wrapper.ErrAccessLimited:          adviceClosed,
	wrapper.ErrEKMAccessDenied:        adviceClosed,
	wrapper.ErrOrgLoginRequired:       adviceClosed,
	wrapper.ErrTeamAddedToOrg:         adviceClosed,
	wrapper.ErrEnterpriseIsRestricted: adviceClosed,
	wrapper.ErrFeatureNotEnabled:      advicePlan,
	wrapper.ErrUnknownMethod:          advicePlan,

	wrapper.ErrInternalError:             adviceTrouble,
	wrapper.ErrFatalError:                adviceTrouble,
	wrapper.ErrServiceUnavailable:        adviceTrouble,
	wrapper.ErrRequestTimeout:            adviceTrouble,
	wrapper.ErrUserSessionResetFailed:    adviceTrouble,
	wrapper.ErrSessionInvalidationFailed: adviceTrouble,

	wrapper.ErrRateLimited: "the run ended before the rate limit let it pass: run again",
	"canceled":             adviceEnded,
	"deadline":             adviceEnded,
	"no_answer":            adviceNetwork,
	"timeout":              adviceNetwork,
	"no_verdict":           adviceBetween + "; or " + adviceTrouble,
	"redirect":             "something in between wants to be logged in to first, such as the page of a proxy or a hotel: open https://slack.com in a browser, or check HTTPS_PROXY",
	"http_407":             adviceProxy,
	"proxy_refused":        adviceProxy,
	"not_trusted":          adviceTrust,
	"in_flight":            "its call was under way when a run ended: run again",
	"limiter":              "the Redis of --fleet failed: run again when it is back",
}
