package wrapper

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// server is a rate limit as a server keeps it. Its clock starts anywhere in a minute.
type server struct {
	kind   string // fixed, sliding or bucket
	limit  int    // requests a minute
	phase  time.Duration
	skew   float64 // how much longer its minute is than ours
	window int64
	count  int
	log    []time.Duration
	tokens float64
	at     time.Duration
	passed int
}

func (s *server) minute() time.Duration { return time.Duration(float64(time.Minute) * (1 + s.skew)) }

// take lets a request pass at now, or says in how long the next could.
func (s *server) take(now time.Duration) (bool, time.Duration) {
	m := s.minute()
	switch s.kind {
	case "fixed":
		if w := int64((now + s.phase) / m); w != s.window {
			s.window, s.count = w, 0
		}
		if s.count >= s.limit {
			return false, time.Duration(s.window+1)*m - s.phase - now
		}
		s.count++
	case "sliding":
		for len(s.log) > 0 && s.log[0]+m <= now {
			s.log = s.log[1:]
		}
		if n := len(s.log); n >= s.limit {
			return false, s.log[n-s.limit] + m - now
		}
		s.log = append(s.log, now)
	case "bucket":
		rate := float64(s.limit) / m.Seconds()
		s.tokens = min(float64(s.limit), s.tokens+rate*(now-s.at).Seconds())
		s.at = now
		if s.tokens < 1 {
			return false, time.Duration((1-s.tokens)/rate*1e9) + 1
		}
		s.tokens--
	}
	s.passed++
	return true, 0
}

// setLimit changes the limit in full flight.
func (s *server) setLimit(limit int, now time.Duration) {
	if s.kind == "bucket" {
		rate := float64(s.limit) / s.minute().Seconds()
		s.tokens = min(float64(s.limit), s.tokens+rate*(now-s.at).Seconds())
		s.at = now
		s.tokens = min(s.tokens, float64(limit))
	}
	s.limit = limit
}

type scenario struct {
	name     string
	kind     string
	limit    int
	phase    time.Duration
	skew     float64
	n        int
	change   float64 // factor by which the limit changes when half has passed; 0: never
	clients  int
	other    float64 // share of the limit somebody else takes
	poisson  bool
	workers  int
	min, max time.Duration // latency
	round    func(time.Duration) time.Duration
	seed     uint64
	stagger  time.Duration // between the clients' starts
	lost     float64       // share of requests that get no answer
	stray    int           // the request that is refused though there is no limit
}

type outcome struct {
	time, opt time.Duration
	refused   int
	early     int
	poorer    float64
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1) / time.Second * time.Second
}

func (sc scenario) server() *server {
	s := &server{kind: sc.kind, limit: sc.limit, phase: sc.phase, skew: sc.skew, window: -1, tokens: float64(sc.limit)}
	return s
}

// optimum is when an all-knowing sender is done.
func (sc scenario) optimum() time.Duration {
	s := sc.server()
	if sc.other > 0 {
		s.limit = int(math.Round(float64(sc.limit) * (1 - sc.other)))
		s.tokens = float64(s.limit)
	}
	var now time.Duration
	for n := sc.n; n > 0; {
		ok, wait := s.take(now)
		if !ok {
			now += wait
			continue
		}
		n--
		if sc.change > 0 && s.passed == sc.n/2 {
			s.setLimit(int(float64(s.limit)*sc.change), now)
		}
	}
	return now + (sc.min+sc.max)/2
}

// A strategy is what paces one client.
type strategy interface {
	admit(now time.Duration) (grant, time.Duration)
	passed(now time.Duration, t grant)
	limited(now time.Duration, t grant, retryAfter time.Duration)
	returned(now time.Duration, t grant)
}

type event struct {
	at  time.Duration
	seq int
	do  func(now time.Duration)
}
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

type simClient struct {
	s        strategy
	alone    bool // each worker reacts for itself
	waiting  int
	left     int // inputs not yet taken
	open     int // inputs without a result
	passed   int
	passedAt []time.Duration
	hold     time.Duration
	wake     time.Duration // time of the pending timer
	done     time.Duration
}

