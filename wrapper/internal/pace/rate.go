package pace

import "time"

// rate is the state machine that the doc of the package draws; now is the time since any fixed moment.
//
// Invariants: nothing goes before until. After a refusal no more than room are in flight. Extras are in flight with
// none but extras, so that a refusal tells which of the two it is. A turn that is given back leaves things as they were.
// The log is no longer than the ticks of a minute.
type rate struct {
	known    knowledge
	until    time.Duration // end of the last Retry-After
	inflight int
	room     int // for requests in flight; 0: for any number
	extras   int // in flight

	log    []passes // of the last minute
	credit int      // requests that may go now

	last   time.Duration // refusal; of a steady limit also the last time that nothing was used of it
	passes int           // since then, less the credit there was

	try   time.Duration // the next extra
	pause time.Duration // between extras
	row   int           // extras that passed since the last refusal
}

// knowledge is what is known of the limit.
type knowledge uint8

const (
	nothing  knowledge = iota
	amount             // how many pass, but not when
	windows            // it counts anew since a moment ago
	minutely           // what passed a minute ago passes again
	steady             // it refills steadily
)

// passes are n requests that passed within one tick.
type passes struct {
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
	minute  = time.Minute
	longest = Forever / 2           // hold, which added to any time is still one: 146 years
	tick    = 50 * time.Millisecond // what passes within it is one entry of the log
	often   = 5 * time.Second       // pause between extras at first
	rarest  = 90 * time.Second      // longest; no multiple of a minute, lest extras meet the start of a window
	trend   = 8                     // as many extras in a row mean that the limit has grown

	unlimited = 1 << 30          // credit where nothing passed before a limit, so that its size is not known
	surplus   = 0.75             // requests more than passed that a steady limit may let pass: a refusal comes early
	least     = 20 * time.Second // pause between extras under a large limit
	ration    = 18 * minute      // what a refused extra may cost: the pause under a limit of n a minute is this / n more
)

// admit lets a request go now, which then counts as in flight until passed, limited or returned is told, or says
// for how long to wait before asking again. An answer that comes earlier is another reason to ask.
func (p *rate) admit(now time.Duration) (grant, time.Duration) {
	p.advance(now)
	g := due
	switch {
	case now < p.until:
		return g, p.until - now
	case p.room > 0 && p.inflight >= p.room:
		return g, Forever
	case p.known == nothing:
		g = free
	case p.credit > 0 && p.extras > 0:
		return g, Forever
	case p.credit > 0:
		p.credit--
	case p.inflight > p.extras || p.extras > p.row/trend:
		return g, p.next(now)
	default:
		if idle := p.idle(now); idle > 0 {
			return g, min(idle, p.next(now))
		}
		g = extra
		p.extras++
		p.try = now + p.pause
	}
	p.inflight++
	return g, 0
}

// passed tells of an answer that is not a rate limit.
func (p *rate) passed(now time.Duration, g grant) {
	p.land(now, g)
	p.passes++
	if p.room > 0 {
		p.room++
	}
	if g == extra {
		p.row++
	}
	if p.known == amount && now >= p.until {
		p.known, p.pause, p.try = minutely, often, now+often
		if g == extra { // ahead of the log: a new window
			p.known, p.credit, p.log = windows, p.count()-1, nil
			if p.credit < 0 { // nothing passed before, so nothing is known
				p.credit = unlimited
			}
		}
	}
	if p.known != steady || g != extra { // of a steady limit, an extra may have used savings
		p.add(now + minute)
	}
}

// limited tells of a 429: nothing goes before retryAfter has passed.
func (p *rate) limited(now time.Duration, g grant, retryAfter time.Duration) {
	p.land(now, g)
	old := now < p.until // the request was under way when the limit was met
	n, since := float64(p.passes), max(tick, now-p.last)
	p.last, p.passes, p.room = now, 0, 1
	p.until = max(p.until, now+retryAfter)
	if old {
		return
	}
	switch {
	case p.known == nothing:
		p.known = amount
	case p.known == steady:
		perMinute := float64(p.count() + p.credit)
		p.replay(now, min(max(perMinute, (n-1)/since.Minutes()), (n+surplus)/since.Minutes()))
	case g == due && p.known == windows && since+retryAfter < minute/2:
		p.known = steady
		p.replay(now, n/since.Minutes())
	case g == due:
		p.credit = 0
	}
	if p.known == windows {
		p.known = minutely
	}
	if g == extra {
		p.pause = p.seldom() / time.Duration(1+p.row/trend)
	}
	p.row, p.try = 0, p.until+p.pause
	if p.known == amount {
		p.try = p.until
	}
}

// slow lets requests come back one by one after an outage: one more than are under way, and one more with each pass.
func (p *rate) slow() { p.room = p.inflight + 1 }

// returned takes back a turn whose request was not sent, or not answered.
func (p *rate) returned(now time.Duration, g grant) {
	p.land(now, g)
	switch g {
	case free:
	case due:
		p.credit++
	case extra:
		p.try = now
	}
}

// land takes a request out of the air.
func (p *rate) land(now time.Duration, g grant) {
	p.advance(now)
	p.inflight--
	if g == extra {
		p.extras--
	}
}

// advance turns what has left the minute into credits.
func (p *rate) advance(now time.Duration) {
	for len(p.log) > 0 && p.log[0].leave <= now {
		if p.known != nothing {
			p.credit += p.log[0].n
		}
		p.log = p.log[1:]
	}
	if p.known == steady && len(p.log)+p.inflight == 0 { // unused for a minute: silence says nothing of the limit
		p.last, p.passes = now, -p.credit
	}
}

// add logs a pass that leaves the minute then.
func (p *rate) add(leave time.Duration) {
	leave = (leave + tick - 1).Truncate(tick)
	if last := len(p.log) - 1; last >= 0 && p.log[last].leave == leave {
		p.log[last].n++
	} else {
		p.log = append(p.log, passes{leave, 1})
	}
}

// replay writes the log as though requests had passed steadily, one a minute at least.
func (p *rate) replay(now time.Duration, perMinute float64) {
	p.log, p.credit = nil, 0
	gap := float64(minute) / max(1, perMinute)
	for at := gap; at <= float64(minute); at += gap {
		p.add(now + time.Duration(at))
	}
}

// count is how many requests are in the log.
func (p *rate) count() (n int) {
	for _, e := range p.log {
		n += e.n
	}
	return n
}

// next is how long it takes to the next credit.
func (p *rate) next(now time.Duration) time.Duration {
	switch {
	case p.credit > 0:
		return 0
	case len(p.log) > 0:
		return p.log[0].leave - now
	}
	return Forever
}

// idle is how long to wait before an extra. It is sent a whole number of seconds before the next credit: if
// refused, its Retry-After, in whole seconds, then holds nothing up.
func (p *rate) idle(now time.Duration) time.Duration {
	next := p.next(now)
	switch early := next % time.Second; {
	case p.row > 0:
		return 0
	case now < p.try:
		return p.try - now
	case p.known == minutely && next < Forever && early < time.Second-tick: // else that moment has just passed
		return early
	}
	return 0
}

// seldom is the longest pause: the fewer may pass, the more a refused one costs, and the less is lost by a late one.
func (p *rate) seldom() time.Duration {
	return min(rarest, least+ration/time.Duration(max(1, p.count())))
}
