package pace

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	seeds     = flag.Uint64("pace.seeds", defaultSeeds, "number of seeds to simulate each scenario with")
	firstSeed = flag.Uint64("pace.seed", 1, "the first of them")
	compare   = flag.Bool("pace.compare", false, "simulate changed rules and other strategies as well")
)

// A goal is a scenario under many conditions, and what it must keep to.
type goal struct {
	name string
	scenario
	conditions []conditions
	most       most // 0 means that there is no bound
	least      least
}

// most is what the runs of a goal may come to.
type most struct {
	time           float64 // mean of time / optimum
	throttled      float64 // % of the requests, mean
	throttledWorst float64 // the same in the worst run
}

// least is what the poorest client must get.
type least struct {
	poorest      float64 // % of its fair share, mean
	poorestWorst float64 // the same in the worst run
}

// goals returns all goals. The first group is under nine limits, with all seeds.
func goals() []goal {
	few := max(1, *seeds/8)
	nine := allKinds(time.Minute, *seeds, 20, 50, 100)
	nineLong := allKinds(time.Minute, few, 20, 50, 100)
	fifty := func(change func(*conditions)) []conditions {
		all := allKinds(time.Minute, *seeds, 50)
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
		{name: "20 users", scenario: scenario{requests: 20}, conditions: nine, most: most{time: 1.02}},
		{name: "200 users", scenario: scenario{requests: 200}, conditions: nine, most: most{time: 1.06, throttled: 7, throttledWorst: 13}},
		{name: "330 users", scenario: scenario{requests: 330}, conditions: nine, most: most{time: 1.015, throttled: 6, throttledWorst: 11}},
		{name: "1,000 users", scenario: scenario{requests: 1000}, conditions: nine, most: most{time: 1.01, throttled: 4, throttledWorst: 6.5}},
		{name: "limit doubles", scenario: scenario{requests: 1000, change: 2}, conditions: nine, most: most{time: 1.05}},
		{name: "limit halves", scenario: scenario{requests: 1000, change: 0.5}, conditions: nine, most: most{time: 1.015}},
		{name: "idle for an hour", scenario: scenario{requests: 330, idle: time.Hour}, conditions: nine, most: most{time: 1.05, throttled: 8, throttledWorst: 13}},
		{name: "others take 30%", scenario: scenario{requests: 1000, others: 0.3, insists: true}, conditions: nine, most: most{time: 1.03, throttledWorst: 16}},
		{name: "others try for 30%", scenario: scenario{requests: 1000, others: 0.3}, conditions: nine, most: most{time: 1.03, throttledWorst: 16}},
		{name: "two, up to 20 s apart", scenario: scenario{requests: 1000, clients: 2, stagger: apart20s}, conditions: nine, most: most{time: 1.03, throttledWorst: 18}, least: least{poorest: 76, poorestWorst: 20}},
		{name: "three, up to 20 s apart", scenario: scenario{requests: 999, clients: 3, stagger: apart20s}, conditions: nine, most: most{time: 1.03, throttledWorst: 30}, least: least{poorest: 70, poorestWorst: 20}},
		{name: "four, up to 20 s apart", scenario: scenario{requests: 1000, clients: 4, stagger: apart20s}, conditions: nine, most: most{time: 1.03, throttledWorst: 45}, least: least{poorest: 65, poorestWorst: 15}},
		{name: "two, up to 5 min apart", scenario: scenario{clients: 2, stagger: apart5m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 18}, least: least{poorest: 70, poorestWorst: 15}},
		{name: "three, up to 5 min apart", scenario: scenario{clients: 3, stagger: apart5m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 30}, least: least{poorest: 70, poorestWorst: 15}},
		{name: "four, up to 5 min apart", scenario: scenario{clients: 4, stagger: apart5m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 40}, least: least{poorest: 70, poorestWorst: 15}},
		{name: "two, up to 20 min apart", scenario: scenario{clients: 2, stagger: apart20m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 18}, least: least{poorest: 70, poorestWorst: 15}},
		{name: "three, up to 20 min apart", scenario: scenario{clients: 3, stagger: apart20m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 30}, least: least{poorest: 70, poorestWorst: 15}},
		{name: "four, up to 20 min apart", scenario: scenario{clients: 4, stagger: apart20m}, conditions: nineLong, most: most{time: 1.02, throttledWorst: 40}, least: least{poorest: 70, poorestWorst: 15}},

		{name: "windows of 10 s", scenario: scenario{requests: 330}, conditions: allKinds(10*time.Second, *seeds, 3, 8, 17), most: most{time: 1.3}},
		{name: "5 a minute", scenario: scenario{requests: 330}, conditions: allKinds(time.Minute, *seeds, 5), most: most{throttledWorst: 25}},
		{name: "1,000 a minute", scenario: scenario{requests: 5000}, conditions: allKinds(time.Minute, few, 1000), most: most{time: 1.1, throttledWorst: 2}},
		{name: "20 a second", scenario: scenario{requests: 200}, conditions: allKinds(time.Second, *seeds, 20), most: most{time: 2.2}},
		{name: "20 a second, 1 at once", scenario: scenario{requests: 200}, conditions: oneAtOnce, most: most{time: 1.6, throttledWorst: 5}},
		{name: "latency 50 ms", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.latency = 50 * time.Millisecond }), most: most{time: 1.03, throttledWorst: 10}},
		{name: "latency 500 ms", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.latency = 500 * time.Millisecond }), most: most{time: 1.03, throttledWorst: 10}},
		{name: "latency 2 s", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.latency = 2 * time.Second }), most: most{time: 1.08, throttledWorst: 12}},
		{name: "4 at once", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.atOnce = 4 }), most: most{time: 1.03, throttledWorst: 10}},
		{name: "32 at once", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.atOnce = 32 }), most: most{time: 1.03, throttledWorst: 25}},
		{name: "Retry-After 1 s late", scenario: scenario{requests: 330}, conditions: fifty(func(c *conditions) { c.retryExtra = time.Second }), most: most{time: 1.03, throttledWorst: 10}},
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
		time := float64(r.time-g.idle) / float64(r.optimum-g.idle)
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
		{"time / optimum", s.time, g.most.time},
		{"% throttled", s.throttled, g.most.throttled},
		{"% throttled in the worst run", s.throttledWorst, g.most.throttledWorst},
		{"bound, poorest", g.least.poorest, s.poorest},
		{"bound, poorest in the worst run", g.least.poorestWorst, s.poorestWorst},
	} {
		if row.bound > 0 {
			assert.LessOrEqual(t, row.got, row.bound, "%s: %s; slowest run: %v", g.name, row.what, s.slowest)
		}
	}
}

