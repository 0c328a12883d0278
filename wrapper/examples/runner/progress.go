package runner

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// progress counts what happens in a run and shows it: on the status line of a terminal, or else in a line each minute and
// whenever something changes.
type progress struct {
	screen    *screen
	log       io.Writer
	limiter   wrapper.Limiter                        // that of --fleet; nil = none
	verbose   func(context.Context, wrapper.Attempt) // logs attempts; nil = does not
	maxOutage time.Duration

	mu          sync.Mutex
	total       int // items to call for
	done        int // items that need no other call
	requests    int
	limited     int       // requests that met the rate limit
	hold        time.Time // end of the latest rate limit
	holdLength  time.Duration
	rate        rate
	outage      outage
	responded   bool      // Slack has responded to a request
	inFlight    int       // requests without a result
	silentSince time.Time // time of the latest response, or if no request was in flight then, of the next request
	timer       *time.Timer
	ticks       int
}

const (
	longSilence    = 10 * time.Second // time without a response that is shown; Slack responds in less than a second
	ticksPerMinute = int(time.Minute / longSilence)
)

func (p *progress) begin(total int) {
	p.mu.Lock()
	p.total, p.rate.start = total, time.Now()
	p.timer = time.AfterFunc(longSilence, p.tick)
	p.mu.Unlock()
	p.screen.show(p.status)
}

func (p *progress) end() {
	p.screen.hide()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.log = io.Discard // the timer may have fired
}

// tick prints a line each minute, and one when a long silence begins.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ticks++
	silence := p.silence(time.Now())
	if p.ticks%ticksPerMinute == 0 || silence >= longSilence && silence < 2*longSilence && !p.outage.begun() {
		p.printLine("")
	}
	p.timer.Reset(longSilence)
}

// printLine prints the state of the run for those who see no status line. It requires that p.mu is held.
func (p *progress) printLine(change string) {
	fmt.Fprintf(p.log, "%s%s.\n", change, p.line(time.Now()))
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

// line returns the state of the run. It requires that p.mu is held.
func (p *progress) line(now time.Time) string {
	line := fmt.Sprintf("%d of %d", p.done, p.total)
	if obstacle := p.obstacle(now); obstacle != "" {
		line += ", " + obstacle
	}
	if p.outage.begun() {
		line += ", trying again"
		if p.total-p.done >= outageAfter { // fewer calls end earlier, after their last attempt
			line += "; gives up at " + timeOfDay(p.outage.since.Add(p.maxOutage))
		}
		return line
	}
	p.rate.update(now, p.done)
	until, from := now, now
	if p.hold.After(now) { // what was done so far counts for the minute of this limit, and at its end the next minute's worth passes at once
		until, from = p.hold, p.hold.Add(-min(p.holdLength, time.Minute))
	}
	if perMinute := p.rate.perMinute(until, p.done); perMinute > 0 {
		left := from.Sub(now) + time.Duration(float64(p.total-p.done)/perMinute*float64(time.Minute))
		line += fmt.Sprintf(", %.0f a minute, %s left", perMinute, roughly(max(0, left)))
	}
	return line
}

// obstacle says what calls wait for; "" if they do not wait. It requires that p.mu is held.
func (p *progress) obstacle(now time.Time) string {
	silence := p.silence(now)
	switch {
	case p.outage.begun():
		return p.outage.String()
	case p.hold.After(now):
		return "rate limit " + roundUp(p.hold.Sub(now)).String()
	case silence >= longSilence:
		return fmt.Sprintf("no response for %s", silence.Truncate(time.Second))
	default:
		return ""
	}
}

// silence returns for how long requests in flight have had no response. It requires that p.mu is held.
func (p *progress) silence(now time.Time) time.Duration {
	if p.inFlight == 0 {
		return 0
	}
	return now.Sub(p.silentSince)
}

// delay returns in parentheses what calls in flight wait for; "" if they do not wait.
func (p *progress) delay() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if obstacle := p.obstacle(time.Now()); obstacle != "" {
		return " (" + obstacle + ")"
	}
	return ""
}

// currentOutage returns the attempts without a response since the latest response, and whether there was one in the run.
func (p *progress) currentOutage() (o outage, responded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outage, p.responded
}

// String returns the number of requests and the duration of the run.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := fmt.Sprintf("%s in %s", plural(p.requests, "request"), time.Since(p.rate.start).Round(100*time.Millisecond))
	if p.limited > 0 {
		s += fmt.Sprintf(", %d of them held back by the rate limit", p.limited)
	}
	return s + "."
}
