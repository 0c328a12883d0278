// Package wrapper signs people out of Slack Enterprise organisations: [Client.ResetSessions] ends all sessions of a user
// (admin.users.session.reset), [Client.InvalidateSession] ends one (admin.users.session.invalidate), and
// [Client.BulkReset] and [Client.BulkInvalidate] do so for many, as fast as Slack's rate limit allows.
//
//	client, err := wrapper.New(wrapper.StaticToken(os.Getenv("SLACK_TOKEN")), wrapper.Options{})
//	if err != nil {
//		return err
//	}
//	_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
//	switch {
//	case err == nil:
//		// Slack said that the user is signed out.
//	case errors.Is(err, wrapper.ErrUserNotFound):
//		// There is no such user.
//	case wrapper.NotSent(err):
//		// Slack knows nothing of the call.
//	case wrapper.OutcomeUnknown(err):
//		// The user may or may not be signed out: repeat the call.
//	}
//
// # Errors
//
// A nil error means that Slack answered HTTP 200 with "ok": true, and nothing else does. Every other end of a call is an
// [*Error]. Match its code with errors.Is and the Err… constants, and ask it: [Retryable], [OutcomeUnknown], [NotSent],
// [StopsRun], [Reason]. Causes such as *url.Error stay reachable with errors.As. Context errors match only where the
// context of the call ended it, or would end before a wait is over.
//
// # Retries
//
// Rate limits, trouble inside Slack, broken connections and answers without a verdict are tried again, up to 5 requests
// in all, with exponential backoff and full jitter; see [RetryOptions]. No request is sent before a Retry-After has
// passed, and a limit that one call meets holds back all calls of that method on the [Client]. A wait that would outlast
// ctx is not begun: the call returns at once with Slack's error and context.DeadlineExceeded. Bulk runs also wait for the
// end of an outage; see [Client.BulkReset].
//
// # Testing
//
// Package [github.com/seed70860981/slack-admin-sessions/wrapper/slacktest] is an in-memory Slack: set it as the Transport
// of [Options].HTTPClient, and the waits of a test pass in virtual time under testing/synctest.
package wrapper
