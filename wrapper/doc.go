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
// A JSON object with one boolean "ok" is called a verdict. A nil error means that Slack responded with HTTP 200 and a verdict of
// true, and nothing else does. Any other result is returned as an [*Error]. Match its code with errors.Is and the Err…
// constants, or classify it with the functions of the table below. errors.As finds causes such as *url.Error. errors.Is matches
// context.Canceled or context.DeadlineExceeded only because of the ctx you passed: it ended, or its deadline comes before the
// next attempt could start.
//
// The last column is the Reason if the response has no code. If it has one, Reason is that code, or other_code if Slack does
// not document it. "If sent" means that the transport began to read the request's body.
//
//	                                       Retryable  OutcomeUnknown  NotSent  StopsRun  Reason
//	a response of Slack's:
//	  a code about this call               -          -               -        -         the code
//	  a transient code                     yes        -               -        -         the code
//	  internal_error, fatal_error          yes        yes             -        -         the code
//	  a code about every call              -          -               -        yes       the code
//	  any other code, or none              -          -               -        -         other_code
//	  HTTP 429; ratelimited with HTTP 200  yes        -               -        -         ratelimited
//	another response, whatever its body says:
//	  HTTP 5xx                             yes        yes             -        -         http_NNN
//	  HTTP 200 without verdict; 1xx; 2xx   yes        yes             -        -         no_verdict
//	  HTTP 3xx                             -          -               -        -         redirect
//	  other HTTP 4xx without verdict       -          -               -        -         http_NNN
//	no response:
//	  no connection, or a broken one       yes        if sent         if not   -         no_answer
//	  no response header within Timeout    yes        if sent         if not   -         timeout
//	  a certificate that is not trusted    -          -               yes      -         not_trusted
//	  a proxy that refuses to connect      -          -               yes      -         proxy_refused
//	  ctx was cancelled                    -          if sent         if not   -         canceled
//	  ctx's deadline came first            yes        if sent         if not   -         deadline
//	no attempt, or no further one:
//	  a Retry-After beyond ctx's deadline  yes        -               yes      yes       deadline
//	  a Retry-After beyond MaxRetryAfter   yes        -               yes      -         no_answer
//	  an outage beyond MaxOutage           yes        -               yes      yes       no_answer
//	  a connection that cannot work        -          -               yes      yes       no_answer
//	  the token source failed              -          -               yes      yes       token_source
//	  the limiter failed                   -          -               yes      yes       limiter
//	  ErrInvalidToken                      -          -               yes      yes       invalid_token
//	  ErrInvalidOptions                    -          -               yes      -         invalid_options
//	  no token source                      -          -               yes      yes       invalid_options
//	not an *Error:
//	  any other error                      -          -               -        -         other
//
// A row describes the last attempt. But OutcomeUnknown is true if it is for any attempt of the call, for instance after a 503 and
// then user_not_found, and NotSent only if it is for every one. A call may stop while it waits for its next attempt, for example
// because ctx is cancelled. Then Reason describes the last attempt, Retryable the stop, and StopsRun is true if it is for
// either of them.
//
// With HTTP 4xx, a code that would be retried with HTTP 200 counts as "any other code", and a refusal without a code is http_NNN.
// With HTTP 429, Reason is always ratelimited. So it is if another call's rate limit stops a call without a response of its own.
//
// # Retries
//
// Rate limits, Slack's server errors, connection failures and responses without a verdict are retried, up to 5 attempts in
// all, with exponential backoff and full jitter; see [RetryOptions]. If a backoff or a Retry-After would exceed ctx's deadline,
// the call returns immediately, with the last error and context.DeadlineExceeded. For token_expired see [TokenSource].
//
// # Rate limits
//
// A call is not retried before its Retry-After has passed. A Retry-After of a rate limit, or of another failure that is retried,
// delays all calls of that method on the [Client]. After a rate limit the Client learns the limit and sends at about that
// rate. So share one Client. Slack allows about 20 requests a minute: 100 users take 5 minutes, 1,000 users 50 minutes.
//
// # Bulk runs
//
// [Client.BulkReset] and [Client.BulkInvalidate] wait for the end of rate limits, and of outages of up to
// [BulkOptions].MaxOutage. A run ends early on an error for which StopsRun is true.
//
// # Testing
//
// Package [github.com/seed70860981/slack-admin-sessions/wrapper/slacktest] is an in-memory Slack. Set it as the Transport of
// [Options].HTTPClient: under testing/synctest, waits take no real time.
package wrapper
