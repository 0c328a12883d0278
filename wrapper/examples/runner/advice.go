package runner

import (
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// advice returns what to do about items with a reason. text is the text of an error with that reason.
func advice(reason, text string) string {
	code, class := wrapper.ErrorCode(reason), wrapper.ErrorCode("")
	if len(reason) > len("http_5") && strings.HasPrefix(reason, "http_") {
		class = code[:len("http_5")] + "xx"
	}
	for _, a := range advices {
		inText := func(part string) bool { return strings.Contains(text, part) }
		if slices.ContainsFunc(a.parts, inText) || slices.Contains(a.reasons, code) || slices.Contains(a.reasons, class) {
			return a.advice
		}
	}
	return "this program does not know the code: see docs.slack.dev/reference/methods, or ask Slack's support with the request ID"
}

type codes []wrapper.ErrorCode

// advices are for reasons, and for errors whose text says more than their reason. The first one that fits counts.
var advices = []struct {
	parts   []string // of the error's text
	reasons codes
	advice  string
}{
	// The connection.
	{
		[]string{"first record does not look like a TLS handshake", "server gave HTTP response to HTTPS client"},
		nil,
		"the other end speaks plain HTTP: if HTTPS_PROXY begins with https://, write http:// (the connection to Slack is still encrypted)",
	},
	{
		[]string{"x509: "},
		codes{"not_trusted"},
		"the certificate is not trusted: check the clock; if a proxy inspects TLS, add its certificate to the system's, or on Linux name it in SSL_CERT_FILE; " +
			"with old proxies GODEBUG=x509negativeserial=1, tlsrsakex=1 or tlsmlkem=0 may help",
	},
	{
		[]string{"the proxy refused"},
		codes{"http_407", "proxy_refused"},
		"the proxy refuses: it may block slack.com, or need a login, HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; " +
			"only Basic is supported, so NTLM and Kerberos need a local helper such as cntlm or px",
	},
	{nil, codes{"redirect"}, "a network or a proxy wants a login first, as in a hotel: open https://slack.com in a browser, or check HTTPS_PROXY"},
	{nil, codes{"timeout"}, "Slack accepted the connection and did not respond in time: run again"},
	{nil, codes{"no_answer"}, "no connection to Slack: check network, DNS, firewall and HTTPS_PROXY, and run again"},
	{nil, codes{"http_3xx", "http_4xx", "no_verdict"}, "something between here and Slack may have responded: check --base-url, HTTPS_PROXY and what the proxy lets through"},
	{nil, codes{"canceled", "deadline"}, "the run ended before Slack responded: run again"},
	{nil, codes{wrapper.ErrRateLimited}, "the run ended during the rate limit: run again"},
	{nil, codes{"in_flight"}, "the call was in flight when a run ended: run again"},
	{nil, codes{"limiter"}, "the Redis of --fleet failed: run again when it is back"},

	// Slack.
	{nil, codes{
		"http_5xx", wrapper.ErrInternalError, wrapper.ErrFatalError, wrapper.ErrServiceUnavailable, wrapper.ErrRequestTimeout,
		wrapper.ErrUserSessionResetFailed, wrapper.ErrSessionInvalidationFailed,
	}, "Slack has a problem: see status.slack.com, and run again"},

	// The item.
	{nil, codes{wrapper.ErrUserNotFound}, "no such user: check the ID, and that the token is of the user's organisation"},
	{nil, codes{wrapper.ErrSessionNotFound}, "Slack does not have these sessions: they ended before, or belong to another user, or to another organisation than the token"},
	{nil, codes{wrapper.ErrCannotResetBot}, "a bot has no sessions: revoke its token; if this should be a person, the ID is wrong"},
	{nil, codes{wrapper.ErrCannotResetPrimaryOwner, wrapper.ErrCannotInvalidatePrimaryOwner}, "only the primary owner may: ask the primary owner"},

	// The token.
	{nil, codes{"invalid_token"}, "SLACK_TOKEN cannot be a token: check how it is set"},
	{
		nil,
		codes{wrapper.ErrNotAuthed, wrapper.ErrInvalidAuth, wrapper.ErrTokenExpired, wrapper.ErrTokenRevoked},
		"Slack does not accept the token: check SLACK_TOKEN or get a new one",
	},
	{nil, codes{wrapper.ErrAccountInactive}, "the account that owns the token is deactivated: use the token of another Org Owner or Org Admin"},
	{nil, codes{wrapper.ErrMissingScope}, "the token lacks admin.users:write: reinstall the app with that scope"},
	{nil, codes{wrapper.ErrNotAllowedTokenType, wrapper.ErrIsBot}, "this kind of token, such as a bot's, is not allowed: use a user token, xoxp-…"},
	{nil, codes{wrapper.ErrTwoFactorSetupRequired}, "the token's owner must set up two-factor authentication first"},
	{
		nil,
		codes{wrapper.ErrNotAnAdmin, wrapper.ErrNoPermission, wrapper.ErrAccessDenied, wrapper.ErrAdminUnauthorized, wrapper.ErrTeamAccessNotGranted},
		"the token's owner may not do this: use the token of an Org Owner or Org Admin",
	},
	{
		nil,
		codes{wrapper.ErrAccessLimited, wrapper.ErrEKMAccessDenied, wrapper.ErrOrgLoginRequired, wrapper.ErrTeamAddedToOrg, wrapper.ErrEnterpriseIsRestricted},
		"the organisation does not accept this token for now: ask its owners",
	},
	{nil, codes{wrapper.ErrFeatureNotEnabled, wrapper.ErrUnknownMethod}, "this needs an Enterprise plan and an app that is installed on the organisation"},
}
