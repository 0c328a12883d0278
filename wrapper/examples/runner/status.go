package runner

import (
	"fmt"
	"strings"
	"time"
)

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
