package wrapper

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// gate paces the calls of one method on one client: first come, first served. Its zero value is open.
type gate struct {
	mu     sync.Mutex
	pace   pace
	queue  list.List // of chan struct{}: what wakes each waiting call
	cause  error     // of the last limit
	limits int       // met so far
}

// turn is the right to send one request. Exactly one of passed, limited and giveBack settles it; what
// comes after that does nothing, so that giveBack may be deferred.
type turn struct {
	gate    *gate
	grant   grant
	limits  int
	settled bool
}

// wait returns when a request may be sent. Where that is certain to take longer than patience or than ctx
// lasts, it returns the error of the limit in force at once.
func (g *gate) wait(ctx context.Context, patience time.Duration) (*turn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var me *list.Element
	for {
		now, delay := time.Now(), forever
		if err := g.hopeless(ctx, now, patience); err != nil {
			g.leave(me)
			return nil, err
		}
		if g.queue.Front() == me {
			var grant grant
			if grant, delay = g.pace.admit(now); delay <= 0 {
				g.leave(me)
				return &turn{gate: g, grant: grant, limits: g.limits}, nil
			}
		}
		if me == nil {
			me = g.queue.PushBack(make(chan struct{}, 1))
		}
		g.mu.Unlock()
		rest(ctx, delay, me.Value.(chan struct{}))
		g.mu.Lock()
	}
}

// hopeless says why a call need not wait.
func (g *gate) hopeless(ctx context.Context, now time.Time, patience time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hold := g.pace.until.Sub(now)
	if deadline, ok := ctx.Deadline(); ok && hold > 0 && deadline.Before(g.pace.until) {
		return fmt.Errorf("%w; %w", g.cause, context.DeadlineExceeded)
	}
	if hold > patience {
		return g.cause
	}
	return nil
}

// leave takes a call out of the queue and lets the next one ask.
func (g *gate) leave(me *list.Element) {
	if me != nil {
		g.queue.Remove(me)
	}
	wake(g.queue.Front())
}

// valid reports whether the request may still be sent: not if a limit was met since the turn was given.
// Such a turn is given back, and another one waited for.
func (t *turn) valid() bool {
	t.gate.mu.Lock()
	defer t.gate.mu.Unlock()
	return !t.settled && t.limits == t.gate.limits
}

// passed says that the answer was not a rate limit.
func (t *turn) passed() {
	t.end(func(p *pace, now time.Time) { p.passed(now, t.grant) })
}

// giveBack says that the request was not sent, or not answered.
func (t *turn) giveBack() {
	t.end(func(p *pace, now time.Time) { p.returned(now, t.grant) })
}

// limited says that the answer was the rate limit err: nothing is sent before retryAfter has passed.
func (t *turn) limited(retryAfter time.Duration, err error) {
	t.end(func(p *pace, now time.Time) {
		p.limited(now, t.grant, retryAfter)
		t.gate.cause = err
		t.gate.limits++
		for e := t.gate.queue.Front(); e != nil; e = e.Next() { // for some the wait is hopeless now
			wake(e)
		}
	})
}

func (t *turn) end(tell func(p *pace, now time.Time)) {
	g := t.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.settled {
		return
	}
	t.settled = true
	tell(&g.pace, time.Now())
	wake(g.queue.Front())
}

func wake(e *list.Element) {
	if e == nil {
		return
	}
	select {
	case e.Value.(chan struct{}) <- struct{}{}:
	default: // already told
	}
}

// settle tells the gate what the request came to, and how long the call would wait before another.
func (t *turn) settle(err error, wait time.Duration) {
	var answered *Error
	switch {
	case rateLimited(err):
		t.limited(wait, err)
	case err == nil, errors.As(err, &answered):
		t.passed()
	default:
		t.giveBack()
	}
}

// rest returns after d, when woken, or when ctx ends.
func rest(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	var after <-chan time.Time
	if d < forever {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-after:
	case <-woken:
	case <-ctx.Done():
	}
}
