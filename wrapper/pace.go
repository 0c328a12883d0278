package wrapper

import (
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

func (c *Client) pacer(method string) *pace.Pacer {
	p, ok := c.pacers.Load(method)
	if !ok {
		p, _ = c.pacers.LoadOrStore(method, new(pace.Pacer))
	}
	return p.(*pace.Pacer)
}

// settle tells the pacing the result of a failed attempt.
func (l *call) settle(permit *pace.Permit, e *Error) failure {
	f := failure{
		kind: e.kind, retryable: l.client.opts.Retry.Retryable(e), retryAfter: e.RetryAfter,
		bulk: l.waiter.Run != nil, needsNewToken: l.needsNewToken,
	}
	var hold time.Duration // for all calls of the method
	if e.kind.info().retryable {
		hold = e.RetryAfter
	}
	switch {
	case e.kind == rateLimited:
		f.wait = permit.Throttled(hold)
	case e.kind.info().responded:
		permit.Responded(hold)
	case e.kind == canceled, e.kind == deadline:
		permit.Cancel()
	default:
		f.wait, f.outage = permit.Failed(pace.Failure{Cause: e.summary(), Hold: hold, Final: !f.retryable})
	}
	return f
}
