package wrapper_test

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

var pacingFull = flag.Bool("pacing.full", false, "run TestPacing at eight phases and with plain strategies beside it, and print tables with -v")

// goal is a scenario and what is asked of its runs. Where a number is 0, nothing is asked.
type goal struct {
	name    string
	n       int     // requests, of all clients together
	clients int     // that share them; 0 = 1
	change  float64 // factor by which the limit changes when half of the requests have passed
	others  float64 // part of the limit that somebody else asks for
	insists bool    // somebody else asks again for what was refused

	factor      float64 // every run ends within factor·opt + plus
	plus        time.Duration
	ratio       float64 // of time to opt: mean of the runs
	refused     float64 // % of n: worst run
	refusedMean float64
	poorer      float64 // part of what passes that the poorer client gets: worst run
	poorerMean  float64
}

var goals = []goal{
	{name: "N = 20", n: 20, factor: 1, plus: time.Second},
	{name: "N = 200", n: 200, factor: 1.01, plus: 7 * time.Second, refused: 13, refusedMean: 8.5},
	{name: "N = 330", n: 330, factor: 1.01, plus: 7 * time.Second, refused: 11, refusedMean: 7},
	{name: "N = 1,000", n: 1000, factor: 1.01, plus: 7 * time.Second, ratio: 1.01, refused: 6, refusedMean: 4},
	{name: "limit doubles", n: 1000, change: 2, factor: 1.03, plus: 65 * time.Second, ratio: 1.03, refused: 10, refusedMean: 6},
	{name: "limit halves", n: 1000, change: 0.5, factor: 1.03, plus: 65 * time.Second, ratio: 1.015, refused: 10, refusedMean: 6},
	{name: "two clients", n: 1000, clients: 2, factor: 1.05, plus: 65 * time.Second, ratio: 1.04, refused: 12, refusedMean: 8, poorer: 0.08, poorerMean: 0.35},
	{name: "others take 30%", n: 1000, others: 0.3, insists: true, factor: 1.05, plus: 65 * time.Second, ratio: 1.03, refused: 12, refusedMean: 7},
	{name: "others try for 30%", n: 1000, others: 0.3, factor: 1.05, plus: 65 * time.Second, ratio: 1.03, refused: 12, refusedMean: 7},
}

// conditions are what a run meets.
type conditions struct {
	kind    string
	limit   int           // requests a minute
	phase   time.Duration // of fixed windows; the others have none
	seed    uint64
	latency time.Duration // there and back, on average; 0 = 200 ms
	late    time.Duration // by which each Retry-After is longer than it need be
	atOnce  int           // calls; 0 = default
}

func (c conditions) String() string { return fmt.Sprintf("%s %d, phase %v", c.kind, c.limit, c.phase) }

// nineLimits are the conditions that goals are set for.
func nineLimits(phases int) (all []conditions) {
	for _, kind := range []string{"fixed", "sliding", "bucket"} {
		for _, limit := range []int{20, 50, 100} {
			for i := range phases {
				phase := time.Duration(i) * time.Minute / time.Duration(phases)
				all = append(all, conditions{kind: kind, limit: limit, phase: phase, seed: uint64(i + 1)})
			}
		}
	}
	return all
}

func (c conditions) trip() time.Duration { return cmp.Or(c.latency, 200*time.Millisecond) }

// rateLimit is part of the limit.
func (c conditions) rateLimit(part float64) slacktest.Limit {
	n := int(math.Round(part * float64(c.limit)))
	switch c.kind {
	case "fixed":
		return slacktest.FixedWindow(n, time.Minute, c.phase)
	case "sliding":
		return slacktest.SlidingWindow(n, time.Minute)
	}
	return slacktest.TokenBucket(n, time.Minute)
}

func (c conditions) slack(part float64) *slacktest.Slack {
	s := slacktest.New()
	s.KeepCalls(0)
	s.Limit(slacktest.MethodReset, c.rateLimit(part))
	return s
}

// network is what lies between a client and Slack.
type network struct {
	conditions
	slack  http.RoundTripper
	passed func() // is told of every request that Slack lets pass

	mu             sync.Mutex
	random         *rand.Rand
	held           time.Time // end of the last Retry-After
	early, refused int
}

