package pace

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Forever is a bound that nothing reaches.
const Forever = time.Duration(math.MaxInt64)

// Pacer paces the requests of one method on one client: first come, first served. It is safe for concurrent use.
type Pacer struct {
	// Backoff is the pause before probe n of an outage, n from 1. Calls that are part of a bulk run need it.
	Backoff func(n int) time.Duration

	mu     sync.Mutex
	start  time.Time // of the clock that the fields below go by
	queue  queue
	rate   rate
	outage outage

	holds     int  // answers so far that asked to wait
	rateLimit bool // the longest hold in force is a rate limit
	untold    untold
}

// Call is one call, which may send several requests. One goroutine at a time uses it.
type Call struct {
	MaxHold   time.Duration // longest hold to wait for; 0: none; Forever: every one
	Outages   bool          // the call is part of a bulk run: it begins outages and waits for their end; other calls ignore them
	MaxOutage time.Duration // longest time without an answer to wait for, where Outages; 0 or less: none

	begun bool          // it has waited before
	place int           // in the queue; 0: none yet
	woken chan struct{} // tells a waiting call to look again
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
	p.outage.enter(p.now(), c)
	for {
		now := p.now()
		if err := p.hopeless(ctx, now, c); err != nil {
			p.outage.leave(c)
			p.leave(now, c)
			return nil, err
		}
		delay := Forever
		if p.queue.place(c); p.next(now) == c {
			var g grant
			if g, delay = p.rate.admit(now); delay <= 0 {
				t := &Turn{pacer: p, call: c, grant: g, start: now, holds: p.holds, probe: p.outage.grant(c)}
				p.leave(now, c)
				return t, nil
			}
		}
		delay = min(delay, p.outage.news(now, c))
		c.listen()
		p.mu.Unlock()
		rest(ctx, delay, c.woken)
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
	if lasted := p.outage.lasted(now, c); lasted > 0 && lasted >= c.MaxOutage {
		return &Outage{For: lasted}
	}
	return nil
}

// next is the call whose turn is next: the first in the queue that no outage holds back; nil where there is none.
func (p *Pacer) next(now time.Duration) *Call {
	for _, c := range p.queue.calls {
		if !p.outage.holds(now, c) {
			return c
		}
	}
	return nil
}

// leave takes a call out of the queue and lets the next one look.
func (p *Pacer) leave(now time.Duration, c *Call) {
	p.queue.remove(c)
	p.next(now).wake()
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
