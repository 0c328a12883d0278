package wrapper

// kind is what a failed attempt was, or why a call made no attempt, or no other one. One table, kinds, says what each kind means
// to the retry policy, to the pacing, and to the functions that classify an error: [Retryable], [OutcomeUnknown], [NotSent],
// [StopsRun] and [Reason].
type kind int

const (
	unset kind = iota

	// Slack's own response.
	refusedCall
	refusedTransient
	internalError
	refusedGlobal
	refusedOther
	rateLimited

	// A response without Slack's verdict.
	serverError
	noVerdict
	redirected
	otherStatus

	// No response.
	noAnswer
	timedOut
	notTrusted
	proxyRefused
	canceled
	deadline

	// Why a call made no attempt, or no other one; canceled and deadline too.
	waitPastDeadline
	holdTooLong
	outageTooLong
	cannotConnect
	tokenSourceFailed
	limiterFailed
	invalidToken
	invalidOptions
	noTokenSource

	foreign // an error that this package did not make
)

// effect is what a failed attempt may have done to sessions.
type effect string

const (
	effectNone    effect = "none"    // nothing was changed; NotSent asks Error.sent
	effectUnknown effect = "unknown" // it may have ended sessions
	effectIfSent  effect = "if sent" // unknown if the transport began to read the request's body, else not sent
	effectNotSent effect = "not sent"
)

// kindInfo is a row of the table.
type kindInfo struct {
	what      string // for the package's documentation
	retryable bool
	effect    effect
	stopsRun  bool
	reason    string // if there is no code; "" means that there is one, or http_NNN
	fromSlack bool   // Slack itself responded, so there is no outage
}

var kinds = [...]kindInfo{ // what, retryable, effect, stopsRun, reason, fromSlack
	refusedCall:      {"a code about this call", false, effectNone, false, "", true},
	refusedTransient: {"a transient code", true, effectNone, false, "", true},
	internalError:    {"internal_error, fatal_error", true, effectUnknown, false, "", true},
	refusedGlobal:    {"a code about every call", false, effectNone, true, "", true},
	refusedOther:     {"any other code, or none", false, effectNone, false, "other_code", true},
	rateLimited:      {"HTTP 429; ratelimited with HTTP 200", true, effectNone, false, "ratelimited", true},

	serverError: {"HTTP 5xx", true, effectUnknown, false, "", false},
	noVerdict:   {"HTTP 200 without verdict; 1xx; 2xx", true, effectUnknown, false, "no_verdict", false},
	redirected:  {"HTTP 3xx", false, effectNone, false, "redirect", false},
	otherStatus: {"other HTTP 4xx without verdict", false, effectNone, false, "", false},

	noAnswer:     {"no connection, or a broken one", true, effectIfSent, false, "no_answer", false},
	timedOut:     {"no response header within Timeout", true, effectIfSent, false, "timeout", false},
	notTrusted:   {"a certificate that is not trusted", false, effectNotSent, false, "not_trusted", false},
	proxyRefused: {"a proxy that refuses to connect", false, effectNotSent, false, "proxy_refused", false},
	canceled:     {"ctx was cancelled", false, effectIfSent, false, "canceled", false},
	deadline:     {"ctx's deadline came first", true, effectIfSent, false, "deadline", false},

	waitPastDeadline:  {"a Retry-After beyond ctx's deadline", true, effectNotSent, true, "deadline", false},
	holdTooLong:       {"a Retry-After beyond MaxRetryAfter", true, effectNotSent, false, "no_answer", false},
	outageTooLong:     {"an outage beyond MaxOutage", true, effectNotSent, true, "no_answer", false},
	cannotConnect:     {"a connection that cannot work", false, effectNotSent, true, "no_answer", false},
	tokenSourceFailed: {"the token source failed", false, effectNotSent, true, "token_source", false},
	limiterFailed:     {"the limiter failed", false, effectNotSent, true, "limiter", false},
	invalidToken:      {"ErrInvalidToken", false, effectNotSent, true, "invalid_token", false},
	invalidOptions:    {"ErrInvalidOptions", false, effectNotSent, false, "invalid_options", false},
	noTokenSource:     {"no token source", false, effectNotSent, true, "invalid_options", false},

	foreign: {"any other error", false, effectNone, false, "other", false},
}

func (k kind) info() kindInfo { return kinds[k] }

// setKind sets what the attempt was. sent reports whether its body was read or a response came.
func (e *Error) setKind(k kind, sent bool) {
	effect := k.info().effect
	e.kind, e.sent, e.unknown = k, sent, effect == effectUnknown || effect == effectIfSent && sent
}