// RoundTrip spends half of the latency before the request arrives and half after, each up to a half more or less.
func (w *network) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if time.Now().Before(w.held) {
		w.early++
	}
	there, back := w.half(), w.half()
	w.mu.Unlock()

	time.Sleep(there)
	resp, err := w.slack.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	wait := retryAfter(resp)
	if wait == 0 {
		w.passed()
	} else {
		wait += w.late
		resp.Header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	}
	time.Sleep(back)

	if wait > 0 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refused++
		if until := time.Now().Add(wait); until.After(w.held) {
			w.held = until
		}
	}
	return resp, nil
}

func (w *network) half() time.Duration {
	return w.trip()/4 + time.Duration(w.random.Int64N(int64(w.trip()/2)))
}

func retryAfter(resp *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second
}

// strategy resets the sessions of n users.
type strategy func(t *testing.T, w *network, n int)

// paced is what is tested.
func paced(t *testing.T, w *network, n int) {
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-pacing"), wrapper.Options{HTTPClient: &http.Client{Transport: w}})
	require.NoError(t, err)
	for r := range client.BulkReset(t.Context(), users(n), wrapper.BulkOptions{Concurrency: w.atOnce}) {
		assert.NoError(t, r.Err)
	}
}

func users(n int) iter.Seq[wrapper.ResetOptions] {
	return slices.Values(slices.Repeat([]wrapper.ResetOptions{{UserID: "W1"}}, n))
}

// reacting sends what there is; whoever is refused waits as long as the answer asks for.
func reacting(atOnce int) strategy {
	return func(t *testing.T, w *network, n int) {
		left := make(chan struct{}, n)
		for range n {
			left <- struct{}{}
		}
		close(left)
		var workers sync.WaitGroup
		for range atOnce {
			workers.Go(func() {
				for range left {
					for wait := post(t, w); wait > 0; wait = post(t, w) {
						time.Sleep(wait)
					}
				}
			})
		}
		workers.Wait()
	}
}

// constant sends the twenty a minute that Slack promises.
func constant(t *testing.T, w *network, n int) {
	for next := time.Now(); n > 0; time.Sleep(time.Until(next)) {
		next = next.Add(time.Minute / 20)
		if wait := post(t, w); wait > 0 {
			next = time.Now().Add(wait)
		} else {
			n--
		}
	}
}

// post resets the sessions of a user and returns how long the answer asks to wait.
func post(t *testing.T, w *network) time.Duration {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, wrapper.DefaultBaseURL+"/"+slacktest.MethodReset,
		strings.NewReader(url.Values{"user_id": {"W1"}}.Encode()))
	if !assert.NoError(t, err) {
		return 0
	}
	req.Header.Set("Authorization", "Bearer xoxp-test-pacing")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{Transport: w}).Do(req)
	if !assert.NoError(t, err) {
		return 0
	}
	_, err = io.Copy(io.Discard, resp.Body)
	assert.NoError(t, err)
	assert.NoError(t, resp.Body.Close())
	return retryAfter(resp)
}

// trial is what came of a run.
type trial struct {
	conditions
	time, opt      time.Duration
	refused, early int
	poorer         float64
}

func (g goal) run(t *testing.T, c conditions, send strategy) trial {
	o := trial{conditions: c}
	synctest.Test(t, func(*testing.T) { o.opt = g.optimum(c) })
	synctest.Test(t, func(t *testing.T) {
		slack, start := c.slack(1), time.Now()
		if g.others > 0 {
			defer g.takeAway(slack, c)()
		}
		var running sync.WaitGroup
		var mu sync.Mutex
		networks := make([]*network, max(1, g.clients))
		passed, total := make([]int, len(networks)), 0
		for i := range networks {
			w := &network{conditions: c, slack: slack, random: rand.New(rand.NewPCG(c.seed, uint64(i)))}
			w.passed = func() {
				mu.Lock()
				defer mu.Unlock()
				passed[i]++
				if total++; g.change > 0 && total == g.n/2 {
					slack.Limit(slacktest.MethodReset, c.rateLimit(g.change))
				}
			}
			networks[i] = w
			running.Go(func() {
				send(t, w, g.n/len(networks))
				mu.Lock()
				defer mu.Unlock()
				if o.time == 0 { // all were running until now
					o.poorer = float64(slices.Min(passed)) / float64(total)
				}
				o.time = time.Since(start)
			})
		}
		running.Wait()
		for _, w := range networks {
			o.refused += w.refused
			o.early += w.early
		}
	})
	return o
}

