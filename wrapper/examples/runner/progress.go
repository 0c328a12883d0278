package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// progress knows how a run goes, and tells it: on the status line of a terminal, or now and then in a line.
type progress struct {
	output *output

	mu       sync.Mutex
	start    time.Time
	total    int // results to come in this pass, with those that came
	done     int
	latest   []completion // of the last two minutes
	requests int
	limited  int       // requests that met the rate limit
	hold     time.Time // until when the latest limit holds back
	told     time.Time // when the latest line on how it goes was written
	outage   outage
}

// completion is when an item had its result, and how many had theirs in the minute up to then.
type completion struct {
	at    time.Time
	count int
}

// outage is a time without an answer from Slack.
type outage struct {
	since    time.Time
	failures int // attempts in a row
	every    time.Duration
}

// outageAfter is how many attempts in a row have no answer before an outage is told of, as in wrapper's bulk runs.
const outageAfter = 3

// tellEvery is the least time between lines on how a run goes.
const tellEvery = 30 * time.Second

// begin begins a pass.
func (p *progress) begin(total int) {
	p.mu.Lock()
	if p.start.IsZero() {
		p.start = time.Now()
	}
	p.told, p.total, p.done = time.Now(), total, 0
	p.mu.Unlock()
	p.output.screen.show(p.status)
}

func (p *progress) end() { p.output.screen.hide() }

// status is the status line, with a bar where there is room for one.
func (p *progress) status(width int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := p.how(time.Now())
	if width >= 80 {
		const bar = 20
		full := bar * p.done / max(p.total, 1)
		status = fmt.Sprintf("[%-*s] %s", bar, strings.Repeat("=", full), status)
	}
	return status
}

// how tells how the run goes.
func (p *progress) how(now time.Time) string {
	parts := []string{fmt.Sprintf("%d of %d", p.done, p.total)}
	switch {
	case p.outage.failures >= outageAfter:
		return parts[0] + ", " + p.outage.String()
	case p.hold.After(now):
		parts = append(parts, "rate limit "+roundUp(p.hold.Sub(now)).String())
	}
	return strings.Join(append(parts, p.pace(now)...), ", ")
}

func (o outage) String() string {
	s := "Slack has not answered since " + o.since.Format("15:04:05")
	if o.every > 0 {
		s += ", trying every " + roundUp(o.every).String()
	}
	return s
}

// pace tells the rate and the remaining time. Slack lets a minute's worth pass at once and then nothing. So once it has
// limited the rate, the best minute of late tells more than the average, and more than a minute that ends between two bursts.
func (p *progress) pace(now time.Time) []string {
	p.latest = p.latest[p.before(now.Add(-2*time.Minute)):]
	n, span := len(p.latest)-p.before(now.Add(-time.Minute)), time.Minute
	if p.limited == 0 {
		span = min(max(now.Sub(p.start), time.Second), time.Minute)
	} else {
		for _, r := range p.latest {
			n = max(n, r.count)
		}
	}
	if n == 0 {
		return nil
	}
	each := span / time.Duration(n)
	return []string{
		fmt.Sprintf("%.0f a minute", float64(time.Minute)/float64(each)),
		roughly(each*time.Duration(p.total-p.done)) + " left",
	}
}

// before counts the latest results that came until t.
func (p *progress) before(t time.Time) int {
	return sort.Search(len(p.latest), func(i int) bool { return p.latest[i].at.After(t) })
}

// attempt takes in one request.
func (p *progress) attempt(_ context.Context, a wrapper.Attempt) {
	if line := p.heed(a, time.Now()); line != "" {
		fmt.Fprintln(p.output.err, line)
	}
}

// heed takes in one request, and returns what there is to say about it. The status line shows limits and outages
// by itself.
func (p *progress) heed(a wrapper.Attempt, now time.Time) (line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	var answer *wrapper.Error
	limited, begun := errors.Is(a.Err, wrapper.ErrRateLimited), false
	if a.Err == nil || limited || errors.As(a.Err, &answer) && answer.Code != "" && answer.StatusCode < http.StatusInternalServerError {
		if p.outage.failures >= outageAfter {
			line = "Slack answers again. "
		}
		p.outage = outage{}
	} else {
		if p.outage.failures++; p.outage.failures == 1 {
			p.outage.since = now.Add(-a.Elapsed)
		}
		p.outage.every = max(a.Delay, p.outage.every)
		begun = p.outage.failures == outageAfter
	}
	if limited {
		p.limited++
		if hold := now.Add(a.Delay); hold.After(p.hold.Add(time.Second)) { // calls in flight meet one limit together
			p.hold = hold
			line += fmt.Sprintf("Slack's rate limit: waiting %s. ", roundUp(a.Delay))
		}
	}
	if line == "" && !begun || p.output.screen.terminal != nil {
		return ""
	}
	p.told = now
	return line + p.how(now) + "."
}

// result takes in that an item has a result.
func (p *progress) result() {
	now := time.Now()
	p.mu.Lock()
	p.done++
	p.latest = append(p.latest, completion{now, len(p.latest) + 1 - p.before(now.Add(-time.Minute))})
	line := ""
	if now.Sub(p.told) >= tellEvery && p.output.screen.terminal == nil {
		p.told, line = now, p.how(now)+"."
	}
	p.mu.Unlock()
	if line != "" {
		fmt.Fprintln(p.output.err, line)
	}
}

// waits tells what may hold the calls in flight back.
func (p *progress) waits() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.outage.failures >= outageAfter:
		return " (" + p.outage.String() + ")"
	case p.limited > 0:
		return " (the rate limit may take a minute)"
	}
	return ""
}

// String tells what the run took.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := fmt.Sprintf("%s in %s", plural(p.requests, "request"), time.Since(p.start).Round(100*time.Millisecond))
	if p.limited > 0 {
		s += fmt.Sprintf(", %d of them held back by the rate limit", p.limited)
	}
	return s + "."
}

func roundUp(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// roughly rounds to minutes what is longer than a few.
func roughly(d time.Duration) string {
	if d < 5*time.Minute {
		return roundUp(d).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
