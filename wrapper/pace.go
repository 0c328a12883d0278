package wrapper

import "time"

const (
	minute  = time.Minute
	forever = time.Duration(1<<63 - 1)
)

// grant is what an admitted request was admitted on.
type grant uint8

const (
	due   grant = iota // as much has passed in the minute before
	extra              // more than that, to see whether it passes
	probe              // the first after a hold
)

type pace struct {
	log      []time.Time // passes that have not left the minute
	credit   int
	known    bool
	until    time.Time // nothing is sent before
	drop     time.Time // passes leaving before bring no credit
	opening  bool
	opened   time.Time
	learning bool
	room     int
	inflight int
	since    int // passes since the last extra
	every    int // passes between extras
	chain    int // extras that earlier extras earned
	extras   int // in flight
}

func (p *pace) advance(now time.Time) {
	for len(p.log) > 0 {
		leaves := p.log[0].Add(minute)
		if leaves.After(now) {
			break
		}
		if p.known && !leaves.Before(p.drop) {
			p.credit++
		}
		p.log = p.log[1:]
	}
}

func (p *pace) leaves(now time.Time) time.Duration {
	if p.credit > 0 {
		return 0
	}
	if len(p.log) == 0 {
		return forever
	}
	return p.log[0].Add(minute).Sub(now)
}

func (p *pace) admit(now time.Time) (grant, time.Duration) {
	p.advance(now)
	if now.Before(p.until) {
		return due, p.until.Sub(now)
	}
	if !p.known {
		p.inflight++
		return due, 0
	}
	if p.inflight >= p.room {
		return due, forever
	}
	in := p.leaves(now)
	switch {
	case in <= 0:
		p.credit--
		p.inflight++
		return due, 0
	case p.opening && p.inflight == 0 && in > p.patience():
		p.inflight++
		p.opened = now
		return probe, 0
	case p.extras == 0 && (p.chain > 0 || p.since >= p.every):
		p.chain, p.since = 0, 0
		p.extras++
		p.inflight++
		return extra, 0
	}
	return due, in
}

func (p *pace) patience() time.Duration {
	return max(time.Second, 4*minute/time.Duration(max(1, len(p.log))))
}

func (p *pace) passed(now time.Time, g grant) {
	p.advance(now)
	p.inflight--
	p.since++
	p.room++
	switch {
	case g == extra:
		p.extras--
		p.chain = 1
	case g == probe:
		if p.leaves(now) > p.patience() { // the limit has forgotten what came before
			p.credit += len(p.log)
			p.log = p.log[:0]
			p.learning = true
		}
	}
	if p.known && !now.Before(p.until) {
		p.opening = false
	}
	p.log = append(p.log, now)
}

func (p *pace) limited(now time.Time, g grant, retryAfter time.Duration) {
	p.advance(now)
	p.inflight--
	p.hold(now.Add(retryAfter))
	p.room = 1
	p.opening = true
	switch {
	case !p.known:
		p.known = true
		p.every = 4
	case p.learning:
		p.learning = false
		p.credit = 0
		if T := p.until.Sub(p.opened); T < minute-time.Second {
			p.repeat(now, T)
		}
	case g != due:
	default:
		p.credit = 0
		p.drop = p.until.Add(-time.Second)
	}
	if g == extra {
		p.extras--
		p.every = min(2*p.every, 32)
		p.since = 0
	}
}

// repeat rewrites the last minute as though what passed since opened had passed each T.
func (p *pace) repeat(now time.Time, T time.Duration) {
	s := p.log
	p.log = nil
	for d := T - minute; d < 0; d += T {
		for _, at := range s {
			if at.Add(d).Add(minute).After(now) && d < -T/2 {
				p.log = append(p.log, at.Add(d))
			}
		}
	}
	p.log = append(p.log, s...)
}

func (p *pace) returned(now time.Time, g grant) {
	p.advance(now)
	p.inflight--
	switch {
	case g == extra:
		p.extras--
		p.since = p.every
	case g == probe:
	case p.known:
		p.credit++
	}
}

func (p *pace) hold(until time.Time) {
	if until.After(p.until) {
		p.until = until
	}
}
