package pace

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A sender decides when a client sends its next request. The rate is one, by way of paced.
type sender interface {
	delay(now time.Duration) time.Duration
	take(now time.Duration) *Permit
	succeed(now time.Duration)
	throttle(now time.Duration, permit *Permit, retryAfter time.Duration)
}

// A strategy makes the sender of a client.
type strategy struct {
	name   string
	atOnce int // requests in flight; 0 = as many as the conditions say
	make   func() sender
}

// A kind is how a limit counts.
type kind string

const (
	fixed   kind = "fixed windows"
	sliding kind = "sliding windows"
	bucket  kind = "token bucket"
)

// conditions are the limit and the network of one run.
type conditions struct {
	kind       kind
	limit      int // requests that pass in a period
	period     time.Duration
	seed       uint64
	latency    time.Duration // mean round trip
	retryExtra time.Duration // by which each Retry-After is longer than necessary
	atOnce     int           // requests of one client in flight
}

func (c conditions) String() string {
	return fmt.Sprintf("%s, %d per %v, seed %d", c.kind, c.limit, c.period, c.seed)
}

// allKinds returns conditions of each kind and limit, with each seed.
func allKinds(period time.Duration, seeds uint64, limits ...int) (all []conditions) {
	for _, k := range []kind{fixed, sliding, bucket} {
		for _, n := range limits {
			for i := range seeds {
				all = append(all, conditions{
					kind: k, limit: n, period: period, seed: *firstSeed + i, latency: 200 * time.Millisecond, atOnce: 8,
				})
			}
		}
	}
	return all
}

// A limiter is the service.
type limiter struct {
	conditions
	phase  time.Duration   // start of a fixed window
	passed []time.Duration // requests that passed within the last period
	full   time.Duration   // when the bucket will be full again
}

func newLimiter(c conditions) *limiter {
	_, part := math.Modf(float64(c.seed) * math.Phi)
	return &limiter{conditions: c, phase: time.Duration(part * float64(c.period))}
}

// pass lets a request pass and returns 0, or returns how long it takes until a request would pass.
func (l *limiter) pass(now time.Duration) (wait time.Duration) {
	if l.kind == bucket {
		refill := l.period / time.Duration(l.limit)
		l.full = max(l.full, now)
		if wait = l.full - now - time.Duration(l.limit-1)*refill; wait > 0 {
			return wait
		}
		l.full = min(l.full+refill, now+l.period) // more may have passed under a larger limit
		return 0
	}
	begin := now - l.period + 1
	if l.kind == fixed {
		begin = (now - l.phase + l.period).Truncate(l.period) - l.period + l.phase
	}
	for len(l.passed) > 0 && l.passed[0] < begin {
		l.passed = l.passed[1:]
	}
	switch over := len(l.passed) - l.limit; {
	case over < 0:
		l.passed = append(l.passed, now)
		return 0
	case l.kind == fixed:
		return begin + l.period - now
	default:
		return l.passed[over] + l.period - now
	}
}

// A scenario is the requests that clients have to send.
type scenario struct {
	requests int           // of all clients together; 0 = as many as keep each busy for 10 minutes after the last one has started
	clients  int           // that share the limit; 0 = 1
	stagger  time.Duration // all start within that time, at random
	change   float64       // factor by which the limit changes when half of the requests have passed; 0 = 1
	idle     time.Duration // for which nobody has anything to send when half of the requests have passed
	others   float64       // share of the limit that somebody else asks for
	insists  bool          // somebody else repeats what was throttled
}

func (s scenario) of(c conditions) int {
	if s.requests > 0 {
		return s.requests
	}
	return s.clients * int(float64(c.limit)*(s.stagger+10*time.Minute).Minutes())
}

// A run is the result of a scenario under some conditions.
type run struct {
	conditions
	time, optimum time.Duration
	throttled     float64 // % of the requests
	poorest       float64 // what the poorest sender got while all were sending, % of its fair share
}

// A client has requests to send.
type client struct {
	sender
	start    time.Duration
	left     int // requests to send
	inFlight int
	passed   int // requests that passed while all clients were sending
}

// A request is in flight: to the service, or back.
type request struct {
	client  *client
	permit  *Permit
	next    time.Duration // its arrival, then its return
	arrived bool
	wait    time.Duration // Retry-After of its response; 0 = it passed
}

