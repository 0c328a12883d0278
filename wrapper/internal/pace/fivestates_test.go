package pace

import "time"

// fiveStates is an alternative to rate with five states, which sends extra requests at times of its own. See the comparison of
// strategies in the documentation of the package.
type fiveStates struct {
	known    knowledge
	until    time.Duration // end of the last Retry-After
	inflight int
	room     int // for requests in flight; 0: for any number
	extras   int // in flight

	log    []entry // what passed within the last minute
	credit int     // requests that may go now

	refusedAt   time.Duration // the last refusal; of a steady limit also the last time that it was idle
	passedSince int           // requests, less the credit there was

	next0 grant         // of the request that may go
	try   time.Duration // the next extra
	row   int           // extras that passed since the last refusal
}

// knowledge is what is known of the limit.
type knowledge uint8

const (
	unknown   knowledge = iota
	amount              // how many pass in a minute, but not when
	inWindows           // it counts anew from a moment that is known
	minutely            // what passed a minute ago passes again
	steadily            // it refills steadily
)

// entry is n requests that passed within one tick.
type entry struct {
	leave time.Duration // the minute
	n     int
}

// grant is what a request was admitted on.
type grant uint8

const (
	free  grant = iota // no limit was met yet
	due                // a credit
	extra              // curiosity
)

const (
	tick = 50 * time.Millisecond // what passes within it is one entry of the log

	// Where a new window is used up, and the next one is promised, so soon after the last refusal, no window is a minute long.
	soon = 30 * time.Second

	// After a refusal the next extra waits for pause + share/n, where n requests pass in a minute, and for maxPause at most:
	// for 47 s where n is 50. So refused extras are 2 or 3% of the requests, and 10% where n is 5.
	pause    = 22 * time.Second
	share    = 21 * minute
	maxPause = 150 * time.Second

	trend = 6 // for every so many extras that passed in a row, one more is in flight
)

// delay returns how long to wait before the next request.
func (p *fiveStates) delay(now time.Duration) time.Duration {
	_, wait := p.admit(now)
	return wait
}

// take counts a request as in flight.
func (p *fiveStates) take() any {
	p.inflight++
	switch p.next0 {
	case due:
		p.credit--
	case extra:
		p.extras++
	case free:
	}
	return p.next0
}

func (p *fiveStates) admit(now time.Duration) (g grant, wait time.Duration) {
	defer func() { p.next0 = g }()
	p.advance(now)
	g = due
	switch {
	case now < p.until:
		return g, p.until - now
	case p.room > 0 && p.inflight >= p.room, p.credit > 0 && p.extras > 0:
		return g, Forever
	case p.known == unknown:
		g = free
	case p.credit > 0:
	case p.inflight > p.extras || p.extras > p.row/trend:
		return g, p.next(now)
	case p.row == 0 && p.idle(now) > 0:
		return g, min(p.idle(now), p.next(now))
	default:
		g = extra
	}
	return g, 0
}

// passed tells of an answer that is not a rate limit.
func (p *fiveStates) succeed(now time.Duration, permit any) {
	g := permit.(grant)
	p.land(now, g)
	p.passedSince++
	if p.room > 0 {
		p.room++
	}
	if g == extra {
		p.row++
	}
	switch {
	case p.known != amount || now < p.until:
	case g == extra: // ahead of the log: a new window
		p.known, p.credit, p.log = inWindows, max(0, p.count()-1), nil
	default:
		p.known = minutely
	}
	p.add(now + minute)
}

// limited tells of a rate limit: nothing goes before retryAfter has passed.
func (p *fiveStates) throttle(now time.Duration, permit any, retryAfter time.Duration) {
	g := permit.(grant)
	p.land(now, g)
	old := now < p.until // the request was under way when the limit was met
	n, since := float64(p.passedSince), max(tick, now-p.refusedAt)
	p.refusedAt, p.passedSince, p.room = now, 0, 1
	p.until = max(p.until, now+retryAfter)
	if old {
		return
	}
	switch minutes := since.Minutes(); {
	case p.known == unknown:
		p.known = amount
	case p.known == steadily: // as believed, but within what passed, give or take one
		believed := float64(p.count() + p.credit)
		p.replay(now, min(max(believed, (n-1)/minutes), (n+1)/minutes))
	case p.known == inWindows && since+retryAfter < soon:
		p.known = steadily
		p.replay(now, n/minutes)
	case g == due:
		p.credit = 0
	}
	p.row, p.try = 0, p.until
	if p.known != amount {
		p.try += min(maxPause, pause+share/time.Duration(max(1, p.count())))
	}
}

// land takes a request out of the air.
func (p *fiveStates) land(now time.Duration, g grant) {
	p.advance(now)
	p.inflight--
	if g == extra {
		p.extras--
	}
}

// advance turns what has left the minute into credits.
func (p *fiveStates) advance(now time.Duration) {
	for len(p.log) > 0 && p.log[0].leave <= now {
		if p.known != unknown {
			p.credit += p.log[0].n
		}
		p.log = p.log[1:]
	}
	if p.known == steadily && len(p.log)+p.inflight == 0 { // idle for a minute: silence says nothing of the limit
		p.refusedAt, p.passedSince = now, -p.credit
	}
}

// add logs a pass that leaves the minute then.
func (p *fiveStates) add(leave time.Duration) {
	leave = (leave + tick - 1).Truncate(tick)
	if last := len(p.log) - 1; last >= 0 && p.log[last].leave == leave {
		p.log[last].n++
	} else {
		p.log = append(p.log, entry{leave, 1})
	}
}

// replay writes the log as though requests had passed steadily, one a minute at least.
func (p *fiveStates) replay(now time.Duration, perMinute float64) {
	p.log, p.credit = nil, 0
	gap := float64(minute) / max(1, perMinute)
	for at := gap; at <= float64(minute); at += gap {
		p.add(now + time.Duration(at))
	}
}

// count is how many requests are in the log.
func (p *fiveStates) count() (n int) {
	for _, e := range p.log {
		n += e.n
	}
	return n
}

// next is how long it takes to the next credit.
func (p *fiveStates) next(now time.Duration) time.Duration {
	if len(p.log) == 0 {
		return Forever
	}
	return p.log[0].leave - now
}

// idle is how long it takes to the next extra. It goes a whole number of seconds before a credit: Retry-After counts in
// those, so that its refusal holds no credit up.
func (p *fiveStates) idle(now time.Duration) time.Duration {
	early := p.next(now) % time.Second
	switch {
	case now < p.try:
		return p.try - now
	case p.known == minutely && len(p.log) > 0 && early < time.Second-tick: // else that moment has just passed
		return early
	}
	return 0
}
