package pace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// An outage is a time during which a service does not respond.
type outage struct {
	conditions
	from, until time.Duration
}

// result is what a request came to, by the time of its response.
type result struct {
	at        time.Duration
	failed    bool
	throttled bool
	hold      time.Duration
}

// endure makes a run of enough calls to last until 3 minutes after the outage, and returns the results of their requests.
func (o outage) endure(t *testing.T) (results []result) {
	t.Helper()
	var p Pacer
	start, service, random := time.Now(), newLimiter(o.conditions), rand.New(rand.NewPCG(o.seed, 3))
	b := &Breaker{MaxOutage: maxOutage, Backoff: func(n int) time.Duration {
		return time.Duration(random.Int64N(int64(min(30*time.Second, 500*time.Millisecond<<min(n-1, 6)))))
	}}
	var mu sync.Mutex
	respond := func(permit *Permit) (done bool) {
		mu.Lock()
		now := time.Since(start)
		res := result{at: now, failed: now >= o.from && now < o.until}
		if !res.failed {
			res.hold = roundUp(service.pass(now))
			res.throttled = res.hold > 0
		}
		results = append(results, res)
		mu.Unlock()
		switch {
		case res.failed:
			permit.Failed(Failure{})
		case res.throttled:
			permit.Throttled(res.hold)
		default:
			permit.Responded(0)
		}
		return !res.failed && !res.throttled
	}
	var calls sync.WaitGroup
	for range o.atOnce {
		calls.Go(func() {
			for time.Since(start) < o.until+3*time.Minute {
				for w := b.call(); ; {
					permit, err := p.Wait(t.Context(), w)
					if !assert.NoError(t, err) {
						return
					}
					time.Sleep(o.latency)
					if respond(permit) {
						break
					}
				}
			}
		})
	}
	calls.Wait()
	return results
}

// A wave is the requests that are throttled because they are in flight when the limit is met.
type wave struct {
	size    int
	before  int           // successes since the wave before it
	holdEnd time.Duration // end of the longest hold that its responses ask for
}

func waves(results []result) (all []wave) {
	successes := 0
	for _, r := range results {
		if !r.throttled {
			successes++
			continue
		}
		if n := len(all); n == 0 || r.at >= all[n-1].holdEnd {
			all = append(all, wave{before: successes})
			successes = 0
		}
		w := &all[len(all)-1]
		w.size++
		w.holdEnd = max(w.holdEnd, r.at+r.hold)
	}
	return all
}

// The limit is forgotten during an outage, so after it requests are throttled as at the start of a run. Slow start bounds how
// many.
func TestAnOutageIsFollowedByNoStampede(t *testing.T) {
	const soon = 31 * time.Second // a trial is sent within 30 s
	for _, c := range allKinds(time.Minute, max(1, *seeds/16), 20, 50) {
		for _, from := range []time.Duration{0, 5*time.Minute + 7*time.Second} {
			for _, lasts := range []time.Duration{2 * time.Minute, 9 * time.Minute} {
				o := outage{c, from, from + lasts}
				t.Run(fmt.Sprintf("%v/%v from %v", c, lasts, from), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						after := slices.DeleteFunc(o.endure(t), func(r result) bool { return r.failed || r.at < o.until })
						for _, w := range waves(after) {
							assert.LessOrEqual(t, w.size, min(c.atOnce, 1+w.before), "slow start: %+v", w)
						}
						responses, throttled := 0, 0
						for _, r := range after {
							if r.at < o.until+soon {
								responses++
								if r.throttled {
									throttled++
								}
							}
						}
						assert.Positive(t, responses, "it is back")
						most := 2 * c.atOnce // only one window begins within that time
						if c.kind == bucket {
							most = c.atOnce + 3 // after the first wave, one token comes every few seconds
						}
						assert.LessOrEqual(t, throttled, most)
					})
				})
			}
		}
	}
}