func simulate(sc scenario, newStrategy func(i int) (strategy, bool)) outcome {
	rnd := rand.New(rand.NewPCG(sc.seed, 77))
	srv := sc.server()
	var queue events
	seq, sent := 0, 0
	at := func(t time.Duration, do func(time.Duration)) {
		seq++
		heap.Push(&queue, event{t, seq, do})
	}
	half := func() time.Duration {
		return (sc.min + time.Duration(rnd.Float64()*float64(sc.max-sc.min))) / 2
	}
	out := outcome{opt: sc.optimum()}
	clients := make([]*simClient, max(1, sc.clients))
	var step func(c *simClient, now time.Duration)
	var send func(c *simClient, t grant, now time.Duration)
	take := func(c *simClient, now time.Duration) { // an idle worker takes the next input
		if c.left > 0 {
			c.left--
			c.waiting++
		}
	}
	send = func(c *simClient, t grant, now time.Duration) {
		if now < c.hold {
			out.early++
		}
		if sc.lost > 0 && rnd.Float64() < sc.lost {
			if rnd.Float64() < 0.5 {
				srv.take(now) // lost on the way back
			}
			at(now+10*time.Second, func(now time.Duration) {
				c.s.returned(now, t)
				c.waiting++
				step(c, now)
			})
			return
		}
		at(now+half(), func(now time.Duration) {
			ok, wait := srv.take(now)
			if sent++; sent == sc.stray {
				ok = false // with a Retry-After that round makes up
			}
			if ok && sc.change > 0 && srv.passed == sc.n/2 {
				srv.setLimit(int(float64(srv.limit)*sc.change), now)
			}
			if ok {
				c.passedAt = append(c.passedAt, now)
			}
			at(now+half(), func(now time.Duration) {
				if ok {
					c.s.passed(now, t)
					c.open--
					c.done = now
					take(c, now)
					step(c, now)
					return
				}
				out.refused++
				ra := sc.round(wait)
				c.hold = max(c.hold, now+ra)
				c.s.limited(now, t, ra)
				if c.alone {
					at(now+ra, func(now time.Duration) { c.waiting++; step(c, now) })
					return
				}
				c.waiting++
				step(c, now)
			})
		})
	}
	step = func(c *simClient, now time.Duration) {
		for c.waiting > 0 {
			t, wait := c.s.admit(now)
			if wait <= 0 {
				c.waiting--
				send(c, t, now)
				continue
			}
			if wait >= forever {
				return
			}
			w := now + wait
			if c.wake <= now || w < c.wake {
				c.wake = w
				at(w, func(now time.Duration) { step(c, now) })
			}
			return
		}
	}
	open := 0
	for i := range clients {
		s, alone := newStrategy(i)
		n := sc.n / len(clients)
		clients[i] = &simClient{s: s, alone: alone, left: n, open: n}
		c := clients[i]
		at(time.Duration(i)*max(37*time.Millisecond, sc.stagger), func(now time.Duration) {
			for range sc.workers {
				take(c, now)
			}
			step(c, now)
		})
		open += n
	}
	if sc.other > 0 {
		gap := time.Duration(60e9 / (sc.other * float64(sc.limit)))
		var other func(now time.Duration)
		other = func(now time.Duration) {
			srv.take(now)
			g := gap
			if sc.poisson {
				g = time.Duration(rnd.ExpFloat64() * float64(gap))
			}
			at(now+g, other)
		}
		at(time.Duration(rnd.Float64()*float64(gap)), other)
	}
	running := func() bool {
		for _, c := range clients {
			if c.open > 0 {
				return true
			}
		}
		return false
	}
	for running() {
		if len(queue) == 0 {
			panic(fmt.Sprintf("deadlock: %+v", sc))
		}
		e := heap.Pop(&queue).(event)
		if e.at > 100*time.Hour {
			panic(fmt.Sprintf("collapsed: %+v", sc))
		}
		e.do(e.at)
	}
	end := time.Duration(math.MaxInt64)
	for _, c := range clients {
		out.time = max(out.time, c.done)
		end = min(end, c.done)
	}
	if len(clients) > 1 { // shares while all were running
		sum, least := 0, math.MaxInt
		for _, c := range clients {
			n := 0
			for _, t := range c.passedAt {
				if t <= end {
					n++
				}
			}
			sum += n
			least = min(least, n)
		}
		out.poorer = float64(least) / float64(sum)
	}
	return out
}

// react sends whatever comes; each worker sits out its own Retry-After.
type react struct{}

func (react) admit(time.Duration) (grant, time.Duration)  { return free, 0 }
func (react) passed(time.Duration, grant)                 {}
func (react) limited(time.Duration, grant, time.Duration) {}
func (react) returned(time.Duration, grant)               {}

// constant sends one request each gap.
type constant struct{ gap, next, until time.Duration }

func (c *constant) admit(now time.Duration) (grant, time.Duration) {
	if at := max(c.next, c.until); now < at {
		return free, at - now
	}
	c.next = now + c.gap
	return free, 0
}
func (c *constant) passed(time.Duration, grant) {}
func (c *constant) limited(now time.Duration, _ grant, retryAfter time.Duration) {
	c.until = max(c.until, now+retryAfter)
}
func (c *constant) returned(time.Duration, grant) {}