// optimum is what a sender needs who knows the limit.
func (g goal) optimum(c conditions) time.Duration {
	slack, start := c.slack(1-g.others), time.Now()
	send := func(n int) {
		for n > 0 {
			taken, wait := slack.Take(slacktest.MethodReset, n)
			if n -= taken; n > 0 {
				time.Sleep(wait)
			}
		}
	}
	send(g.n / 2)
	if g.change > 0 {
		slack.Limit(slacktest.MethodReset, c.rateLimit(g.change))
	}
	send(g.n - g.n/2)
	return time.Since(start) + c.trip()
}

// takeAway uses a part of the limit up, evenly or at random times, until stopped.
func (g goal) takeAway(slack *slacktest.Slack, c conditions) (stop func()) {
	done, random := make(chan struct{}), rand.New(rand.NewPCG(c.seed, 99))
	go func() {
		for wanted := 1; ; wanted++ {
			pause := float64(time.Minute) / (g.others * float64(c.limit))
			if c.seed%2 == 0 {
				pause *= random.ExpFloat64()
			}
			select {
			case <-done:
				return
			case <-time.After(time.Duration(pause)):
			}
			taken, _ := slack.Take(slacktest.MethodReset, wanted)
			if wanted -= taken; !g.insists {
				wanted = 0
			}
		}
	}()
	return func() { close(done) }
}

// summary is what came of all runs of a goal.
type summary struct {
	runs                 int
	late                 time.Duration // time over opt, worst run
	ratio, ratioMean     float64
	refused, refusedMean float64
	poorer, poorerMean   float64
	early                int
	room                 time.Duration // from the end of a run to what is allowed, worst run
	closest              trial         // that run
}

func (g goal) runAll(t *testing.T, all []conditions, send strategy) summary {
	s := summary{runs: len(all), room: math.MaxInt64, poorer: 1}
	n := float64(s.runs)
	for _, c := range all {
		o := g.run(t, c, send)
		ratio, refused := float64(o.time)/float64(o.opt), 100*float64(o.refused)/float64(g.n)
		s.late = max(s.late, o.time-o.opt)
		s.ratio, s.ratioMean = max(s.ratio, ratio), s.ratioMean+ratio/n
		s.refused, s.refusedMean = max(s.refused, refused), s.refusedMean+refused/n
		s.poorer, s.poorerMean = min(s.poorer, o.poorer), s.poorerMean+o.poorer/n
		s.early += o.early
		if room := time.Duration(g.factor*float64(o.opt)) + g.plus - o.time; room < s.room {
			s.room, s.closest = room, o
		}
	}
	return s
}

const quantities = "%-19s  %4s  %18s  %14s  %8s  %15s  %12s  %5s  %s\n"

func printHeader(w io.Writer, title string) {
	fmt.Fprintf(w, "\n%s\n"+quantities, title, "", "runs", "time - opt, worst", "time / opt", "to bound", "refused, % of N", "poorer", "early", "closest to its bound")
}

// print prints the worst run and the mean.
func (s summary) print(w io.Writer, g goal) {
	poorer := ""
	if g.clients > 1 {
		poorer = fmt.Sprintf("%.2f / %.2f", s.poorer, s.poorerMean)
	}
	fmt.Fprintf(w, quantities, g.name, strconv.Itoa(s.runs), fmt.Sprintf("%.1f s", s.late.Seconds()), fmt.Sprintf("%.3f / %.3f", s.ratio, s.ratioMean),
		fmt.Sprintf("%.1f s", s.room.Seconds()), fmt.Sprintf("%.1f / %.2f", s.refused, s.refusedMean), poorer, strconv.Itoa(s.early), s.closest)
}

