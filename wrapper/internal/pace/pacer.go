package pace

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Forever is a bound that nothing reaches.
const Forever = time.Duration(math.MaxInt64)

// Pacer paces the requests of one method on one client: first come, first served. Its zero value is ready to use. It is
// safe for concurrent use.
type Pacer struct {
	mu      sync.Mutex
	start   time.Time     // of the clock that the times here go by
	queue   []*Call       // that wait, by place
	places  int           // that were given away
	changed chan struct{} // closed at the next change; nil: nobody waits for it
	rate    rate

	holds     int  // answers so far that asked to wait
	rateLimit bool // the longest hold in force is a rate limit
	untold    untold
}

// Call is one call, which may send several requests. One goroutine at a time uses it.
type Call struct {
	MaxHold time.Duration // longest hold to wait for; 0: none; Forever: every one
	Run     *Run          // that the call is part of; nil: it is a single call, which ignores outages

	place int // in the queue; 0: none yet
}

// HeldBack is why a call did not get its turn: an answer, maybe to another call, asked everyone to wait.
type HeldBack struct { //nolint:errname // it names what happened
	RateLimit bool          // the answer was a rate limit
	Remaining time.Duration // of the wait, in whole seconds, rounded up
	Deadline  bool          // the context's deadline comes first; false: Remaining is longer than MaxHold
}

func (e *HeldBack) Error() string {
	text := fmt.Sprintf("an earlier answer asked to wait %v", e.Remaining)
	if e.Deadline {
		text += "; " + errOutlasts.Error()
	}
	return text
}

// Unwrap returns context.DeadlineExceeded where the context's deadline comes first.
func (e *HeldBack) Unwrap() error {
	if e.Deadline {
		return context.DeadlineExceeded
	}
	return nil
}

// Wait returns when one request of the call may be sent. It fails with the context's error where ctx has ended; with
// [*HeldBack], at once, where a hold would last longer than MaxHold or than ctx; and with [*Outage] as soon as an
// outage has lasted longer than MaxOutage.
func (p *Pacer) Wait(ctx context.Context, c *Call) (*Turn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.leave(c)
	for {
		now := p.now()
		if err := p.hopeless(ctx, now, c); err != nil {
			return nil, err
		}
		delay := c.Run.news(now)
		if p.enter(c); p.next(now) == c {
			g, wait := p.rate.admit(now)
			if wait <= 0 {
				return &Turn{pacer: p, call: c, place: c.place, grant: g, start: now, holds: p.holds, probe: c.Run.sends()}, nil
			}
			delay = min(delay, wait)
		}
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mu.Unlock()
		rest(ctx, delay, changed)
		p.mu.Lock()
	}
}

func (p *Pacer) now() time.Duration {
	if p.start.IsZero() {
		p.start = time.Now()
	}
	return time.Since(p.start)
}

// hopeless says why a call need not wait any longer.
func (p *Pacer) hopeless(ctx context.Context, now time.Duration, c *Call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if hold := p.rate.until - now; hold > 0 {
		late := Ends(ctx, hold) != nil
		if late || hold > c.MaxHold {
			return &HeldBack{RateLimit: p.rateLimit, Remaining: ceil(hold), Deadline: late}
		}
	}
	if lasted := c.Run.lasted(now); lasted > 0 && lasted >= c.Run.MaxOutage {
		return &Outage{For: lasted}
	}
	return nil
}

// enter puts c into the queue: to its end, or where its turn was given back, ahead of those that came later.
func (p *Pacer) enter(c *Call) {
	if c.place == 0 {
		p.places++
		c.place = p.places
	}
	i, found := slices.BinarySearchFunc(p.queue, c, func(a, b *Call) int { return a.place - b.place })
	if !found {
		p.queue = slices.Insert(p.queue, i, c)
	}
}

// leave takes c out of the queue. Its place is lost, unless its turn is given back.
func (p *Pacer) leave(c *Call) {
	p.queue = slices.DeleteFunc(p.queue, func(other *Call) bool { return other == c })
	c.place = 0
	p.wake()
}

// next is the call whose turn is next: the first in the queue that no outage holds back; nil where there is none.
func (p *Pacer) next(now time.Duration) *Call {
	for _, c := range p.queue {
		if !c.Run.holds(now) {
			return c
		}
	}
	return nil
}

// wake lets the calls that wait look again.
func (p *Pacer) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// hold keeps every request back for d; where that is 0 or less nobody asked for it.
func (p *Pacer) hold(now, d time.Duration, rateLimit bool) {
	if d <= 0 {
		return
	}
	p.holds++
	if until := now + min(d, longest); until >= p.rate.until {
		p.rate.until, p.rateLimit = until, rateLimit
	}
}
