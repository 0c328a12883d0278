package pace

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// A Pacer gives the permits to send requests of one method of one client, first come, first served. The zero value is
// ready to use. A Pacer is safe for concurrent use.
//
// It is a queue in front of two rules: the rate says when any request may be sent, and a [Run] says when none of its own
// may be sent. mu guards everything, the state of those two as well.
type Pacer struct {
	mu     sync.Mutex
	epoch  time.Time     // the times of the package count from it
	queue  []*Waiter     // calls that wait for a permit, in the order of their arrival
	wakeup chan struct{} // closed when anything changes; nil if nobody waits for it
	rate   rate

	defaultHold defaultHold
}

// A Waiter is a call, which may need several permits. It must not be used by several goroutines at once.
type Waiter struct {
	MaxHold time.Duration // longest hold to wait for; Forever means any
	Run     *Run          // bulk run of the call; nil means a single call, which neither waits for an outage nor takes part in one

	run *Run // Run, or the call's own, which never opens because it takes failures of several calls
}

// Wait waits until w may send a request. It returns the error of ctx if ctx ends before that. If a hold lasts longer than
// MaxHold, or than ctx, it returns a [*HoldError] immediately. If the outage of w.Run has lasted for MaxOutage, or its
// connection cannot work, it returns an [*OutageError].
func (p *Pacer) Wait(ctx context.Context, w *Waiter) (*Permit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.run = cmp.Or(w.run, w.Run); w.run == nil {
		w.run = new(Run)
	}
	p.queue = append(p.queue, w)
	defer p.dequeue(w)
	for {
		now := p.now()
		if err := p.holdErr(ctx, now, w); err != nil {
			return nil, err
		}
		patience, err := w.run.patience(now)
		if err != nil {
			return nil, err
		}
		delay := p.delay(now, w)
		if delay <= 0 {
			w.run.inFlight++
			return &Permit{pacer: p, waiter: w, given: now, token: p.rate.take(), probe: w.run.state != NoOutage}, nil
		}
		p.sleep(ctx, min(delay, patience))
	}
}

// now requires that p.mu is held, as all methods below do. It never returns 0, which stands for never.
func (p *Pacer) now() time.Duration {
	if p.epoch.IsZero() {
		p.epoch = time.Now().Add(-1)
	}
	return time.Since(p.epoch)
}

// holdErr returns why w should not wait for the end of the hold.
func (p *Pacer) holdErr(ctx context.Context, now time.Duration, w *Waiter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hold := p.rate.holdUntil - now
	if hold <= 0 {
		return nil
	}
	deadline := DeadlineErr(ctx, hold) != nil
	if deadline || hold > w.MaxHold {
		return &HoldError{RateLimit: p.rate.holdIsRateLimit, Remaining: (hold + time.Second - 1).Truncate(time.Second), Deadline: deadline}
	}
	return nil
}

// delay returns how long w must wait for its permit: 0 if it may have it now, Forever until something changes.
func (p *Pacer) delay(now time.Duration, w *Waiter) time.Duration {
	if d := w.run.delay(now); d > 0 {
		return d
	}
	first := slices.IndexFunc(p.queue, func(other *Waiter) bool { return other.run.delay(now) == 0 })
	if p.queue[first] != w {
		return Forever
	}
	return p.rate.delay(now)
}

// dequeue removes w from the queue.
func (p *Pacer) dequeue(w *Waiter) {
	p.queue = slices.DeleteFunc(p.queue, func(other *Waiter) bool { return other == w })
	p.wake()
}

// sleep waits for d, for the next change, or for the end of ctx. It releases p.mu meanwhile.
func (p *Pacer) sleep(ctx context.Context, d time.Duration) {
	if p.wakeup == nil {
		p.wakeup = make(chan struct{})
	}
	wakeup := p.wakeup
	p.mu.Unlock()
	defer p.mu.Lock()
	sleepOrWake(ctx, d, wakeup)
}

// wake wakes all calls that wait.
func (p *Pacer) wake() {
	if p.wakeup != nil {
		close(p.wakeup)
		p.wakeup = nil
	}
}
