package runner

import (
	"context"
	"fmt"
	"io"
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
	drained     func()    // called when no request is in flight, and no more begin; nil = they may
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
	p.timer = nil
}

// tick prints a line each minute, and one when a long silence begins.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil { // it fired while the run ended
		return
	}
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
