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
		if p.total-p.done >= outageAfter { // fewer calls run out of attempts before
			line += "; gives up at " + timeOfDay(p.outage.since.Add(p.maxOutage))
		}
		return line
	}
	if perMinute, left := p.estimate(now); perMinute > 0 {
		line += fmt.Sprintf(", %.0f a minute, %s left", perMinute, roughly(left))
	}
	return line
}

// estimate returns the rate and the time that is left; 0 if they are not known. It requires that p.mu is held.
func (p *progress) estimate(now time.Time) (perMinute float64, left time.Duration) {
	p.rate.update(now, p.done)
	end, start := now, now
	if p.hold.After(now) {
		end = p.hold                                        // items done before the limit use up the time until its end
		start = p.hold.Add(-min(p.holdLength, time.Minute)) // at the end of a limit a minute's worth is accepted at once
	}
	if perMinute = p.rate.perMinute(end, p.done); perMinute == 0 {
		return 0, 0
	}
	if p.done == p.total {
		return perMinute, 0
	}
	left = start.Sub(now) + time.Duration(float64(p.total-p.done)/perMinute*float64(time.Minute))
	return perMinute, max(0, left, p.hold.Sub(now))
}

// obstacle says what calls wait for; "" if they do not wait. It requires that p.mu is held.
func (p *progress) obstacle(now time.Time) string {
	silence := p.silence(now)
	switch {
	case p.outage.begun():
		return p.outage.String()
	case p.hold.Sub(now) > longRun:
		return fmt.Sprintf("rate limit %s until %s", roundUp(p.hold.Sub(now)), timeOfDay(p.hold))
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
