package pace

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// A Pacer paces the requests of one method of one client. It is a queue of calls that wait for permits, first come, first
// served. A call whose [Breaker] must wait lets others pass. All calls wait for the rate.
//
// The zero value is ready to use. A Pacer is safe for concurrent use.
type Pacer struct {
	mu     sync.Mutex    // guards what follows, and each Breaker, Waiter and Permit; unexported methods require that it is held
	epoch  time.Time     // times that are durations count from it
	queue  []*Waiter     // in the order of their arrival
	wakeup chan struct{} // closed when anything changes; nil if no call waits for that
	rate   rate

	withoutRetryAfter int // number of rate limits in a row that did not say how long to wait
}

// A Waiter stands for one call, which may need several permits, one after another.
type Waiter struct {
	// MaxRetryAfter is the longest hold to wait for; 0 means none. A call of a bulk run waits for any rate limit, and for other
	// holds up to the longer of MaxRetryAfter and MaxOutage.
	MaxRetryAfter time.Duration

	Breaker *Breaker // of the bulk run; nil means a single call, which neither waits for an outage nor takes part in one
	own     Breaker  // in place of Breaker in a single call; it never opens, because that takes three calls
}

func (w *Waiter) breaker() *Breaker { return cmp.Or(w.Breaker, &w.own) }

// Wait waits until w may send a request. It returns ctx.Err() when ctx ends, a [*HoldError] as soon as a hold is too long for w
// or for the deadline of ctx, and an [*OutageError] when the outage of w.Breaker has lasted for MaxOutage, or at once if the
// connection cannot work.
func (p *Pacer) Wait(ctx context.Context, w *Waiter) (*Permit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, w)
	defer func() {
		p.queue = slices.DeleteFunc(p.queue, func(other *Waiter) bool { return other == w })
		p.wake()
	}()
	breaker := w.breaker()
	for {
		now := p.now()
		holdErr := p.holdErr(ctx, now, w)
		timeLeft, outageErr := breaker.timeLeft(now)
		if err := cmp.Or(ctx.Err(), holdErr, outageErr); err != nil { // ctx.Err is called last, as ctx may end meanwhile
			return nil, err
		}
		delay := p.delay(now, w)
		if delay <= 0 {
			breaker.inFlight++
			usedToken := p.rate.take()
			return &Permit{pacer: p, waiter: w, grantedAt: now, usedToken: usedToken, trial: breaker.state != NoOutage}, nil
		}
		p.sleep(ctx, min(delay, timeLeft))
	}
}

// Sleep waits for d before w asks for its next permit. It returns immediately with an error if ctx would end first, see
// [DeadlineErr], and ends with an [*OutageError] as Wait does.
func (p *Pacer) Sleep(ctx context.Context, w *Waiter, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := p.now() + min(d, forever); ; {
		now := p.now()
		if err := DeadlineErr(ctx, end-now); err != nil || now >= end {
			return err
		}
		timeLeft, err := w.breaker().timeLeft(now)
		if err != nil {
			return err
		}
		p.sleep(ctx, min(end-now, timeLeft))
	}
}

// now returns the time since p.epoch, which is never 0.
func (p *Pacer) now() time.Duration {
	if p.epoch.IsZero() {
		p.epoch = time.Now().Add(-1)
	}
	return time.Since(p.epoch)
}

// delay returns how long w must wait: 0 if it may have its permit now, forever if it must wait until it is woken.
func (p *Pacer) delay(now time.Duration, w *Waiter) time.Duration {
	if d := w.breaker().delay(now); d > 0 {
		return d
	}
	first := slices.IndexFunc(p.queue, func(other *Waiter) bool { return other.breaker().delay(now) == 0 })
	if p.queue[first] != w {
		return forever
	}
	return p.rate.delay(now)
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
