package wrapper

import (
	"context"
	"errors"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// waitForPermit waits until the pacing allows the next attempt.
func (s *callState) waitForPermit(ctx context.Context) *stopError {
	permit, err := s.client.pacers[s.method].Wait(ctx, &s.waiter)
	if err != nil {
		return s.pacerStop(err)
	}
	s.permit = permit
	return nil
}

// pacerStop returns the stop of a call that the pacer ends with err.
func (s *callState) pacerStop(err error) *stopError {
	var hold *pace.HoldError
	var outage *pace.OutageError
	switch {
	case errors.As(err, &hold) && errors.Is(hold, context.DeadlineExceeded):
		return &stopError{waitPastDeadline, hold, hold}
	case hold != nil && s.waiter.Breaker != nil:
		return &stopError{outageTooLong, hold, hold} // no call of the run would wait that long
	case hold != nil:
		return &stopError{holdTooLong, hold, hold}
	case errors.As(err, &outage):
		k := outageTooLong
		if outage.Broken {
			k = cannotConnect
		}
		if s.last != nil && !s.last.kind.info().fromSlack {
			outage.Cause = "" // the text of the last attempt is there already; the error is this call's own
		}
		return &stopError{kind: k, err: outage}
	default:
		return contextStop(err)
	}
}

// reportFailure reports a failed attempt to the pacer. wait is about the shortest time until the next attempt.
func reportFailure(permit *pace.Permit, e *Error) (wait time.Duration, outage pace.Outage) {
	info := e.kind.info()
	switch {
	case e.kind == rateLimited:
		wait = permit.Throttled(e.RetryAfter)
	case info.fromSlack && info.retryable:
		permit.Responded(e.RetryAfter)
	case info.fromSlack:
		permit.Responded(0)
	case e.kind == canceled, e.kind == deadline:
		permit.Cancel()
	default:
		wait, outage = permit.Failed(pace.Failure{Cause: e.summary(), RetryAfter: e.RetryAfter, Final: !info.retryable})
	}
	return max(wait, e.RetryAfter), outage
}
