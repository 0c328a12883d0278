package wrapper

// ErrorCode is the code of a refusal by Slack, the value of "error" in its answer. It is itself an
// error, to be matched with errors.Is; codes that have no constant here are matched the same way:
//
//	errors.Is(err, wrapper.ErrorCode("new_code"))
type ErrorCode string //nolint:errname // the name is part of the API

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// The codes that Slack documents. The OpenAPI fragment under api tells what each means.
const (
	ErrAccessDenied                 ErrorCode = "access_denied"
	ErrAccessLimited                ErrorCode = "accesslimited"
	ErrAccountInactive              ErrorCode = "account_inactive"
	ErrAdminUnauthorized            ErrorCode = "admin_unauthorized"
	ErrCannotInvalidatePrimaryOwner ErrorCode = "cannot_invalidate_primary_owner"
	ErrCannotResetBot               ErrorCode = "cannot_reset_bot"
	ErrCannotResetPrimaryOwner      ErrorCode = "cannot_reset_primary_owner"
	ErrDeprecatedEndpoint           ErrorCode = "deprecated_endpoint"
	ErrEKMAccessDenied              ErrorCode = "ekm_access_denied"
	ErrEnterpriseIsRestricted       ErrorCode = "enterprise_is_restricted"
	ErrFatalError                   ErrorCode = "fatal_error"
	ErrFeatureNotEnabled            ErrorCode = "feature_not_enabled"
	ErrInternalError                ErrorCode = "internal_error"
	ErrInvalidArgName               ErrorCode = "invalid_arg_name"
	ErrInvalidArguments             ErrorCode = "invalid_arguments"
	ErrInvalidArrayArg              ErrorCode = "invalid_array_arg"
	ErrInvalidAuth                  ErrorCode = "invalid_auth"
	ErrInvalidCharset               ErrorCode = "invalid_charset"
	ErrInvalidFormData              ErrorCode = "invalid_form_data"
	ErrInvalidJSON                  ErrorCode = "invalid_json"
	ErrInvalidPostType              ErrorCode = "invalid_post_type"
	ErrJSONNotObject                ErrorCode = "json_not_object"
	ErrMethodDeprecated             ErrorCode = "method_deprecated"
	ErrMissingPostType              ErrorCode = "missing_post_type"
	ErrMissingScope                 ErrorCode = "missing_scope"
	ErrNoPermission                 ErrorCode = "no_permission"
	ErrNotAllowedTokenType          ErrorCode = "not_allowed_token_type"
	ErrNotAnAdmin                   ErrorCode = "not_an_admin"
	ErrNotAuthed                    ErrorCode = "not_authed"
	ErrOrgLoginRequired             ErrorCode = "org_login_required"
	ErrRateLimited                  ErrorCode = "ratelimited"
	ErrRequestTimeout               ErrorCode = "request_timeout"
	ErrServiceUnavailable           ErrorCode = "service_unavailable"
	ErrSessionExpired               ErrorCode = "session_expired"
	ErrSessionInvalidationFailed    ErrorCode = "session_invalidation_failed"
	ErrSessionNotFound              ErrorCode = "session_not_found"
	ErrTeamAccessNotGranted         ErrorCode = "team_access_not_granted"
	ErrTeamAddedToOrg               ErrorCode = "team_added_to_org"
	ErrTokenExpired                 ErrorCode = "token_expired"
	ErrTokenRevoked                 ErrorCode = "token_revoked"
	ErrTwoFactorSetupRequired       ErrorCode = "two_factor_setup_required"
	ErrUnknownMethod                ErrorCode = "unknown_method"
	ErrUpgradeRequired              ErrorCode = "upgrade_required"
	ErrUserNotFound                 ErrorCode = "user_not_found"
	ErrUserSessionResetFailed       ErrorCode = "user_session_reset_failed"
)

// concern is what a refusal says about calls to come.
type concern int

const (
	unclear   concern = iota // a code that Slack does not document
	thisCall                 // others may succeed
	thisTime                 // the same call may succeed later
	everyCall                // all others would be refused as well
)

func (c ErrorCode) concerns() concern {
	switch c {
	case ErrCannotInvalidatePrimaryOwner, ErrCannotResetBot, ErrCannotResetPrimaryOwner, ErrInvalidArguments,
		ErrSessionExpired, ErrSessionNotFound, ErrUserNotFound:
		return thisCall
	case ErrFatalError, ErrInternalError, ErrRateLimited, ErrRequestTimeout, ErrServiceUnavailable,
		ErrSessionInvalidationFailed, ErrUserSessionResetFailed:
		return thisTime
	case ErrAccessDenied, ErrAccessLimited, ErrAccountInactive, ErrAdminUnauthorized, ErrDeprecatedEndpoint,
		ErrEKMAccessDenied, ErrEnterpriseIsRestricted, ErrFeatureNotEnabled, ErrInvalidArgName,
		ErrInvalidArrayArg, ErrInvalidAuth, ErrInvalidCharset, ErrInvalidFormData, ErrInvalidJSON,
		ErrInvalidPostType, ErrJSONNotObject, ErrMethodDeprecated, ErrMissingPostType, ErrMissingScope,
		ErrNoPermission, ErrNotAllowedTokenType, ErrNotAnAdmin, ErrNotAuthed, ErrOrgLoginRequired,
		ErrTeamAccessNotGranted, ErrTeamAddedToOrg, ErrTokenExpired, ErrTokenRevoked,
		ErrTwoFactorSetupRequired, ErrUnknownMethod, ErrUpgradeRequired:
		return everyCall
	}
	return unclear
}
