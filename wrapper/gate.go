package wrapper

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const longest = forever / 2 // hold, which added to any time is still one: 146 years

// gate paces the calls of one method on one client: first come, first served. Its zero value is open.
type gate struct {
	mu    sync.Mutex
	start time.Time // of pace's clock
	pace  pace
	queue list.List     // of chan struct{}: what wakes each waiting call
	holds int           // answers so far that asked to wait
	last  *Error        // of them, the one that asks to wait the longest
	asked time.Duration // until when it does
}

// turn is the right to send one request. settle or giveBack ends it; what comes after that does nothing,
// so that giveBack may be deferred.
type turn struct {
	gate  *gate
	grant grant
	holds int
	over  bool
}

// wait returns when a request may be sent. Where Slack asked to wait for longer than patience, or than ctx
// lasts, it fails at once with heldBackError.
func (g *gate) wait(ctx context.Context, patience time.Duration) (*turn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var me *list.Element
	for {
		now, delay := g.now(), forever
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

func (g *gate) now() time.Duration {
	if g.start.IsZero() {
		g.start = time.Now()
	}
	return time.Since(g.start)
}

// hopeless says why a call need not wait any longer.
func (g *gate) hopeless(ctx context.Context, now, patience time.Duration, waited bool) error {
	deadline, ok := ctx.Deadline()
	switch err := ctx.Err(); {
	case err != nil && waited && g.last != nil:
		return &heldBackError{g.last, err}
	case err != nil:
		return err
	case now < g.asked && ok && deadline.Before(g.start.Add(g.asked)):
		return &heldBackError{g.last, context.DeadlineExceeded}
	case g.asked-now > patience:
		return &heldBackError{g.last, nil}
	}
	return nil
}

// heldBackError is why a call did not get its turn.
type heldBackError struct {
	answer *Error // that asked to wait, maybe another call
	ended  error  // why ctx ends before; nil where only patience does
}

func (e *heldBackError) Error() string { return e.answer.Error() }

// leave takes a call out of the queue and lets the next one ask.
func (g *gate) leave(me *list.Element) {
	if me != nil {
		g.queue.Remove(me)
	}
	wake(g.queue.Front())
}

// valid reports whether the request may still be sent: not where an answer asked to wait since the turn was
// given. Such a turn is given back, and another one waited for.
func (t *turn) valid() bool {
	t.gate.mu.Lock()
	defer t.gate.mu.Unlock()
	return !t.over && t.holds == t.gate.holds
}

// giveBack says that the request was not sent, or not answered.
func (t *turn) giveBack() {
	t.end(func(p *pace, now time.Duration) { p.returned(now, t.grant) })
}

// settle says what the request came to. A rate limit lasts for wait.
func (t *turn) settle(err error, wait time.Duration) {
	answer := answerIn(err)
	if err != nil && answer == nil {
		t.giveBack()
		return
	}
	t.end(func(p *pace, now time.Duration) {
		switch {
		case rateLimited(err):
			p.limited(now, t.grant, min(wait, longest))
		case answer != nil && answer.RetryAfter > 0 && answer.transient():
			p.passed(now, t.grant)
			p.hold(now + min(answer.RetryAfter, longest))
		default:
			p.passed(now, t.grant)
			return
		}
		t.gate.hold(now, answer)
	})
}

func (t *turn) end(tell func(p *pace, now time.Duration)) {
	g := t.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	tell(&g.pace, g.now())
	wake(g.queue.Front())
}

// hold notes an answer that asked to wait.
func (g *gate) hold(now time.Duration, answer *Error) {
	g.holds++
	if until := now + min(answer.RetryAfter, longest); g.last == nil || until >= g.asked {
		g.last, g.asked = answer, until
	}
	for e := g.queue.Front(); e != nil; e = e.Next() { // for some the wait is hopeless now
		wake(e)
	}
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
