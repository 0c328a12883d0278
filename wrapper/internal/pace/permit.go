package pace

import "time"

// A Permit is the right to send one request. One of Responded, Throttled, Failed and Cancel must report how that ended.
// The first of these calls counts and later ones are no-ops, so Cancel may be deferred. A Permit is safe for concurrent use.
type Permit struct {
	pacer   *Pacer
	waiter  *Waiter
	given   time.Duration
	token   bool // the request uses a rate token
	probe   bool // the request is a probe in an outage
	settled bool // how the request ended has been reported; guarded by Pacer.mu
}

// Valid reports whether the request may still be sent. If a response has asked to wait since the permit was given, it may
// not: Cancel the permit and Wait again.
func (t *Permit) Valid() bool {
	t.pacer.mu.Lock()
	defer t.pacer.mu.Unlock()
	return !t.settled && t.pacer.rate.holdUntil <= t.given
}

// Responded reports a response that is not a rate limit. If hold > 0, the response asked everyone to wait that long.
func (t *Permit) Responded(hold time.Duration) {
	t.settle(func(p *Pacer, now time.Duration) {
		p.defaultHold.count = 0
		p.rate.succeed(now)
		p.rate.hold(now, hold, false)
		if t.waiter.run.onResponse(now) {
			p.rate.maxInFlight = p.rate.inFlight + 1 // slow start
		}
	})
}

// Throttled reports a rate limit that asked to wait for retryAfter, and returns for how long requests are held back. If
// retryAfter <= 0, the response did not say how long. Then they are held back for 5, 10, 20, 40 and 60 s from then on, as
// long as such responses follow each other, plus up to a fifth at random.
func (t *Permit) Throttled(retryAfter time.Duration) (hold time.Duration) {
	t.settle(func(p *Pacer, now time.Duration) {
		if retryAfter > 0 {
			p.defaultHold.count = 0
		} else {
			retryAfter = p.defaultHold.next(now, t.given)
		}
		p.rate.throttle(now, t.token, retryAfter)
		t.waiter.run.onResponse(now)
	})
	return retryAfter
}

// Failed reports that the service did not respond, and returns the state of the run. In an [OpenOutage] the next permit
// of the call waits for the end of the outage, and delay is about the time to the next probe. Otherwise delay is 0.
func (t *Permit) Failed(f Failure) (delay time.Duration, state Outage) {
	t.settle(func(p *Pacer, now time.Duration) {
		p.rate.cancel(now, t.token)
		p.rate.hold(now, f.Hold, false)
		run := t.waiter.run
		if state = run.onFailure(t, f); state == OpenOutage {
			delay = max(run.nextProbe, p.rate.holdUntil) - now
		}
	})
	return delay, state
}

// Cancel reports that the request was not sent, or that its caller no longer waits for the response.
func (t *Permit) Cancel() {
	t.settle(func(p *Pacer, now time.Duration) { p.rate.cancel(now, t.token) })
}

// settle calls report with Pacer.mu held, unless the permit is settled.
func (t *Permit) settle(report func(p *Pacer, now time.Duration)) {
	p := t.pacer
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.settled {
		return
	}
	t.settled = true
	now, run := p.now(), t.waiter.run
	run.inFlight--
	run.nextProbe = max(run.nextProbe, now+minProbeGap)
	report(p, now)
	p.wake()
}
