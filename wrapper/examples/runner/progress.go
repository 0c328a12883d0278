package runner

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// progress counts what happens in a run and shows it: on the status line of a terminal, or in a line each minute.
type progress struct {
	output    *output
	maxOutage time.Duration

	mu       sync.Mutex
	rate     rate
	earlier  int // results of an earlier pass
	total    int // results to come in this pass, with those that came
	done     int
	requests int
	limited  int       // requests that met the rate limit
	hold     time.Time // end of the latest hold
	outage   outage

	quit    chan struct{} // ends the lines once a minute
	logging sync.WaitGroup
}

// begin begins a pass.
func (p *progress) begin(total int) {
	p.mu.Lock()
	if p.rate.start.IsZero() {
		p.rate.start = time.Now()
	}
	p.earlier, p.total, p.done = p.earlier+p.done, total, 0
	p.mu.Unlock()
	p.output.screen.show(p.status)
	p.quit = make(chan struct{})
	p.logging.Go(p.everyMinute)
}

func (p *progress) end() {
	close(p.quit)
	p.logging.Wait()
	p.output.screen.hide()
}

// everyMinute writes a line each minute, if no terminal shows the status.
func (p *progress) everyMinute() {
	ticks := time.NewTicker(time.Minute)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			p.mu.Lock()
			line := p.line(time.Now())
			p.mu.Unlock()
			fmt.Fprintln(p.output.log, line+".")
		case <-p.quit:
			return
		}
	}
}

// status returns the status line, with a bar if there is room for one.
func (p *progress) status(width int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := p.line(time.Now())
	const bar = 20
	if width >= 80 && width > bar+len("[] ")+len(status) {
		full := bar * p.done / max(p.total, 1)
		status = fmt.Sprintf("[%-*s] %s", bar, strings.Repeat("=", full), status)
	}
	return status
}

// line says how the run goes. It requires that p.mu is held.
func (p *progress) line(now time.Time) string {
	p.rate.advance(now, p.earlier+p.done)
	parts := []string{fmt.Sprintf("%d of %d", p.done, p.total)}
	if p.outage.begun() {
		parts = append(parts, p.outage.String(), "trying again")
		return strings.Join(parts, ", ") + "; gives up at " + minute(p.outage.since.Add(p.maxOutage))
	}
	if p.hold.After(now) {
		parts = append(parts, "rate limit "+roundUp(p.hold.Sub(now)).String())
	}
	if perMinute, left, ok := p.rate.estimate(now, p.earlier+p.done, p.earlier+p.total); ok {
		parts = append(parts, fmt.Sprintf("%.0f a minute", perMinute), roughly(left)+" left")
	}
	return strings.Join(parts, ", ")
}

// result counts an item that is done with.
func (p *progress) result() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate.advance(time.Now(), p.earlier+p.done)
	p.done++
}

// waits says what holds back a number of calls in flight.
func (p *progress) waits(inFlight int64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	perMinute, _, ok := p.rate.estimate(now, p.earlier+p.done, p.earlier+p.total)
	switch {
	case p.outage.begun():
		return " (" + p.outage.String() + ")"
	case p.hold.After(now):
		return fmt.Sprintf(" (Slack's rate limit holds them back for %s)", roundUp(p.hold.Sub(now)))
	case ok && p.limited > 0:
		return fmt.Sprintf(" (about %s at %.0f a minute)", roundUp(time.Duration(float64(inFlight)/perMinute*float64(time.Minute))), perMinute)
	}
	return ""
}

// cause says in a few words why Slack does not respond; "" = it does.
func (p *progress) cause() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outage.cause
}

// outlasted describes the outage that a run has waited for in vain; "" = there is none. A run whose connection cannot
// work ends without waiting.
func (p *progress) outlasted() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.outage.begun() || time.Since(p.outage.since) < p.maxOutage/2 {
		return ""
	}
	return p.outage.String()
}

// String says how many requests the run made, and how long it took.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := fmt.Sprintf("%s in %s", plural(p.requests, "request"), time.Since(p.rate.start).Round(100*time.Millisecond))
	if p.limited > 0 {
		s += fmt.Sprintf(", %d of them held back by the rate limit", p.limited)
	}
	return s + "."
}
