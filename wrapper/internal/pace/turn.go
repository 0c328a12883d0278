package pace

import "time"

// Turn is the right to send one request. The first of Passed, Refused, Unanswered and GiveBack ends it; what comes
// after that does nothing, so that GiveBack may be deferred. A Turn is safe for concurrent use.
type Turn struct {
	pacer *Pacer
	call  *Call
	place int // of the call in the queue
	grant grant
	start time.Duration
	holds int  // answers that had asked to wait by then
	probe bool // of an outage
	over  bool
}

// Valid reports whether the request may still be sent: not where an answer asked to wait since the turn was given.
// Such a turn is given back, and another one waited for.
func (t *Turn) Valid() bool {
	t.pacer.mu.Lock()
	defer t.pacer.mu.Unlock()
	return !t.over && t.holds == t.pacer.holds
}

// Passed says that the request was answered, and not by a rate limit. Where hold is positive the answer asked
// everyone to wait for so long.
func (t *Turn) Passed(hold time.Duration) {
	t.end(func(p *Pacer, now time.Duration) {
		p.untold.end()
		p.rate.passed(now, t.grant)
		p.hold(now, hold, false)
		if t.call.Run.answer(now) {
			p.rate.slow()
		}
	})
}

// Refused says that the answer was a rate limit, which asked to wait for retryAfter. Where that is 0 or less, the
// answer did not say for how long: then it is 5 s, and 10, 20, 40 and 60 s where such refusals follow each other, each
// and up to a fifth more at random. Refused returns for how long requests are held back.
func (t *Turn) Refused(retryAfter time.Duration) (hold time.Duration) {
	t.end(func(p *Pacer, now time.Duration) {
		if retryAfter > 0 {
			p.untold.end()
		} else {
			retryAfter = p.untold.refused(now, t.start)
		}
		p.rate.limited(now, t.grant, min(retryAfter, longest))
		p.hold(now, retryAfter, true)
		t.call.Run.answer(now)
	})
	return retryAfter
}

// Unanswered says that no answer came to the request. Where hold is positive, whatever came asked everyone to wait
// for so long. It reports whether the call's run is in an outage, whose end the call awaits with its next turn, and about
// how long it is until the next request of the run.
func (t *Turn) Unanswered(hold time.Duration) (pause time.Duration, outage bool) {
	t.end(func(p *Pacer, now time.Duration) {
		p.rate.returned(now, t.grant)
		p.hold(now, hold, false)
		if outage = t.call.Run.unanswered(now, t); outage {
			pause = max(t.call.Run.next, p.rate.until) - now
		}
	})
	return pause, outage
}

// GiveBack says that the request was not sent, or that nobody waits for its answer. The next turn of the same call
// comes before those of calls that came later.
func (t *Turn) GiveBack() {
	t.end(func(p *Pacer, now time.Duration) {
		p.rate.returned(now, t.grant)
		t.call.place = t.place
		if t.probe {
			t.call.Run.next = max(t.call.Run.next, now+apart)
		}
	})
}

func (t *Turn) end(tell func(p *Pacer, now time.Duration)) {
	p := t.pacer
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	t.call.Run.lands()
	tell(p, p.now())
	p.wake()
}
