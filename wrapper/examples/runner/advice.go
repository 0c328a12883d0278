package runner

import (
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// advice returns what a reason means and what to do. text is the text of an error with that reason.
func advice(reason, text string) string {
	for _, known := range adviceByText {
		if strings.Contains(text, known.part) {
			return known.advice
		}
	}
	if known, ok := adviceByReason[wrapper.ErrorCode(reason)]; ok {
		return known
	}
	switch {
	case strings.HasPrefix(reason, "http_5"):
		return adviceTrouble
	case strings.HasPrefix(reason, "http_"):
		return adviceBetween
	default:
		return "see docs.slack.dev/reference/methods"
	}
}

const (
	adviceRenew      = "Slack does not accept the token: check SLACK_TOKEN or get a new one"
	adviceAdmin      = "the token's owner may not do this: use the token of an Org Owner or Org Admin"
	adviceClosed     = "the organisation does not accept this token for now: ask its owners"
	advicePlan       = "this needs an Enterprise plan and an app that is installed on the organisation"
	adviceToken      = "this kind of token, such as a bot's, is not allowed: use a user token, xoxp-…"
	adviceTrouble    = "Slack has a problem: see status.slack.com, and run again"
	adviceNetwork    = "no connection to Slack: check network, DNS, firewall and HTTPS_PROXY, and run again"
	adviceBetween    = "something between here and Slack responded: check --base-url, HTTPS_PROXY and what the proxy lets through"
	adviceEnded      = "the run ended before Slack responded: run again"
	adviceProxy      = "the proxy refuses: it may block slack.com, or need a login, HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; only Basic is supported, so NTLM and Kerberos need a local helper such as cntlm or px"
	advicePlainProxy = "the other end speaks plain HTTP: if HTTPS_PROXY begins with https://, write http:// (the connection to Slack is still encrypted)"
	adviceTrust      = "the certificate is not trusted: check the clock; if a proxy inspects TLS, add its certificate to the system's, or on Linux name it in SSL_CERT_FILE; " +
		"with old proxies GODEBUG=x509negativeserial=1, tlsrsakex=1 or tlsmlkem=0 may help"
)

// adviceByText is for errors whose text says more than their reason.
var adviceByText = []struct{ part, advice string }{
	{"first record does not look like a TLS handshake", advicePlainProxy},
	{"server gave HTTP response to HTTPS client", advicePlainProxy},
	{"x509: ", adviceTrust},
	{"the proxy refused", adviceProxy},
}

var adviceByReason = map[wrapper.ErrorCode]string{ //nolint:gosec // G101: there is no token among them
	wrapper.ErrUserNotFound:                 "no such user: check the ID, and that the token is of the user's organisation",
	wrapper.ErrSessionNotFound:              "Slack does not have these sessions: they ended before, or belong to another organisation than the token",
	wrapper.ErrCannotResetBot:               "bots have no sessions: revoke the bot's token instead",
	wrapper.ErrCannotResetPrimaryOwner:      "only the primary owner may: ask the primary owner",
	wrapper.ErrCannotInvalidatePrimaryOwner: "only the primary owner may: ask the primary owner",

	wrapper.ErrMissingScope:           "the token lacks admin.users:write: reinstall the app with that scope",
	wrapper.ErrNotAllowedTokenType:    adviceToken,
	wrapper.ErrIsBot:                  adviceToken,
	"invalid_token":                   "SLACK_TOKEN cannot be a token: check how it is set",
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

	wrapper.ErrRateLimited: "the run ended during the rate limit: run again",
	"canceled":             adviceEnded,
	"deadline":             adviceEnded,
	"no_answer":            adviceNetwork,
	"timeout":              adviceNetwork,
	"no_verdict":           adviceBetween + "; or " + adviceTrouble,
	"redirect":             "a network or a proxy wants a login first, as in a hotel: open https://slack.com in a browser, or check HTTPS_PROXY",
	"http_407":             adviceProxy,
	"proxy_refused":        adviceProxy,
	"not_trusted":          adviceTrust,
	"in_flight":            "the call was in flight when a run ended: run again",
	"limiter":              "the Redis of --fleet failed: run again when it is back",
}
