package wrapper

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// gate paces the calls of one method on one client: first come, first served. Its zero value is open.
type gate struct {
	mu    sync.Mutex
	pace  pace
	queue list.List // of chan struct{}: what wakes each waiting call
	holds int       // met so far
	last  *Error    // that led to the latest
	asked time.Time // nothing is sent before: the latest Retry-After
}

// turn is the right to send one request. Exactly one of passed, limited, held and giveBack settles it; what
// comes after that does nothing, so that giveBack may be deferred.
type turn struct {
	gate    *gate
	grant   grant
	holds   int
	settled bool
}

// wait returns when a request may be sent. Where Slack asked to wait longer than patience, or than ctx lasts, it
// returns Slack's error at once.
func (g *gate) wait(ctx context.Context, patience time.Duration) (*turn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var me *list.Element
	for {
		now, delay := time.Now(), forever
		if err := g.hopeless(ctx, now, patience, me != nil); err != nil {
			g.leave(me)
			return nil, err
		}
		if g.queue.Front() == me {
			var grant grant
			if grant, delay = g.pace.admit(now); delay <= 0 {
				g.leave(me)
				return &turn{gate: g, grant: grant, holds: g.holds}, nil
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
func (g *gate) hopeless(ctx context.Context, now time.Time, patience time.Duration, waited bool) error {
	err := ctx.Err()
	deadline, ok := ctx.Deadline()
	switch hold := g.asked.Sub(now); {
	case err != nil && waited && g.last != nil:
		return &heldBack{g.last, err}
	case err != nil:
		return err
	case hold > 0 && ok && deadline.Before(g.asked):
		return &heldBack{g.last, context.DeadlineExceeded}
	case hold > patience:
		return &heldBack{g.last, nil}
	}
	return nil
}

// heldBack is the error of a call that a limit kept from sending a request.
type heldBack struct {
	answer *Error // by which Slack set the limit, maybe to another call
	ended  error  // why ctx ends before the limit; nil where the limit outlasts the call's patience
}

func (e *heldBack) Error() string { return e.answer.Error() }

// leave takes a call out of the queue and lets the next one ask.
func (g *gate) leave(me *list.Element) {
	if me != nil {
		g.queue.Remove(me)
	}
	wake(g.queue.Front())
}

// valid reports whether the request may still be sent: not if Slack asked to wait since the turn was given.
func (t *turn) valid() bool {
	t.gate.mu.Lock()
	defer t.gate.mu.Unlock()
	return !t.settled && t.holds == t.gate.holds
}

// passed says that the answer was not a rate limit.
func (t *turn) passed() {
	t.end(func(p *pace, now time.Time) { p.passed(now, t.grant) })
}

// giveBack says that the request was not sent, or not answered.
func (t *turn) giveBack() {
	t.end(func(p *pace, now time.Time) { p.returned(now, t.grant) })
}

// limited says that the answer was a rate limit that lasts for d.
func (t *turn) limited(d time.Duration, answer *Error) {
	t.end(func(p *pace, now time.Time) {
		p.limited(now, t.grant, d)
		t.gate.hold(now, answer)
	})
}

// held says that the answer was no rate limit, yet asked to wait.
func (t *turn) held(answer *Error) {
	t.end(func(p *pace, now time.Time) {
		p.passed(now, t.grant)
		p.hold(now.Add(answer.RetryAfter))
		t.gate.hold(now, answer)
	})
}

func (g *gate) hold(now time.Time, answer *Error) {
	g.holds++
	g.last = answer
	if until := now.Add(answer.RetryAfter); until.After(g.asked) {
		g.asked = until
	}
	for e := g.queue.Front(); e != nil; e = e.Next() { // for some the wait is hopeless now
		wake(e)
	}
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

// settle tells what the request came to, and how long its call waits before another.
func (t *turn) settle(err error, wait time.Duration) {
	var answered *Error
	errors.As(err, &answered)
	switch {
	case rateLimited(err):
		t.limited(wait, answered)
	case answered != nil && answered.RetryAfter > 0 && answered.transient():
		t.held(answered)
	case err == nil, answered != nil:
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
