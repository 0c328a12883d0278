package main

import (
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// advice says what the code of an outcome means and what to do about it.
func advice(code string) string {
	if a, ok := advices[wrapper.ErrorCode(code)]; ok {
		return a
	}
	if strings.HasPrefix(code, "HTTP 5") {
		return adviceTrouble
	}
	return "see docs.slack.dev/reference/methods/admin.users.session.reset"
}

const (
	adviceRenew   = "Slack does not take the token: check SLACK_TOKEN or get a new one"
	adviceAdmin   = "the token's owner may not: use that of an Org Owner or Org Admin"
	adviceClosed  = "the organisation is closed to this token for now: ask its owners"
	advicePlan    = "takes an Enterprise plan and an app installed on the organisation"
	adviceTrouble = "trouble inside Slack: see status.slack.com, and run again"
)

var advices = map[wrapper.ErrorCode]string{
	wrapper.ErrUserNotFound:            "no such user: check the ID, and whose organisation the token is for",
	wrapper.ErrCannotResetBot:          "bots have no sessions: revoke the bot's token instead",
	wrapper.ErrCannotResetPrimaryOwner: "only the primary owner may: ask the primary owner",

	wrapper.ErrMissingScope:           "the token lacks admin.users:write: reinstall the app with that scope",
	wrapper.ErrNotAllowedTokenType:    "not with such a token, a bot's for one: use a user token, xoxp-…",
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

	wrapper.ErrInternalError:          adviceTrouble,
	wrapper.ErrFatalError:             adviceTrouble,
	wrapper.ErrServiceUnavailable:     adviceTrouble,
	wrapper.ErrRequestTimeout:         adviceTrouble,
	wrapper.ErrUserSessionResetFailed: adviceTrouble,
	codeNoVerdict:                     adviceTrouble,
	wrapper.ErrRateLimited:            "the run ended before the rate limit let it pass: run again",
	codeCutOff:                        "the run ended before the answer: run again",
	codeNoAnswer:                      "no connection to Slack: check network and proxy, and run again",
}