func paced(int) (strategy, bool)         { return new(pace), false }
func reacting(int) (strategy, bool)      { return react{}, true }
func twentyAMinute(int) (strategy, bool) { return &constant{gap: 3 * time.Second}, false }

// A goal is a scenario of the table with what is asked of it; 0 means that nothing is.
type goal struct {
	name               string
	scenario           scenario
	factor             float64 // every run: factor * optimum + plus
	plus               time.Duration
	mean               float64 // of time over optimum
	refused, refusedAv float64 // % of N: worst run, mean
	poorer, poorerAv   float64 // share
}

var goals = []goal{
	{"N = 20", scenario{n: 20}, 1, time.Second, 0, 0, 0, 0, 0},
	{"N = 200", scenario{n: 200}, 1.01, 7 * time.Second, 0, 13, 8.5, 0, 0},
	{"N = 330", scenario{n: 330}, 1.01, 7 * time.Second, 0, 11, 7, 0, 0},
	{"N = 1000", scenario{n: 1000}, 1.01, 7 * time.Second, 1.01, 6, 4, 0, 0},
	{"doubles", scenario{n: 1000, change: 2}, 1.03, 65 * time.Second, 1.03, 10, 6, 0, 0},
	{"halves", scenario{n: 1000, change: 0.5}, 1.03, 65 * time.Second, 1.015, 10, 6, 0, 0},
	{"two, 500 each", scenario{n: 1000, clients: 2}, 1.05, 65 * time.Second, 1.04, 12, 8, 0.08, 0.35},
	{"two, 1000 each", scenario{n: 2000, clients: 2}, 1.05, 65 * time.Second, 1.04, 12, 8, 0.08, 0.35},
	{"others take 30%", scenario{n: 1000, other: 0.3}, 1.05, 65 * time.Second, 1.03, 12, 7, 0, 0},
}

// conditions are what each goal is run under.
type conditions struct {
	kinds    []string
	limits   []int
	phases   []time.Duration
	workers  int
	min, max time.Duration
	round    func(time.Duration) time.Duration
	skew     float64
}

func usual() conditions {
	return conditions{
		kinds: []string{"fixed", "sliding", "bucket"}, limits: []int{20, 50, 100}, workers: 8,
		phases: []time.Duration{0, 5 * time.Second, 13700 * time.Millisecond, 22 * time.Second, 31 * time.Second,
			40 * time.Second, 47300 * time.Millisecond, 54 * time.Second},
		min: 100 * time.Millisecond, max: 300 * time.Millisecond, round: roundUp,
	}
}

// tally sums up the runs of a goal.
type tally struct {
	runs, early        int
	over               time.Duration // worst time minus what is allowed; below 0 is good
	late               time.Duration // worst time minus the optimum
	ratio              float64       // mean
	refused, refusedAv float64
	poorer, poorerAv   float64
	worst              string
}

func (c conditions) run(g goal, start func(int) (strategy, bool)) tally {
	sum := tally{poorer: 1, over: math.MinInt64}
	for _, kind := range c.kinds {
		for _, limit := range c.limits {
			for i, phase := range c.phases {
				sc := g.scenario
				sc.kind, sc.limit, sc.phase, sc.skew, sc.seed = kind, limit, phase, c.skew, uint64(i+1)
				sc.workers, sc.min, sc.max, sc.round, sc.poisson = c.workers, c.min, c.max, c.round, i%2 == 0
				o := simulate(sc, start)
				allowed := time.Duration(g.factor*float64(o.opt)) + g.plus
				if over := o.time - allowed; over > sum.over {
					sum.over = over
					sum.worst = fmt.Sprintf("%s %d at %v: %v, at best %v", kind, limit, phase, o.time.Round(time.Second/10), o.opt.Round(time.Second/10))
				}
				refused := 100 * float64(o.refused) / float64(sc.n)
				sum.runs++
				sum.early += o.early
				sum.late = max(sum.late, o.time-o.opt)
				sum.ratio += o.time.Seconds() / o.opt.Seconds()
				sum.refused = max(sum.refused, refused)
				sum.refusedAv += refused
				sum.poorer = min(sum.poorer, o.poorer)
				sum.poorerAv += o.poorer
			}
		}
	}
	n := float64(sum.runs)
	sum.ratio /= n
	sum.refusedAv /= n
	sum.poorerAv /= n
	return sum
}

