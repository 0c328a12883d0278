package pace

import "time"

// A Permit is the right to send one request. One of Responded, Throttled, Failed and Cancel must report how that ended.
// The first of these calls counts and later ones are no-ops, so Cancel may be deferred. A Permit is safe for concurrent use.
type Permit struct {
	pacer     *Pacer
	waiter    *Waiter
	grantedAt time.Duration
	usedToken bool // the request uses a rate token
	trial     bool // the request was sent during an outage of its run
	settled   bool // how the request ended has been reported
}

// Renew reports whether the request may still be sent, and makes now the time at which it is. It may not if a hold or an outage
// has begun since the permit was granted: then Cancel it and Wait again.
func (m *Permit) Renew() bool {
	m.pacer.mu.Lock()
	defer m.pacer.mu.Unlock()
	valid := m.grantedAt >= m.pacer.rate.holdUntil && m.trial == (m.waiter.breaker().state != NoOutage)
	if valid {
		m.grantedAt = m.pacer.now()
	}
	return valid
}

// Responded reports a response that is not a rate limit. If hold > 0, the response asked everyone to wait that long.
func (m *Permit) Responded(hold time.Duration) {
	m.settle(func(p *Pacer, now time.Duration) {
		p.withoutRetryAfter = 0
		p.rate.hold(now, hold, false)
		p.rate.succeed(now)
		if m.waiter.breaker().onResponse(now) {
			p.rate.slowStart()
		}
	})
}

// Throttled reports a rate limit that asked to wait for retryAfter, and returns for how long requests are held back. If
// retryAfter <= 0, the response did not say how long. Then they are held back for 5, 10, 20, 40 and 60 s from then on, as
// long as such responses follow each other, plus up to a fifth at random.
func (m *Permit) Throttled(retryAfter time.Duration) (hold time.Duration) {
	m.settle(func(p *Pacer, now time.Duration) {
		m.waiter.breaker().onResponse(now)
		hold = p.throttledHold(m, retryAfter)
		p.rate.hold(now, hold, true)
		p.rate.throttle(now, m, retryAfter)
	})
	return hold
}

// Failed reports that the service did not respond, and returns the state of the run. In an [OpenOutage], delay is about the
// time until the run sends its next trial request, which may be of this call or of another one. Otherwise delay is 0. A
// RetryAfter holds everyone back if the request is sent again: if the failure is not final, or in an outage.
func (m *Permit) Failed(f Failure) (delay time.Duration, state Outage) {
	m.settle(func(p *Pacer, now time.Duration) {
		p.rate.release(m)
		breaker := m.waiter.breaker()
		state = breaker.onFailure(now, m, f)
		if !f.Final || state == OpenOutage {
			p.rate.hold(now, f.RetryAfter, false)
		}
		if state == OpenOutage {
			delay = max(breaker.nextTrial, p.rate.holdUntil) - now
		}
	})
	return delay, state
}

// Cancel reports that the request was not sent, or that its caller no longer waits for the response. It is a no-op if m is nil.
func (m *Permit) Cancel() {
	if m != nil {
		m.settle(func(p *Pacer, _ time.Duration) { p.rate.release(m) })
	}
}

// settle locks Pacer.mu and calls report, unless the permit is settled.
func (m *Permit) settle(report func(p *Pacer, now time.Duration)) {
	p := m.pacer
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.settled {
		return
	}
	m.settled = true
	m.waiter.breaker().inFlight--
	report(p, p.now())
	p.wake()
}
