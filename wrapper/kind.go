package wrapper

// kind is what a failed attempt was, or what kept a call from making an attempt. The retry policy, the pacing and the
// questions to an error ([Retryable], [OutcomeUnknown], [NotSent], [StopsRun], [Reason]) all read one table, kinds.
type kind int

const (
	noFailure kind = iota

	// Slack's own response.
	refusedCall
	refusedForNow
	failedInside
	refusedAll
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

	// The end of a call that makes no attempt, or no other one.
	canceled
	deadline
	waitPastDeadline
	heldBack
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
	none    effect = "none"    // Slack said so
	unknown effect = "unknown" // it may have ended sessions
	ifRead  effect = "if read" // unknown if the transport began to read the request's body, else not sent
	notSent effect = "not sent"
)

// kindInfo is a row of the table.
type kindInfo struct {
	what      string // as the package's documentation says it
	retryable bool
	effect    effect
	stopsRun  bool
	reason    string // if there is no code; "" means http_NNN
	responded bool   // Slack itself responded, so there is no outage
}

var kinds = [...]kindInfo{
	refusedCall:   {"a code about this call", false, none, false, "other_code", true},
	refusedForNow: {"a transient code", true, none, false, "other_code", true},
	failedInside:  {"internal_error, fatal_error", true, unknown, false, "other_code", true},
	refusedAll:    {"a code about every call", false, none, true, "other_code", true},
	refusedOther:  {"an undocumented code, or none", false, none, false, "other_code", true},
	rateLimited:   {"HTTP 429, or ratelimited", true, none, false, "ratelimited", true},

	serverError: {"HTTP 5xx", true, unknown, false, "", false},
	noVerdict:   {"HTTP 1xx or 2xx without verdict", true, unknown, false, "no_verdict", false},
	redirected:  {"HTTP 3xx", false, none, false, "redirect", false},
	otherStatus: {"other HTTP 4xx without verdict", false, none, false, "", false},

	noAnswer:     {"no connection, or a broken one", true, ifRead, false, "no_answer", false},
	timedOut:     {"no response within Timeout", true, ifRead, false, "timeout", false},
	notTrusted:   {"a certificate that is not trusted", false, notSent, false, "not_trusted", false},
	proxyRefused: {"a proxy that refuses to connect", false, notSent, false, "proxy_refused", false},

	canceled:          {"ctx was cancelled", false, ifRead, false, "canceled", false},
	deadline:          {"ctx reached its deadline", true, ifRead, false, "deadline", false},
	waitPastDeadline:  {"a rate limit beyond ctx's deadline", true, notSent, true, "deadline", false},
	heldBack:          {"a wait beyond MaxRetryAfter", true, notSent, false, "no_answer", false},
	outageTooLong:     {"an outage beyond MaxOutage", true, notSent, true, "no_answer", false},
	cannotConnect:     {"a connection that cannot work", false, notSent, true, "no_answer", false},
	tokenSourceFailed: {"the token source failed", false, notSent, true, "token_source", false},
	limiterFailed:     {"the limiter failed", false, notSent, true, "limiter", false},
	invalidToken:      {"ErrInvalidToken", false, notSent, true, "invalid_token", false},
	invalidOptions:    {"ErrInvalidOptions", false, notSent, false, "invalid_options", false},
	noTokenSource:     {"no token source", false, notSent, true, "invalid_options", false},

	foreign: {"an error of another package", false, none, false, "other", false},
}

func (k kind) info() kindInfo { return kinds[k] }

// ends reports whether k says why a call makes no attempt.
func (k kind) ends() bool { return k >= canceled && k < foreign }
