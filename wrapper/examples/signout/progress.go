package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// progress shows how a run goes: a line for each result on standard output, and on standard error a bar,
// or lines where that is no terminal.
type progress struct {
	out, err io.Writer
	terminal io.Writer // standard error where it is one
	bars     *mpb.Progress
	bar      *mpb.Bar

	start   time.Time
	elapsed time.Duration
	total   int

	mu       sync.Mutex // never held while the bar is told something, for the bar asks for the state
	done     int
	latest   []time.Time // results of the last minute
	requests int
	limited  int       // requests that met the rate limit
	hold     time.Time // until when the latest limit holds back
	told     time.Time // when the latest plain line on how it goes was written
}

// tellEvery is the least time between plain lines on how a run goes.
const tellEvery = 30 * time.Second

func newProgress(env environment) *progress {
	if !isTerminal(env.stderr) {
		return &progress{out: env.stdout, err: &lines{to: env.stderr}}
	}
	p := &progress{out: env.stdout, terminal: env.stderr}
	p.err = above{p, env.stderr}
	if isTerminal(env.stdout) {
		p.out = above{p, env.stdout}
	}
	return p
}

// lines takes one line at a time.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// begin starts the clock and shows the bar.
func (p *progress) begin(total int) {
	p.start, p.told, p.total = time.Now(), time.Now(), total
	if p.terminal == nil || total == 0 {
		return
	}
	p.bars = mpb.New(mpb.WithOutput(p.terminal))
	p.bar = p.bars.New(int64(total), mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.state() })))
}

// state is what stands behind the bar.
func (p *progress) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	parts := p.pace(now)
	if hold := p.held(now); hold != "" {
		parts = append(parts, hold)
	}
	return strings.Join(parts, ", ")
}

// pace tells the rate and the remaining time. Slack lets a minute's worth pass at once and then nothing, so
// once it has limited the rate, what passed in a minute tells more than the average.
func (p *progress) pace(now time.Time) []string {
	minuteAgo := now.Add(-time.Minute)
	p.latest = slices.DeleteFunc(p.latest, func(t time.Time) bool { return t.Before(minuteAgo) })
	if len(p.latest) == 0 {
		return nil
	}
	span := time.Minute
	if p.limited == 0 {
		span = min(max(now.Sub(p.start), time.Second), time.Minute)
	}
	each := span / time.Duration(len(p.latest))
	return []string{
		fmt.Sprintf("%.0f a minute", float64(time.Minute)/float64(each)),
		roughly(each*time.Duration(p.total-p.done)) + " left",
	}
}

// above writes above the bar while there is one.
type above struct {
	progress *progress
	directly io.Writer
}

func (a above) Write(b []byte) (int, error) {
	if bars := a.progress.bars; bars != nil {
		if n, err := bars.Write(b); err == nil {
			return n, nil
		}
	}
	return a.directly.Write(b)
}

// attempt takes in one request.
func (p *progress) attempt(_ context.Context, a wrapper.Attempt) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if !rateLimited(a.Err) {
		return
	}
	p.limited++
	if hold := now.Add(a.Delay); hold.After(p.hold.Add(time.Second)) { // calls in flight meet one limit together
		p.hold = hold
		p.tell(now, fmt.Sprintf("Slack's rate limit: waiting %s. ", roundUp(a.Delay)))
	}
}

// result takes in what became of a user.
func (p *progress) result(id string, o outcome) {
	fmt.Fprintln(p.out, strings.TrimRight(fmt.Sprintf("%-10s  %s  %s", label(o.Status), id, o), " "))
	now := time.Now()
	p.mu.Lock()
	p.done++
	p.latest = append(p.latest, now)
	if now.Sub(p.told) >= tellEvery {
		p.tell(now, "")
	}
	p.mu.Unlock()
	if p.bar != nil {
		p.bar.Increment()
	}
}

// tell writes a plain line on how the run goes, where there is no bar to show it.
func (p *progress) tell(now time.Time, what string) {
	if p.bar != nil {
		return
	}
	p.told = now
	parts := append([]string{fmt.Sprintf("%d of %d done", p.done, p.total)}, p.pace(now)...)
	fmt.Fprintln(p.err, what+strings.Join(parts, ", ")+".")
}

// held tells for how long the rate limit holds back, "" for no longer.
func (p *progress) held(now time.Time) string {
	if left := p.hold.Sub(now); left > 0 {
		return "rate limit " + roundUp(left).String()
	}
	return ""
}

// interrupted tells why the run goes on a while.
func (p *progress) interrupted(inFlight int64) {
	p.mu.Lock()
	limited := p.limited > 0
	p.mu.Unlock()
	why := ""
	if limited {
		why = " (the rate limit may take a minute)"
	}
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r") // the terminal has shown ^C where the bar thinks that the line begins
	}
	fmt.Fprintf(p.err, "Interrupted: takes no more users, waits for %d in flight%s.\nInterrupt again to end at once.\n", inFlight, why)
}

// end takes the bar away, with all lines above it written.
func (p *progress) end() {
	p.elapsed = time.Since(p.start)
	if p.bar != nil {
		p.bar.Abort(false) // for where it is not full
		p.bars.Wait()
	}
}

// summary tells what the run took.
func (p *progress) summary() string {
	s := fmt.Sprintf("%s in %s", plural(p.requests, "request"), p.elapsed.Round(100*time.Millisecond))
	if p.limited > 0 {
		s += fmt.Sprintf(", %d of them held back by the rate limit", p.limited)
	}
	return s + "."
}

// label is what the reader of a line sees for a status.
func label(s status) string {
	if s == statusOut {
		return "signed out"
	}
	return string(s)
}

func roundUp(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// roughly rounds to minutes what is longer than a few.
func roughly(d time.Duration) string {
	if d < 5*time.Minute {
		return roundUp(d).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
