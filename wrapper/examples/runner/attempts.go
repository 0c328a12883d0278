package runner

import (
	"context"
	"errors"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// Wait implements [wrapper.Limiter], which the client calls just before each request.
func (p *progress) Wait(ctx context.Context) error {
	if p.limiter != nil {
		if err := p.limiter.Wait(ctx); err != nil {
			return err
		}
	}
	if !p.begins() {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// begins reports whether a request may begin, and if so counts it as in flight.
func (p *progress) begins() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drained != nil {
		return false
	}
	if p.inFlight++; p.inFlight == 1 && p.outage.failures == 0 {
		p.silentSince = time.Now()
	}
	return true
}

// drain lets no more requests begin, and calls drained when none is in flight. It returns the number in flight.
func (p *progress) drain(drained func()) (inFlight int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drained = drained
	if p.inFlight == 0 {
		drained()
	}
	return p.inFlight
}

// observe counts an attempt, and prints what changes with it.
func (p *progress) observe(ctx context.Context, a wrapper.Attempt) {
	if p.verbose != nil {
		p.verbose(ctx, a)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.requests++
	if p.inFlight--; p.inFlight == 0 && p.drained != nil {
		p.drained()
	}
	if isContextError(a.Err) { // the end of the run ended it, which says nothing about Slack
		return
	}
	if !isResponse(a.Err) {
		if p.outage.add(a, now) {
			p.printLine("")
		}
		return
	}
	change := ""
	if p.outage.begun() {
		change = "Slack responds again. "
	}
	p.outage, p.silentSince, p.responded = outage{}, now, true
	if errors.Is(a.Err, wrapper.ErrRateLimited) && p.addLimit(a, now) {
		change += "Slack limits the rate. "
	}
	if change != "" {
		p.printLine(change)
	}
}

// addLimit counts an attempt that met the rate limit, and reports whether the limit lasts longer than was known.
func (p *progress) addLimit(a wrapper.Attempt, now time.Time) bool {
	p.limited++
	wait := a.Delay
	if e := new(wrapper.Error); errors.As(a.Err, &e) && wait == 0 { // the call ends instead of waiting
		wait = e.RetryAfter
	}
	hold := now.Add(wait)
	if !hold.After(p.hold.Add(time.Second)) { // calls in flight meet one limit together
		return false
	}
	p.hold, p.holdLength = hold, wait
	switch {
	case p.rate.limit.IsZero():
		p.rate.limit = hold
	case wait > time.Minute && !p.rate.since.IsZero(): // a wait this long is no part of the rate
		p.rate.since = p.rate.since.Add(wait - time.Minute)
	}
	return true
}

// addDone counts an item that needs no other call.
func (p *progress) addDone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate.update(time.Now(), p.done)
	p.done++
}
