package pace

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	r := &Run{MaxOutage: maxOutage, Backoff: func(n int) time.Duration {
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
				for w := r.call(); ; {
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

// After an outage the limit may be forgotten, so requests are throttled as at the start of a run. Each time the limit is met,
// only those in flight are throttled: no more than the calls at once, and one more than succeeded since the time before.
func TestAnOutageIsFollowedByNoStampede(t *testing.T) {
	const soon = 31 * time.Second // a probe is sent within 30 s
	for _, c := range allKinds(minute, 2, 20, 50) {
		for _, from := range []time.Duration{0, 5*time.Minute + 7*time.Second} {
			for _, lasts := range []time.Duration{10 * time.Second, 9 * time.Minute} {
				o := outage{c, from, from + lasts}
				t.Run(fmt.Sprintf("%v/%v from %v", c, lasts, from), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						successes, inWave, throttled, back := 0, 0, 0, false
						var mostInWave int
						var held time.Duration
						for _, r := range o.endure(t) {
							if r.failed || r.at < o.until {
								continue
							}
							back = back || r.at < o.until+soon
							if !r.throttled {
								successes++
								continue
							}
							if r.at >= held {
								mostInWave, inWave, successes = min(c.atOnce, 1+successes), 0, 0
							}
							held = max(held, r.at+r.hold)
							inWave++
							require.LessOrEqual(t, inWave, mostInWave, "throttled at %v", r.at)
							if r.at < o.until+soon {
								throttled++
							}
						}
						assert.True(t, back || lasts < minute, "a request was sent soon after the outage, unless the limit is remembered")
						most := 2 * c.atOnce // a window begins within that time once at most
						if c.kind == bucket {
							most = c.atOnce + 3 // after the first time a token comes every few seconds
						}
						assert.LessOrEqual(t, throttled, most)
					})
				})
			}
		}
	}
}