// columns are the numbers that the table of the doc shows for each strategy.
var columns = []struct {
	goal   string
	format string
	value  func(summary) float64
}{
	{"1,000 users", "%.3f", func(s summary) float64 { return s.time }},
	{"1,000 users", "%5.1f", func(s summary) float64 { return s.throttled }},
	{"1,000 users", "%6.1f", func(s summary) float64 { return s.throttledWorst }},
	{"limit doubles", "%7.2f", func(s summary) float64 { return s.time }},
	{"idle for an hour", "%8.3f", func(s summary) float64 { return s.time }},
	{"windows of 10 s", "%7.2f", func(s summary) float64 { return s.time }},
	{"latency 2 s", "%7.2f", func(s summary) float64 { return s.time }},
	{"two, up to 20 s apart", "%7.1f", func(s summary) float64 { return s.throttledWorst }},
	{"two, up to 20 s apart", "%3.0f", func(s summary) float64 { return s.poorest }},
	{"two, up to 20 s apart", "%4.0f", func(s summary) float64 { return s.poorestWorst }},
}

// docRow returns the row of a strategy as the doc shows it.
func docRow(by strategy, results map[string]summary) string {
	cells := []string{fmt.Sprintf("%-44s", by.name)}
	for _, c := range columns {
		cells = append(cells, fmt.Sprintf(c.format, c.value(results[c.goal])))
	}
	return strings.Join(cells, " ")
}

// checkDoc compares the row of the doc with what was measured. Other machines may round differently.
func checkDoc(t *testing.T, doc, row, name string) {
	t.Helper()
	_, after, found := strings.Cut(doc, "\n//\t"+name+" ")
	if !assert.True(t, found, "doc.go has no row; add this one:\n//\t%s", row) {
		return
	}
	line, _, _ := strings.Cut(after, "\n")
	got, want := strings.Fields(line), strings.Fields(row[len(name):])
	if !assert.Len(t, got, len(want), "doc.go:\n%s", row) {
		return
	}
	for i := range want {
		shown, err1 := strconv.ParseFloat(got[i], 64)
		measured, err2 := strconv.ParseFloat(want[i], 64)
		if assert.NoError(t, errors.Join(err1, err2)) {
			assert.InDelta(t, measured, shown, 0.02*measured, "the row of doc.go is out of date:\n//\t%s", row)
		}
	}
}

func TestSimulationKeepsToTheGoals(t *testing.T) {
	strategies := []strategy{rules()}
	if *compare {
		strategies = append(append(strategies, changes()...), alternatives()...)
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	w := t.Output()
	fmt.Fprintf(w, "seeds %d to %d\n", *firstSeed, *firstSeed+*seeds-1)
	var rows []string
	for i, by := range strategies {
		fmt.Fprintf(w, "\n%-45s\n%-26s %4s  %12s  %12s  %13s\n", by.name, "", "runs", "time/optimum", "throttled, %", "poorest, %")
		results := map[string]summary{}
		for _, g := range goals() {
			s := g.simulateAll(by)
			results[g.name] = s
			s.print(w, g)
			if i == 0 {
				g.check(t, s)
			}
		}
		rows = append(rows, docRow(by, results))
		if *seeds == 32 && *firstSeed == 1 {
			checkDoc(t, string(doc), rows[i], by.name)
		}
	}
	fmt.Fprintf(w, "\nas in doc.go\n%s\n", strings.Join(rows, "\n"))
}