// check holds the runs to the goal.
func (g goal) check(t *testing.T, s summary) {
	assert.Zero(t, s.early, g.name)
	assert.GreaterOrEqual(t, s.room, time.Duration(0), "%s: %v", g.name, s.closest)
	assert.LessOrEqual(t, s.refused, g.refused, g.name)
	assert.LessOrEqual(t, s.refusedMean, g.refusedMean, g.name)
	assert.GreaterOrEqual(t, s.poorer, g.poorer, g.name)
	assert.GreaterOrEqual(t, s.poorerMean, g.poorerMean, g.name)
	if g.ratio > 0 {
		assert.LessOrEqual(t, s.ratioMean, g.ratio, g.name)
	}
}

func TestPacing(t *testing.T) {
	conditions := nineLimits(1)
	for i := range conditions { // each at another phase
		conditions[i].phase = time.Duration(i) * 7 * time.Second
		conditions[i].seed = uint64(i)
	}
	if *pacingFull {
		conditions = nineLimits(8)
	}
	printHeader(t.Output(), "BulkReset")
	for _, g := range goals {
		s := g.runAll(t, conditions, paced)
		s.print(t.Output(), g)
		g.check(t, s)
	}
	if !*pacingFull {
		return
	}
	for _, plain := range []struct {
		name string
		send strategy
	}{{"react to 429, 1 at once", reacting(1)}, {"react to 429, 8 at once", reacting(8)}, {"constant, 20 a minute", constant}} {
		printHeader(t.Output(), plain.name)
		for _, g := range goals {
			g.runAll(t, conditions, plain.send).print(t.Output(), g)
		}
	}
}

func TestPacingIsTheSameForTheSameSeed(t *testing.T) {
	c := conditions{kind: "bucket", limit: 100, seed: 1}
	for _, g := range goals[5:] {
		first, second := g.run(t, c, paced), g.run(t, c, paced)
		assert.Equal(t, first, second, g.name)
	}
}

// Under conditions that no goal was set for, pacing may be worse, but does not break down.
func TestPacingElsewhere(t *testing.T) {
	some, phases := goals[2:3], 1
	if *pacingFull {
		some, phases = goals[1:], 4
	}
	for _, elsewhere := range []struct {
		name   string
		change func(*conditions)
	}{
		{"limit 5", func(c *conditions) { c.limit = 5 }},
		{"limit 1,000", func(c *conditions) { c.limit = 1000 }},
		{"limit 50, latency 50 ms", func(c *conditions) { c.latency = 50 * time.Millisecond }},
		{"limit 50, latency 500 ms", func(c *conditions) { c.latency = 500 * time.Millisecond }},
		{"limit 50, 4 at once", func(c *conditions) { c.atOnce = 4 }},
		{"limit 50, 32 at once", func(c *conditions) { c.atOnce = 32 }},
		{"limit 50, Retry-After a second late", func(c *conditions) { c.late = time.Second }},
	} {
		var all []conditions
		for _, c := range nineLimits(phases) {
			if c.limit == 50 {
				elsewhere.change(&c)
				all = append(all, c)
			}
		}
		printHeader(t.Output(), elsewhere.name)
		for _, g := range some {
			g.factor, g.plus = 1.2, 130*time.Second
			s := g.runAll(t, all, paced)
			s.print(t.Output(), g)
			assert.Zero(t, s.early, "%s: %s", elsewhere.name, g.name)
			assert.GreaterOrEqual(t, s.room, time.Duration(0), "%s: %s: %v", elsewhere.name, g.name, s.closest)
			assert.LessOrEqual(t, s.refused, 30.0, "%s: %s", elsewhere.name, g.name)
		}
	}
}

func TestAStrayRateLimitCostsARunSeconds(t *testing.T) {
	for _, stray := range []int{1, 4, 50, 500} {
		synctest.Test(t, func(t *testing.T) {
			slack, asked := slacktest.New(), 0
			slack.Respond(func(slacktest.Call) slacktest.Answer {
				if asked++; asked == stray {
					return slacktest.RateLimited(7 * time.Second)
				}
				return slacktest.Answer{Delay: 200 * time.Millisecond}
			})
			start := time.Now()
			client := newClient(t, slack, wrapper.Options{})
			for r := range client.BulkReset(t.Context(), users(2000), wrapper.BulkOptions{}) {
				require.NoError(t, r.Err)
			}
			assert.Less(t, time.Since(start), 50*time.Second+7*time.Second+10*time.Second, stray)
		})
	}
}
