// Package wrapper signs people out of Slack Enterprise organisations. It ends all sessions of a user
// (admin.users.session.reset) or one session (admin.users.session.invalidate), for one user or for thousands, as fast as
// Slack's rate limit allows.
//
//	import slack "github.com/seed70860981/slack-admin-sessions/wrapper"
//
//	client, err := slack.New(slack.StaticToken(os.Getenv("SLACK_TOKEN")), slack.Options{})
//	if err != nil {
//		return err
//	}
//	_, err = client.ResetSessions(ctx, slack.ResetOptions{UserID: "W0123456789"})
//	switch {
//	case err == nil: // signed out
//	case slack.OutcomeUnknown(err): // may be signed out: repeat
//	case slack.Retryable(err): // not signed out: repeat later
//	default: // not signed out: slack.Reason(err) says why
//	}
//	if slack.StopsRun(err) {
//		// the next user would fail too
//	}
//
// # Errors
//
// A nil error means that Slack responded with HTTP 200 and "ok": true, and nothing else does. Any other result is returned
// as an [*Error]. Match its code with errors.Is and the Err… constants, or classify it with the functions of this table.
// errors.As finds causes such as *url.Error. errors.Is matches context errors only if the ctx you passed ended the call, or
// its deadline comes before the next attempt.
//
//	the failure                           Retryable  OutcomeUnknown  NotSent  StopsRun  Reason
//	a code about this call                -          -               -        -         the code
//	a transient code                      yes        -               -        -         the code
//	internal_error, fatal_error           yes        yes             -        -         the code
//	a code about every call               -          -               -        yes       the code
//	an undocumented code, or none         -          -               -        -         other_code
//	HTTP 429, or ratelimited              yes        -               -        -         ratelimited
//	HTTP 5xx                              yes        yes             -        -         http_NNN
//	HTTP 1xx or 2xx without verdict       yes        yes             -        -         no_verdict
//	HTTP 3xx                              -          -               -        -         redirect
//	other HTTP 4xx without verdict        -          -               -        -         http_NNN
//	no connection, or a broken one        yes        if sent         if not   -         no_answer
//	no response within Timeout            yes        if sent         if not   -         timeout
//	a certificate that is not trusted     -          -               yes      -         not_trusted
//	a proxy that refuses to connect       -          -               yes      -         proxy_refused
//	ctx was cancelled                     -          if sent         if not   -         canceled
//	ctx reached its deadline              yes        if sent         if not   -         deadline
//	a Retry-After beyond ctx's deadline   yes        -               yes      yes       deadline
//	a Retry-After beyond MaxRetryAfter    yes        -               yes      -         no_answer
//	an outage beyond MaxOutage            yes        -               yes      yes       no_answer
//	a connection that cannot work         -          -               yes      yes       no_answer
//	the token source failed               -          -               yes      yes       token_source
//	the limiter failed                    -          -               yes      yes       limiter
//	ErrInvalidToken                       -          -               yes      yes       invalid_token
//	ErrInvalidOptions                     -          -               yes      -         invalid_options
//	no token source                       -          -               yes      yes       invalid_options
//	an error of another package           -          -               -        -         other
//
// Reason is ratelimited if a rate limit that another call met keeps the call from its first attempt. Once one attempt has an
// unknown outcome, OutcomeUnknown is true for the call. NotSent is true only if no attempt was sent. If a call ends while it
// waits for its next attempt, Retryable depends on why the wait ended, and the others still describe the last attempt.
//
// # Retries
//
// Rate limits, Slack's server errors, connection failures and responses without a verdict are retried, up to 5 attempts in
// all, with exponential backoff and full jitter; see [RetryOptions]. If the next wait would exceed ctx's deadline, the call
// returns immediately, with Slack's error and context.DeadlineExceeded. If Slack answers token_expired, the call asks its
// [TokenSource] again. If it gets another token, it makes one more attempt. The refused attempt does not count, so a call
// with MaxAttempts 1 can make two requests.
//
// # Rate limits
//
// No attempt starts before a Retry-After has passed. If one call is rate limited, the [Client] delays all calls of that
// method. It learns the limit and sends slightly slower than that. So share one Client. Slack allows about 20 requests a
// minute: 100 users take 5 minutes, 1,000 users 50 minutes.
//
// # Bulk runs and outages
//
// [Client.BulkReset] and [Client.BulkInvalidate] wait out rate limits, and outages of up to [BulkOptions].MaxOutage. An
// outage begins when three different calls in a row fail without a result of Slack's: no connection, HTTP 5xx, or a response
// that somebody else sent. Then one request at a time probes, after the backoff, until Slack responds. A run ends early on an
// error for which StopsRun is true.
//
// # Testing
//
// Package [github.com/seed70860981/slack-admin-sessions/wrapper/slacktest] is an in-memory Slack. Set it as the Transport of
// [Options].HTTPClient: under testing/synctest, waits take no real time.
package wrapper
