package pace

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// A Pacer paces the requests of one method of one client. It is a queue of calls that wait for permits, first come, first
// served. A call whose [Run] must wait lets others pass; all calls wait for the rate.
//
// The zero value is ready to use. A Pacer is safe for concurrent use.
type Pacer struct {
	mu          sync.Mutex    // guards all below, and the unexported fields of every Run, Waiter and Permit
	epoch       time.Time     // all times of the package count from it
	queue       []*Waiter     // in the order of their arrival
	wakeup      chan struct{} // closed when anything changes; nil if no call waits for that
	rate        rate
	defaultHold defaultHold
}

// A Waiter is a call, which may need several permits. It must not be used by several goroutines at once.
type Waiter struct {
	MaxHold time.Duration // longest hold to wait for; a Run waits for any rate limit, and for other holds up to MaxOutage
	Run     *Run          // nil means a single call, which neither waits for an outage nor takes part in one

	run *Run // Run or own
	own Run  // breaker of a single call; it never opens, because it takes three calls to open it
}

// Wait waits until w may send a request. It returns ctx.Err() when ctx ends, a [*HoldError] as soon as a hold would outlast
// MaxHold or ctx, and an [*OutageError] when the outage of w.Run has lasted for MaxOutage or its connection cannot work.
func (p *Pacer) Wait(ctx context.Context, w *Waiter) (*Permit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.run = cmp.Or(w.Run, &w.own)
	p.queue = append(p.queue, w)
	defer p.dequeue(w)
	for {
		now := p.now()
		if err := p.holdErr(ctx, now, w); err != nil {
			return nil, err
		}
		timeLeft, err := w.run.timeLeft(now)
		if err != nil {
			return nil, err
		}
		delay := p.delay(now, w)
		if delay <= 0 {
			w.run.inFlight++
			return &Permit{pacer: p, waiter: w, given: now, token: p.rate.take(), probe: w.run.state != NoOutage}, nil
		}
		p.sleep(ctx, min(delay, timeLeft))
	}
}

// now returns the time since p.epoch, which is never 0. It requires that p.mu is held, as all methods below do.
func (p *Pacer) now() time.Duration {
	if p.epoch.IsZero() {
		p.epoch = time.Now().Add(-1)
	}
	return time.Since(p.epoch)
}

// holdErr returns the error of ctx, or why w should not wait for the end of the hold.
func (p *Pacer) holdErr(ctx context.Context, now time.Duration, w *Waiter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hold := p.rate.holdUntil - now
	if hold <= 0 {
		return nil
	}
	longest := w.MaxHold
	switch {
	case w.Run != nil && p.rate.holdIsRateLimit: // which never fails a call of a run
		longest = Forever
	case w.Run != nil:
		longest = max(longest, w.Run.MaxOutage)
	}
	deadline := DeadlineErr(ctx, hold) != nil
	if deadline || hold > longest {
		return &HoldError{RateLimit: p.rate.holdIsRateLimit, Remaining: (hold + time.Second - 1).Truncate(time.Second), Deadline: deadline}
	}
	return nil
}

// delay returns how long w must wait: 0 if it may have its permit now, Forever if only a change can tell.
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