func (s scenario) simulate(c conditions, by strategy) run {
	random := rand.New(rand.NewPCG(c.seed, 1))
	oneWay := func() time.Duration { return c.latency/4 + time.Duration(random.Int64N(int64(c.latency/2))) }
	n, atOnce := s.of(c), cmp.Or(by.atOnce, c.atOnce)
	clients := make([]*client, max(1, s.clients))
	for i := range clients {
		clients[i] = &client{sender: by.make(), left: n / len(clients)}
		if i > 0 && s.stagger > 0 {
			clients[i].start = time.Duration(random.Int64N(int64(s.stagger)))
		}
	}
	lastStart := slices.MaxFunc(clients, func(a, b *client) int { return cmp.Compare(a.start, b.start) }).start
	out := run{conditions: c, optimum: s.optimum(c, clients)}
	service, together, throttled := newLimiter(c), true, 0

	others, pause, wanted := forever, float64(c.period)/(s.others*float64(c.limit)), 0
	if s.others > 0 {
		others = time.Duration(pause)
	}
	passed, idleUntil := 0, time.Duration(0)
	var flying []request
	for now := time.Duration(0); ; {
		if now >= others {
			for wanted++; wanted > 0 && service.pass(now) == 0; {
				wanted--
			}
			if !s.insists {
				wanted = 0
			}
			others = now + time.Duration(pause)
			if c.seed%2 == 0 {
				others = now + time.Duration(pause*random.ExpFloat64())
			}
		}
		for i := range flying {
			r := &flying[i]
			if r.arrived || now < r.next {
				continue
			}
			r.arrived, r.next = true, now+oneWay()
			if wait := service.pass(now); wait > 0 {
				r.wait = roundUp(wait) + c.retryExtra
				continue
			}
			if now >= lastStart && together {
				r.client.passed++
			}
			if passed++; passed == n/2 {
				idleUntil = now + s.idle
				if s.change > 0 {
					service.limit = c.part(s.change)
				}
			}
		}
		flying = slices.DeleteFunc(flying, func(r request) bool {
			if !r.arrived || now < r.next {
				return false
			}
			r.client.inFlight--
			if r.wait > 0 {
				throttled++
				r.client.left++
				r.client.throttle(now, r.permit, r.wait)
			} else {
				r.client.succeed(now)
			}
			if r.client.left+r.client.inFlight == 0 {
				together = false
			}
			return true
		})
		next, left := others, 0
		for _, cl := range clients {
			left += cl.left
			if begin := max(cl.start, idleUntil); now < begin {
				next = min(next, begin)
				continue
			}
			for cl.left > 0 && cl.inFlight < atOnce {
				if delay := cl.delay(now); delay > 0 {
					next = min(next, now+min(delay, forever))
					break
				}
				cl.left--
				cl.inFlight++
				flying = append(flying, request{client: cl, permit: cl.take(now), next: now + oneWay()})
			}
		}
		if len(flying) == 0 && left == 0 {
			out.time, out.throttled, out.poorest = now, 100*float64(throttled)/float64(n), poorest(clients)
			return out
		}
		for _, r := range flying {
			next = min(next, r.next)
		}
		if next >= forever {
			panic(fmt.Sprintf("%s, %v: nothing would ever be sent again", by.name, c))
		}
		now = next
	}
}

func poorest(clients []*client) float64 {
	least, all := math.MaxInt, 0
	for _, c := range clients {
		least, all = min(least, c.passed), all+c.passed
	}
	return 100 * float64(least*len(clients)) / float64(all)
}

func (c conditions) part(of float64) int { return int(math.Round(of * float64(c.limit))) }

// optimum is the time that clients take who know the limit.
func (s scenario) optimum(c conditions, clients []*client) (now time.Duration) {
	service := newLimiter(c)
	service.limit = c.part(1 - s.others)
	starts := make([]time.Duration, len(clients))
	for i, cl := range clients {
		starts[i] = cl.start
	}
	slices.Sort(starts)
	n, ways := s.of(c), c.atOnce*max(1, s.clients)
	for i := range n / len(clients) * len(clients) {
		if i == n/2 {
			now += s.idle
			if s.change > 0 {
				service.limit = c.part(s.change)
			}
		}
		now = max(now, time.Duration(i/ways)*c.latency, starts[i/(n/len(clients))])
		for wait := service.pass(now); wait > 0; wait = service.pass(now) {
			now += wait
		}
	}
	return now + c.latency
}

// roundUp returns whole seconds, as a Retry-After.
func roundUp(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }
