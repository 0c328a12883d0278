package wrapper

import (
	"math"
	"time"
)

// pace decides when the requests of one method may go, so that Slack's limit, which it does not tell, is used up
// yet hardly ever hit. It is a plain state machine; now is the time since any fixed moment.
//
// Before the first 429 everything goes; afterwards each request needs a credit. Slack counts in minutes: what
// passed in the last sixty seconds passes again in the next sixty, so a pass is a credit again once it is a minute
// old. Where the first Retry-After ends sooner, the log tells how many pass, but not when: one request goes without
// credit. If it passes, a window has begun, and the whole log is credit. If hardly more do and the next is promised
// soon, the limit refills steadily, as a token bucket, and credits come at a rate instead: what passes between two
// refusals is what was refilled in between, give or take one. After each pause an extra goes without credit, to see
// whether more passes than is known. If so the next follows at once; if not the pauses grow. A refusal of a
// request that had a credit shows that the limit has shrunk: that credit, and all that the Retry-After covers, are void.
//
// Invariants: nothing goes before until. After a limit one request is in flight until it is answered, and one more
// with every pass. Once a limit was met, log, credits and requests in flight grow only by extras that pass (or by
// the rate). Extras fly with none but extras, so that a refusal tells which of the two it is. A turn given back
// leaves things as they were. The log is bounded by the ticks of a minute, and each step takes constant time.
type pace struct {
	met      bool          // a limit, at least once
	until    time.Duration // end of the last Retry-After
	inflight int
	room     int // for requests in flight, since the last limit
	extras   int // in flight

	log    []passes      // that have not left the minute
	count  int           // of passes in log
	credit float64       // requests that may go now
	rate   float64       // credits a second if the limit refills steadily, else 0
	at     time.Duration // of credit
	void   time.Duration // what leaves the minute before is no credit
	raw    bool          // log is from before the first limit
	fresh  bool          // log is from after a window began, and nothing was refused since

	refused time.Duration // last refusal, later by the time that a full bucket was not refilled
	passes  int           // since then

	try   time.Duration // the next extra
	pause time.Duration // between extras
	chain int           // extras that passed in a row
}

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
	forever = time.Duration(math.MaxInt64)
	tick    = 50 * time.Millisecond // what passes within it is one entry of the log
	often   = 5 * time.Second       // first pause between extras
	seldom  = 90 * time.Second      // longest; no multiple of a minute, lest extras meet the start of a window
	trend   = 8                     // as many extras in a row mean that the limit has grown
	doubt   = 2 * time.Second       // by which Retry-After, in whole seconds, and travelling times may mislead
)

// admit lets a request go now, which then counts as in flight until passed, limited or returned is told, or says
// for how long to wait before asking again. An answer that comes earlier is another reason to ask.
func (p *pace) admit(now time.Duration) (grant, time.Duration) {
	p.advance(now)
	g := due
	switch {
	case now < p.until:
		return g, p.until - now
	case !p.met:
		g = free
	case p.inflight >= p.room || p.credit >= 1 && p.extras > 0:
		return g, forever
	case p.credit >= 1:
		p.credit--
	default:
		wait, idle := p.next(), p.idle()
		if idle > 0 || p.inflight > p.extras || p.extras > p.chain/trend {
			if idle > 0 {
				wait = min(wait, idle)
			}
			return g, wait
		}
		g = extra
		p.extras++
		p.try = now + p.pause
	}
	p.inflight++
	return g, 0
}

// passed tells of an answer that is not a rate limit.
func (p *pace) passed(now time.Duration, g grant) {
	p.land(now, g)
	p.passes++
	p.room++
	if g == extra {
		p.chain++
	}
	if p.raw && now >= p.until {
		p.raw, p.pause, p.try = false, often, now+often
		if g == extra && p.count > 0 { // ahead of the log: a new window
			p.credit, p.log, p.count = float64(p.count-1), nil, 0
			p.fresh, p.chain = true, 0
		}
	}
	leave := (now+tick-1)/tick*tick + minute
	if last := len(p.log) - 1; last >= 0 && p.log[last].leave == leave {
		p.log[last].n++
	} else {
		p.log = append(p.log, passes{leave, 1})
	}
	p.count++
}

