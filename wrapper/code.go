package wrapper

import "github.com/seed70860981/slack-admin-sessions/gen"

// ErrorCode is the code of a refusal by Slack, the value of "error" in its answer. It is itself an error, to be matched
// with errors.Is. Codes that have no constant here are matched the same way:
//
//	errors.Is(err, wrapper.ErrorCode("new_code"))
type ErrorCode string //nolint:errname // the name is part of the API

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// The codes that Slack documents. The OpenAPI fragment under api tells what each means.
const (
	ErrAccessDenied                 = ErrorCode(gen.ErrorCodeAccessDenied)
	ErrAccessLimited                = ErrorCode(gen.ErrorCodeAccesslimited)
	ErrAccountInactive              = ErrorCode(gen.ErrorCodeAccountInactive)
	ErrAdminUnauthorized            = ErrorCode(gen.ErrorCodeAdminUnauthorized)
	ErrCannotInvalidatePrimaryOwner = ErrorCode(gen.ErrorCodeCannotInvalidatePrimaryOwner)
	ErrCannotResetBot               = ErrorCode(gen.ErrorCodeCannotResetBot)
	ErrCannotResetPrimaryOwner      = ErrorCode(gen.ErrorCodeCannotResetPrimaryOwner)
	ErrDeprecatedEndpoint           = ErrorCode(gen.ErrorCodeDeprecatedEndpoint)
	ErrEKMAccessDenied              = ErrorCode(gen.ErrorCodeEkmAccessDenied)
	ErrEnterpriseIsRestricted       = ErrorCode(gen.ErrorCodeEnterpriseIsRestricted)
	ErrFatalError                   = ErrorCode(gen.ErrorCodeFatalError)
	ErrFeatureNotEnabled            = ErrorCode(gen.ErrorCodeFeatureNotEnabled)
	ErrInternalError                = ErrorCode(gen.ErrorCodeInternalError)
	ErrInvalidArgName               = ErrorCode(gen.ErrorCodeInvalidArgName)
	ErrInvalidArguments             = ErrorCode(gen.ErrorCodeInvalidArguments)
	ErrInvalidArrayArg              = ErrorCode(gen.ErrorCodeInvalidArrayArg)
	ErrInvalidAuth                  = ErrorCode(gen.ErrorCodeInvalidAuth)
	ErrInvalidCharset               = ErrorCode(gen.ErrorCodeInvalidCharset)
	ErrInvalidFormData              = ErrorCode(gen.ErrorCodeInvalidFormData)
	ErrInvalidJSON                  = ErrorCode(gen.ErrorCodeInvalidJSON)
	ErrInvalidPostType              = ErrorCode(gen.ErrorCodeInvalidPostType)
	ErrIsBot                        = ErrorCode(gen.ErrorCodeIsBot)
	ErrJSONNotObject                = ErrorCode(gen.ErrorCodeJSONNotObject)
	ErrMethodDeprecated             = ErrorCode(gen.ErrorCodeMethodDeprecated)
	ErrMissingPostType              = ErrorCode(gen.ErrorCodeMissingPostType)
	ErrMissingScope                 = ErrorCode(gen.ErrorCodeMissingScope)
	ErrNoPermission                 = ErrorCode(gen.ErrorCodeNoPermission)
	ErrNotAllowedTokenType          = ErrorCode(gen.ErrorCodeNotAllowedTokenType)
	ErrNotAnAdmin                   = ErrorCode(gen.ErrorCodeNotAnAdmin)
	ErrNotAuthed                    = ErrorCode(gen.ErrorCodeNotAuthed)
	ErrOrgLoginRequired             = ErrorCode(gen.ErrorCodeOrgLoginRequired)
	ErrRateLimited                  = ErrorCode(gen.ErrorCodeRatelimited)
	ErrRequestTimeout               = ErrorCode(gen.ErrorCodeRequestTimeout)
	ErrServiceUnavailable           = ErrorCode(gen.ErrorCodeServiceUnavailable)
	ErrSessionExpired               = ErrorCode(gen.ErrorCodeSessionExpired)
	ErrSessionInvalidationFailed    = ErrorCode(gen.ErrorCodeSessionInvalidationFailed)
	ErrSessionNotFound              = ErrorCode(gen.ErrorCodeSessionNotFound)
	ErrTeamAccessNotGranted         = ErrorCode(gen.ErrorCodeTeamAccessNotGranted)
	ErrTeamAddedToOrg               = ErrorCode(gen.ErrorCodeTeamAddedToOrg)
	ErrTokenExpired                 = ErrorCode(gen.ErrorCodeTokenExpired)
	ErrTokenRevoked                 = ErrorCode(gen.ErrorCodeTokenRevoked)
	ErrTwoFactorSetupRequired       = ErrorCode(gen.ErrorCodeTwoFactorSetupRequired)
	ErrUnknownMethod                = ErrorCode(gen.ErrorCodeUnknownMethod)
	ErrUpgradeRequired              = ErrorCode(gen.ErrorCodeUpgradeRequired)
	ErrUserNotFound                 = ErrorCode(gen.ErrorCodeUserNotFound)
	ErrUserSessionResetFailed       = ErrorCode(gen.ErrorCodeUserSessionResetFailed)
)

