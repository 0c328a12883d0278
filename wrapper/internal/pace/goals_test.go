package pace

import (
	"flag"
	"fmt"
	"testing"
	"time"
)

var (
	seeds     = flag.Int("pace.seeds", 32, "number of seeds to simulate each scenario with")
	firstSeed = flag.Uint64("pace.seed", 1, "the first of them")
	compare   = flag.Bool("pace.compare", false, "simulate other strategies and reduced rules as well")
)

func TestQuick(t *testing.T) {
	nine := allKinds(minute, *seeds, 20, 50, 100)
	for _, g := range []struct {
		name string
		s    scenario
		c    []conditions
	}{
		{"200", scenario{requests: 200}, nine},
		{"1000", scenario{requests: 1000}, nine},
		{"doubles", scenario{requests: 1000, change: 2}, nine},
		{"halves", scenario{requests: 1000, change: .5}, nine},
		{"others 30", scenario{requests: 1000, others: .3, insists: true}, nine},
		{"two 20s", scenario{requests: 1000, clients: 2, stagger: 20 * time.Second}, nine},
		{"three 20s", scenario{requests: 999, clients: 3, stagger: 20 * time.Second}, nine},
		{"four 20s", scenario{requests: 1000, clients: 4, stagger: 20 * time.Second}, nine},
		{"10 s windows", scenario{requests: 330}, allKinds(10*time.Second, *seeds, 3, 8, 17)},
		{"20 a s", scenario{requests: 200}, allKinds(time.Second, *seeds, 20)},
		{"5 a m", scenario{requests: 330}, allKinds(minute, *seeds, 5)},
	} {
		start := time.Now()
		var m, w, tm, tw, pm float64
		pw := 1000.
		for _, c := range g.c {
			r := g.s.simulate(c, rules())
			x := float64(r.time) / float64(r.optimum)
			n := float64(len(g.c))
			m += x / n
			w = max(w, x)
			tm += r.throttled / n
			tw = max(tw, r.throttled)
			pm += r.poorest / n
			pw = min(pw, r.poorest)
		}
		fmt.Printf("%-14s %.3f/%.2f · %.1f/%.1f · %.0f/%.0f  %v\n", g.name, m, w, tm, tw, pm, pw, time.Since(start).Round(time.Millisecond))
	}
}
