package runner

import (
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// advice says what a reason means and what to do about it.
func advice(reason string) string {
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
	adviceRenew   = "Slack does not take the token: check SLACK_TOKEN or get a new one"
	adviceAdmin   = "the token's owner may not: use that of an Org Owner or Org Admin"
	adviceClosed  = "the organisation is closed to this token for now: ask its owners"
	advicePlan    = "takes an Enterprise plan and an app installed on the organisation"
	adviceToken   = "not with such a token, a bot's for one: use a user token, xoxp-…"
	adviceTrouble = "trouble inside Slack: see status.slack.com, and run again"
	adviceNetwork = "no connection to Slack: check network, DNS, firewall and HTTPS_PROXY, and run again"
	adviceBetween = "not Slack answered, but something in between: check --base-url, HTTPS_PROXY and what the proxy lets through"
	adviceEnded   = "the run ended before the answer: run again"
)

var advices = map[wrapper.ErrorCode]string{ //nolint:gosec // G101: there is no token among them
	wrapper.ErrUserNotFound:                 "no such user: check the ID, and whose organisation the token is for",
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
	"http_407":             "the proxy wants a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
	"not_trusted":          "the certificate is not trusted: where a proxy reads along, add its certificate to those of the system or set SSL_CERT_FILE; check the clock",
	"limiter":              "the Redis of --fleet failed: run again when it is back",
}