// scope is what a refusal tells about other calls.
type scope int

const (
	unclear   scope = iota // Slack does not document the code
	thisCall               // other calls may succeed
	thisTime               // the same call may succeed later
	everyCall              // every other call would be refused as well
)

// scope follows the reading of Slack's documentation: what is neither transient nor about one user or session is about
// the credentials, the plan or the program.
func (c ErrorCode) scope() scope {
	switch gen.ErrorCode(c) {
	case gen.ErrorCodeCannotInvalidatePrimaryOwner, gen.ErrorCodeCannotResetBot, gen.ErrorCodeCannotResetPrimaryOwner,
		gen.ErrorCodeInvalidArguments, gen.ErrorCodeSessionExpired, gen.ErrorCodeSessionNotFound, gen.ErrorCodeUserNotFound:
		return thisCall
	case gen.ErrorCodeFatalError, gen.ErrorCodeInternalError, gen.ErrorCodeRatelimited, gen.ErrorCodeRequestTimeout,
		gen.ErrorCodeServiceUnavailable, gen.ErrorCodeSessionInvalidationFailed, gen.ErrorCodeUserSessionResetFailed:
		return thisTime
	case gen.ErrorCodeAccessDenied, gen.ErrorCodeAccesslimited, gen.ErrorCodeAccountInactive,
		gen.ErrorCodeAdminUnauthorized, gen.ErrorCodeDeprecatedEndpoint, gen.ErrorCodeEkmAccessDenied,
		gen.ErrorCodeEnterpriseIsRestricted, gen.ErrorCodeFeatureNotEnabled, gen.ErrorCodeInvalidArgName,
		gen.ErrorCodeInvalidArrayArg, gen.ErrorCodeInvalidAuth, gen.ErrorCodeInvalidCharset, gen.ErrorCodeInvalidFormData,
		gen.ErrorCodeInvalidJSON, gen.ErrorCodeInvalidPostType, gen.ErrorCodeIsBot, gen.ErrorCodeJSONNotObject,
		gen.ErrorCodeMethodDeprecated, gen.ErrorCodeMissingPostType, gen.ErrorCodeMissingScope, gen.ErrorCodeNoPermission,
		gen.ErrorCodeNotAllowedTokenType, gen.ErrorCodeNotAnAdmin, gen.ErrorCodeNotAuthed, gen.ErrorCodeOrgLoginRequired,
		gen.ErrorCodeTeamAccessNotGranted, gen.ErrorCodeTeamAddedToOrg, gen.ErrorCodeTokenExpired,
		gen.ErrorCodeTokenRevoked, gen.ErrorCodeTwoFactorSetupRequired, gen.ErrorCodeUnknownMethod,
		gen.ErrorCodeUpgradeRequired:
		return everyCall
	}
	return unclear
}