// limited tells of a 429: nothing goes before retryAfter has passed.
func (p *pace) limited(now time.Duration, g grant, retryAfter time.Duration) {
	p.land(now, g)
	known := now < p.until // it was under way when the limit was met
	p.hold(now + retryAfter)
	p.room = 1
	n, since := float64(p.passes), max(tick, now-p.refused).Seconds()
	steady := since < minute.Seconds() && retryAfter.Seconds()*n <= 2*(since+n)
	p.passes, p.refused = 0, now
	if known {
		return
	}
	switch {
	case !p.met:
		p.met, p.raw, p.pause = true, true, time.Second
	case p.rate > 0:
		p.rate = min(max(p.rate, (n-0.75)/since), (n+0.75)/since)
		p.credit = 0
	case p.fresh && steady && g == due:
		p.rate = n / since
		p.credit = 0
		p.pause = often
	case g == due:
		p.credit = 0
		p.void = p.until - doubt
	}
	p.fresh = false
	if g == extra {
		p.pause = min(2*p.pause, p.longest())
		if p.chain >= trend {
			p.pause = often
		}
	}
	p.chain = 0
	p.try = p.until + p.pause
	if g != extra && (p.raw && p.next() > p.until-now+time.Second || p.lost()) {
		p.try = p.until
	}
}

// hold keeps everything back until then.
func (p *pace) hold(until time.Duration) { p.until = max(p.until, until) }

// returned takes back a turn whose request was not sent, or not answered.
func (p *pace) returned(now time.Duration, g grant) {
	p.land(now, g)
	switch g {
	case due:
		p.credit++
	case extra:
		p.try = now
	}
}

// land takes a request out of the air.
func (p *pace) land(now time.Duration, g grant) {
	p.advance(now)
	p.inflight--
	if g == extra {
		p.extras--
	}
}

// advance turns what has left the minute, or the time that has passed, into credits.
func (p *pace) advance(now time.Duration) {
	for len(p.log) > 0 && p.log[0].leave <= now {
		if p.met && p.rate == 0 && p.log[0].leave >= p.void {
			p.credit += float64(p.log[0].n)
		}
		p.count -= p.log[0].n
		p.log = p.log[1:]
	}
	if p.rate > 0 {
		p.credit += p.rate * (now - p.at).Seconds()
		if full := max(1, p.rate*minute.Seconds()); p.credit > full { // a full bucket is not refilled
			p.refused += time.Duration((p.credit - full) / p.rate * 1e9)
			p.credit = full
		}
	}
	p.at = now
}

// next is how long it takes to the next credit.
func (p *pace) next() time.Duration {
	switch {
	case p.credit >= 1:
		return 0
	case p.rate > 0:
		return time.Duration(math.Ceil((1 - p.credit) / p.rate * 1e9))
	case len(p.log) > 0:
		return p.log[0].leave - p.at
	}
	return forever
}

// lost reports whether the log will have brought no credit when the Retry-After has passed.
func (p *pace) lost() bool {
	return p.rate == 0 && p.credit < 1 && (len(p.log) == 0 || p.log[len(p.log)-1].leave < p.void)
}

// idle is how long to wait before an extra. It is sent a whole number of seconds before the next credit: if
// refused, its Retry-After, in whole seconds, then holds nothing up.
func (p *pace) idle() time.Duration {
	if p.chain > 0 {
		return 0
	}
	if p.at < p.try {
		return p.try - p.at
	}
	if next := p.next(); p.rate == 0 && next < forever && next%time.Second < 850*time.Millisecond {
		return next % time.Second
	}
	return 0
}

// longest is the longest pause, the mean between half an hour and the time that one request takes: the fewer
// may pass, the more a refused one costs, and the less is lost by a late one.
func (p *pace) longest() time.Duration {
	gap := minute.Seconds() / float64(max(1, p.count))
	return min(seldom, time.Duration(math.Sqrt(gap*1800)*1e9))
}
