package pace

import (
	"flag"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var (
	seeds     = flag.Int("pace.seeds", 32, "number of seeds to simulate each scenario with")
	firstSeed = flag.Uint64("pace.seed", 1, "the first of them")
	compare   = flag.Bool("pace.compare", false, "simulate changed rules and other strategies as well")
)

// bounds are what a scenario must keep to. 0 means that there is no bound.
type bounds struct {
	time           float64 // mean of time / optimum
	throttled      float64 // % of the requests, mean
	throttledWorst float64 // the same in the worst run
	poorest        float64 // % of its fair share that the poorest client gets at least, mean
	poorestWorst   float64 // the same in the worst run
}

// A goal is a scenario under many conditions, and what it must keep to.
type goal struct {
	name string
	scenario
	conditions []conditions
	bounds
}

// goals returns all goals. The first group is under nine limits, with 32 seeds unless a flag says otherwise.
func goals() []goal {
	few := max(1, *seeds/8)
	nine := allKinds(minute, *seeds, 20, 50, 100)
	nineLong := allKinds(minute, few, 20, 50, 100)
	fifty := func(change func(*conditions)) []conditions {
		all := allKinds(minute, *seeds, 50)
		for i := range all {
			change(&all[i])
		}
		return all
	}
	oneAtOnce := allKinds(time.Second, *seeds, 20)
	for i := range oneAtOnce {
		oneAtOnce[i].atOnce, oneAtOnce[i].latency = 1, 30*time.Millisecond
	}
	const apart20s, apart5m, apart20m = 20 * time.Second, 5 * time.Minute, 20 * time.Minute
	return []goal{
		{"20 users", scenario{requests: 20}, nine, bounds{}},
		{"200 users", scenario{requests: 200}, nine, bounds{}},
		{"330 users", scenario{requests: 330}, nine, bounds{}},
		{"1,000 users", scenario{requests: 1000}, nine, bounds{time: 1.01, throttled: 4, throttledWorst: 6.5}},
		{"limit doubles", scenario{requests: 1000, change: 2}, nine, bounds{time: 1.05}},
		{"limit halves", scenario{requests: 1000, change: 0.5}, nine, bounds{time: 1.015}},
		{"idle for 5 min", scenario{requests: 1000, idle: 5 * time.Minute}, nine, bounds{}},
		{"others take 30%", scenario{requests: 1000, others: 0.3, insists: true}, nine, bounds{time: 1.03, throttledWorst: 16}},
		{"others try for 30%", scenario{requests: 1000, others: 0.3}, nine, bounds{}},
		{"two, up to 20 s apart", scenario{requests: 1000, clients: 2, stagger: apart20s}, nine, bounds{time: 1.03, throttledWorst: 18, poorest: 76, poorestWorst: 20}},
		{"three, up to 20 s apart", scenario{requests: 999, clients: 3, stagger: apart20s}, nine, bounds{}},
		{"four, up to 20 s apart", scenario{requests: 1000, clients: 4, stagger: apart20s}, nine, bounds{}},
		{"two, up to 5 min apart", scenario{clients: 2, stagger: apart5m}, nineLong, bounds{}},
		{"three, up to 5 min apart", scenario{clients: 3, stagger: apart5m}, nineLong, bounds{}},
		{"four, up to 5 min apart", scenario{clients: 4, stagger: apart5m}, nineLong, bounds{}},
		{"two, up to 20 min apart", scenario{clients: 2, stagger: apart20m}, nineLong, bounds{}},
		{"three, up to 20 min apart", scenario{clients: 3, stagger: apart20m}, nineLong, bounds{}},
		{"four, up to 20 min apart", scenario{clients: 4, stagger: apart20m}, nineLong, bounds{}},

		{"windows of 10 s", scenario{requests: 330}, allKinds(10*time.Second, *seeds, 3, 8, 17), bounds{time: 1.3}},
		{"5 a minute", scenario{requests: 330}, allKinds(minute, *seeds, 5), bounds{throttledWorst: 25}},
		{"1,000 a minute", scenario{requests: 5000}, allKinds(minute, few, 1000), bounds{}},
		{"20 a second", scenario{requests: 200}, allKinds(time.Second, *seeds, 20), bounds{time: 2.2}},
		{"20 a second, 1 at once", scenario{requests: 200}, oneAtOnce, bounds{}},
		{"latency 50 ms", scenario{requests: 330}, fifty(func(c *conditions) { c.latency = 50 * time.Millisecond }), bounds{}},
		{"latency 500 ms", scenario{requests: 330}, fifty(func(c *conditions) { c.latency = 500 * time.Millisecond }), bounds{}},
		{"latency 2 s", scenario{requests: 330}, fifty(func(c *conditions) { c.latency = 2 * time.Second }), bounds{}},
		{"4 at once", scenario{requests: 330}, fifty(func(c *conditions) { c.atOnce = 4 }), bounds{}},
		{"32 at once", scenario{requests: 330}, fifty(func(c *conditions) { c.atOnce = 32 }), bounds{}},
		{"Retry-After 1 s late", scenario{requests: 330}, fifty(func(c *conditions) { c.retryExtra = time.Second }), bounds{}},
	}
}

// A summary is the results of all runs of a goal.
type summary struct {
	time, timeWorst           float64 // of the optimum
	throttled, throttledWorst float64 // % of the requests
	poorest, poorestWorst     float64 // % of the fair share
	slowest                   run
}

func (g goal) simulateAll(by strategy) summary {
	s := summary{poorestWorst: math.Inf(1)}
	n := float64(len(g.conditions))
	for _, c := range g.conditions {
		r := g.simulate(c, by)
		time := float64(r.time) / float64(r.optimum)
		if time > s.timeWorst {
			s.timeWorst, s.slowest = time, r
		}
		s.time += time / n
		s.throttled, s.throttledWorst = s.throttled+r.throttled/n, max(s.throttledWorst, r.throttled)
		s.poorest, s.poorestWorst = s.poorest+r.poorest/n, min(s.poorestWorst, r.poorest)
	}
	return s
}

func (s summary) print(w io.Writer, g goal) {
	fmt.Fprintf(w, "%-26s %4d  %6.3f %5.2f  %6.1f %5.1f", g.name, len(g.conditions), s.time, s.timeWorst, s.throttled, s.throttledWorst)
	if g.clients > 1 {
		fmt.Fprintf(w, "  %7.0f %5.0f", s.poorest, s.poorestWorst)
	}
	fmt.Fprintln(w)
}

func (g goal) check(t *testing.T, s summary) {
	for _, row := range []struct {
		what       string
		got, bound float64
	}{
		{"time / optimum", s.time, g.bounds.time},
		{"% throttled", s.throttled, g.bounds.throttled},
		{"% throttled in the worst run", s.throttledWorst, g.bounds.throttledWorst},
		{"bound, poorest", g.bounds.poorest, s.poorest},
		{"bound, poorest in the worst run", g.bounds.poorestWorst, s.poorestWorst},
	} {
		if row.bound > 0 {
			assert.LessOrEqual(t, row.got, row.bound, "%s: %s; slowest run: %v", g.name, row.what, s.slowest)
		}
	}
}

func TestSimulationKeepsToTheGoals(t *testing.T) {
	strategies := []strategy{rules()}
	if *compare {
		strategies = append(append(strategies, changes()...), alternatives()...)
	}
	w := t.Output()
	fmt.Fprintf(w, "seeds %d to %d\n", *firstSeed, *firstSeed+uint64(*seeds)-1)
	for i, by := range strategies {
		fmt.Fprintf(w, "\n%-45s\n%-26s %4s  %12s  %12s  %13s\n", by.name, "", "runs", "time/optimum", "throttled, %", "poorest, %")
		for _, g := range goals() {
			s := g.simulateAll(by)
			s.print(w, g)
			if i == 0 {
				g.check(t, s)
			}
		}
	}
}
