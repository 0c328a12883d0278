package wrapper

import (
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// reportFailure reports a failed attempt to the pacer. wait is the shortest time to the next attempt, about.
func reportFailure(permit *pace.Permit, e *Error) (wait time.Duration, outage pace.Outage) {
	info := e.kind.info()
	var hold time.Duration // for all calls of the method
	if info.retryable {
		hold = e.RetryAfter
	}
	switch {
	case e.kind == rateLimited:
		wait = permit.Throttled(hold)
	case info.fromSlack:
		permit.Responded(hold)
	case e.kind == canceled, e.kind == deadline:
		permit.Cancel()
	default:
		wait, outage = permit.Failed(pace.Failure{Cause: e.summary(), Hold: hold, Final: !info.retryable})
	}
	return max(wait, e.RetryAfter), outage
}
