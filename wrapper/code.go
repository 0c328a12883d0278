package wrapper

// ErrorCode is Slack's error code, the value of "error" in a refusal. It is itself an error, to be matched with
// errors.Is. Codes that have no constant here are matched the same way:
//
//	errors.Is(err, wrapper.ErrorCode("new_code"))
//
// errors.As does not find the code of an [*Error]: find the *Error, and take its Code.
type ErrorCode string //nolint:errname // the name is part of the API

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// The codes of refusals about this call: other calls may succeed.
const (
	ErrCannotInvalidatePrimaryOwner ErrorCode = "cannot_invalidate_primary_owner" // only the primary owner may end the primary owner's sessions
	ErrCannotResetBot               ErrorCode = "cannot_reset_bot"                // the user is a bot, and bots have no sessions
	ErrCannotResetPrimaryOwner      ErrorCode = "cannot_reset_primary_owner"      // only the primary owner may end the primary owner's sessions
	ErrInvalidArguments             ErrorCode = "invalid_arguments"               // Slack rejects the arguments
	ErrSessionExpired               ErrorCode = "session_expired"                 // the session has expired
	ErrSessionNotFound              ErrorCode = "session_not_found"               // no such session
	ErrTeamAccessNotGranted         ErrorCode = "team_access_not_granted"         // the token has no access to this workspace
	ErrUserNotFound                 ErrorCode = "user_not_found"                  // no such user
)

// The codes of transient refusals: the same call may succeed later, see [Retryable].
const (
	ErrFatalError                ErrorCode = "fatal_error"                 // Slack failed badly; part of the request may have taken effect
	ErrInternalError             ErrorCode = "internal_error"              // Slack failed; part of the request may have taken effect
	ErrRateLimited               ErrorCode = "ratelimited"                 // too many requests; Retry-After says how long to wait
	ErrRequestTimeout            ErrorCode = "request_timeout"             // the body did not arrive in full
	ErrServiceUnavailable        ErrorCode = "service_unavailable"         // Slack is unavailable for the moment
	ErrSessionInvalidationFailed ErrorCode = "session_invalidation_failed" // Slack failed to end the session
	ErrUserSessionResetFailed    ErrorCode = "user_session_reset_failed"   // Slack failed to start the reset
)

// The codes of refusals about every call: other calls would be refused too, see [StopsRun].
const (
	ErrAccessDenied           ErrorCode = "access_denied"             // the token may not use this resource
	ErrAccessLimited          ErrorCode = "accesslimited"             // this network or organisation may not use the method
	ErrAccountInactive        ErrorCode = "account_inactive"          // the token's user is deactivated, or its workspace deleted
	ErrAdminUnauthorized      ErrorCode = "admin_unauthorized"        // the token may not end sessions
	ErrDeprecatedEndpoint     ErrorCode = "deprecated_endpoint"       // Slack has withdrawn this address
	ErrEKMAccessDenied        ErrorCode = "ekm_access_denied"         // an administrator has suspended access with Enterprise Key Management
	ErrEnterpriseIsRestricted ErrorCode = "enterprise_is_restricted"  // an Enterprise organisation may not call the method
	ErrFeatureNotEnabled      ErrorCode = "feature_not_enabled"       // the plan does not include the method
	ErrInvalidArgName         ErrorCode = "invalid_arg_name"          // an argument's name has a character that Slack does not allow
	ErrInvalidArrayArg        ErrorCode = "invalid_array_arg"         // an argument is an array and may not be one
	ErrInvalidAuth            ErrorCode = "invalid_auth"              // the token is not valid, or not from this IP address
	ErrInvalidCharset         ErrorCode = "invalid_charset"           // Slack does not know the charset of the Content-Type
	ErrInvalidFormData        ErrorCode = "invalid_form_data"         // the body does not parse as a form
	ErrInvalidJSON            ErrorCode = "invalid_json"              // the body does not parse as JSON
	ErrInvalidPostType        ErrorCode = "invalid_post_type"         // Slack does not accept the Content-Type
	ErrIsBot                  ErrorCode = "is_bot"                    // a bot may not call the method
	ErrJSONNotObject          ErrorCode = "json_not_object"           // the JSON body is not an object
	ErrMethodDeprecated       ErrorCode = "method_deprecated"         // Slack has withdrawn the method
	ErrMissingPostType        ErrorCode = "missing_post_type"         // the request has a body and no Content-Type
	ErrMissingScope           ErrorCode = "missing_scope"             // the token lacks the scope that the method needs
	ErrNoPermission           ErrorCode = "no_permission"             // the token's user or workspace lacks the permission
	ErrNotAllowedTokenType    ErrorCode = "not_allowed_token_type"    // a token of this type, such as a bot's, may not call the method
	ErrNotAnAdmin             ErrorCode = "not_an_admin"              // only Org Owners and Org Admins may call the method
	ErrNotAuthed              ErrorCode = "not_authed"                // the request has no token
	ErrOrgLoginRequired       ErrorCode = "org_login_required"        // the workspace is moving into an organisation; its users must sign in again
	ErrTeamAddedToOrg         ErrorCode = "team_added_to_org"         // the workspace is moving into an organisation
	ErrTokenExpired           ErrorCode = "token_expired"             // the token has expired
	ErrTokenRevoked           ErrorCode = "token_revoked"             // the token was revoked
	ErrTwoFactorSetupRequired ErrorCode = "two_factor_setup_required" // the token's user must set up two-factor authentication
	ErrUnknownMethod          ErrorCode = "unknown_method"            // the organisation does not have the method
	ErrUpgradeRequired        ErrorCode = "upgrade_required"          // Slack does not accept JSON from this client
)

// kind returns the kind of a refusal with code c, as we read Slack's documentation: a code that is neither transient nor about
// one user, session or workspace is about the credentials, the plan or the program.
func (c ErrorCode) kind() kind {
	switch c {
	case ErrCannotInvalidatePrimaryOwner, ErrCannotResetBot, ErrCannotResetPrimaryOwner, ErrInvalidArguments, ErrSessionExpired,
		ErrSessionNotFound, ErrTeamAccessNotGranted, ErrUserNotFound:
		return refusedCall
	case ErrRequestTimeout, ErrServiceUnavailable, ErrSessionInvalidationFailed, ErrUserSessionResetFailed:
		return refusedTransient
	case ErrFatalError, ErrInternalError:
		return internalError
	case ErrRateLimited:
		return rateLimited
	case ErrAccessDenied, ErrAccessLimited, ErrAccountInactive, ErrAdminUnauthorized, ErrDeprecatedEndpoint, ErrEKMAccessDenied,
		ErrEnterpriseIsRestricted, ErrFeatureNotEnabled, ErrInvalidArgName, ErrInvalidArrayArg, ErrInvalidAuth,
		ErrInvalidCharset, ErrInvalidFormData, ErrInvalidJSON, ErrInvalidPostType, ErrIsBot, ErrJSONNotObject,
		ErrMethodDeprecated, ErrMissingPostType, ErrMissingScope, ErrNoPermission, ErrNotAllowedTokenType, ErrNotAnAdmin,
		ErrNotAuthed, ErrOrgLoginRequired, ErrTeamAddedToOrg, ErrTokenExpired, ErrTokenRevoked, ErrTwoFactorSetupRequired,
		ErrUnknownMethod, ErrUpgradeRequired:
		return refusedGlobal
	default:
		return refusedOther
	}
}