func (c conditions) table(title string, start func(int) (strategy, bool)) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%-16s %5s %9s %8s %9s %15s %12s %6s  %s\n", title, "scenario", "runs", "to bound", "late", "time/opt", "refused % of N", "poorer", "early", "run that is closest to its bound")
	for _, g := range goals {
		t := c.run(g, start)
		fmt.Fprintf(&b, "%-16s %5d %8.1fs %7.1fs %9.4f %7.1f /%6.2f %5.2f /%5.2f %6d  %s\n", g.name, t.runs, t.over.Seconds(), t.late.Seconds(), t.ratio, t.refused, t.refusedAv, t.poorer, t.poorerAv, t.early, t.worst)
	}
	return b.String()
}

// go test -run TestPacingTable -v
func TestPacingTable(t *testing.T) {
	if !testing.Verbose() {
		t.Skip("prints the tables with -v")
	}
	c := usual()
	t.Log(c.table("paced, 8 at once", paced))
	t.Log(c.table("react, 8 at once", reacting))
	c.workers = 1
	t.Log(c.table("react, 1 at once", reacting))
	c.workers = 8
	t.Log(c.table("constant 20 a minute", twentyAMinute))
}

func TestPacingReachesItsGoals(t *testing.T) {
	for _, g := range goals {
		t.Run(g.name, func(t *testing.T) {
			sum := usual().run(g, paced)
			assert.Zero(t, sum.early)
			assert.LessOrEqual(t, sum.over, time.Duration(0), sum.worst)
			assert.LessOrEqual(t, sum.refused, g.refused)
			assert.LessOrEqual(t, sum.refusedAv, g.refusedAv)
			if g.mean > 0 {
				assert.LessOrEqual(t, sum.ratio, g.mean)
			}
			if g.poorer > 0 {
				assert.GreaterOrEqual(t, sum.poorer, g.poorer)
				assert.GreaterOrEqual(t, sum.poorerAv, g.poorerAv)
			}
		})
	}
}

func TestPacingIsTheSameForTheSameSeed(t *testing.T) {
	assert.Equal(t, usual().run(goals[3], paced), usual().run(goals[3], paced))
}

func TestAStrayLimitCostsARunSeconds(t *testing.T) {
	for _, stray := range []int{1, 4, 50, 500} {
		sc := scenario{kind: "fixed", limit: math.MaxInt, n: 2000, workers: 8, stray: stray, seed: 1,
			min: 200 * time.Millisecond, max: 200 * time.Millisecond, round: func(time.Duration) time.Duration { return 7 * time.Second }}
		o := simulate(sc, paced)
		assert.Equal(t, 1, o.refused)
		assert.Less(t, o.time, 50*time.Second+7*time.Second+10*time.Second)
	}
}

// No other latency, concurrency, limit, clock or rounding of Retry-After makes the pacing collapse.
func TestPacingDoesNotCollapse(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	for name, change := range map[string]func(*conditions){
		"odd limits":        func(c *conditions) { c.limits = []int{17, 23, 37, 75, 140} },
		"large limits":      func(c *conditions) { c.limits = []int{300, 1000} },
		"latency 50-500 ms": func(c *conditions) { c.min, c.max = 50*time.Millisecond, 500*time.Millisecond },
		"4 at once":         func(c *conditions) { c.workers = 4 },
		"16 at once":        func(c *conditions) { c.workers = 16 },
		"32 at once":        func(c *conditions) { c.workers = 32 },
		"a second late":     func(c *conditions) { c.round = func(d time.Duration) time.Duration { return roundUp(d) + time.Second } },
		"rounded down":      func(c *conditions) { c.round = func(d time.Duration) time.Duration { return d.Truncate(time.Second) } },
		"rounded down plus 1": func(c *conditions) {
			c.round = func(d time.Duration) time.Duration { return d.Truncate(time.Second) + time.Second }
		},
		"exact":              func(c *conditions) { c.round = func(d time.Duration) time.Duration { return d } },
		"their clock slower": func(c *conditions) { c.skew = 0.002 },
		"their clock faster": func(c *conditions) { c.skew = -0.002 },
		"window nearly over": func(c *conditions) { c.phases = []time.Duration{58 * time.Second, 59900 * time.Millisecond} },
	} {
		t.Run(name, func(t *testing.T) {
			c := usual()
			c.phases = []time.Duration{0, 31 * time.Second}
			change(&c)
			for _, g := range goals {
				g.factor, g.plus = 1.05, 130*time.Second
				sum := c.run(g, paced)
				assert.Zero(t, sum.early, g.name)
				assert.LessOrEqual(t, sum.over, time.Duration(0), "%s: %s", g.name, sum.worst)
				assert.LessOrEqual(t, sum.refused, 30.0, g.name)
			}
		})
	}
}
