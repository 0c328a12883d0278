package pace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wait returns a permit of a single call that waits for any hold.
func wait(t *testing.T, p *Pacer) *Permit {
	t.Helper()
	return waitAs(t, p, &Waiter{MaxRetryAfter: forever})
}

func waitAs(t *testing.T, p *Pacer, w *Waiter) *Permit {
	t.Helper()
	permit, err := p.Wait(t.Context(), w)
	require.NoError(t, err)
	return permit
}

// meetLimit gets n responses, and then a rate limit.
func meetLimit(t *testing.T, p *Pacer, n int, retryAfter time.Duration) {
	t.Helper()
	for range n {
		wait(t, p).Responded(0)
	}
	wait(t, p).Throttled(retryAfter)
}

func TestWaitServesCallsInTheOrderTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 20, 30*time.Second)
		granted := make([]time.Duration, 10) // by the order in which the calls came
		for i := range granted {
			go func() {
				permit, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: forever})
				if !assert.NoError(t, err) {
					return
				}
				granted[i] = permit.grantedAt
				time.Sleep(time.Duration(i%3) * 100 * time.Millisecond)
				permit.Responded(0)
			}()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.IsNonDecreasing(t, granted)
		assert.Less(t, granted[0], granted[9], "not all at once")
		assert.NotContains(t, granted, time.Duration(0), "each call has its permit")
	})
}

func TestWaitLetsASingleCallInBesideABulkRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		ctx, cancel := context.WithCancel(t.Context())
		service, start := newLimiter(conditions{kind: bucket, limit: 20, period: time.Minute}), time.Now()
		breaker := newBreaker()
		var mu sync.Mutex
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				for {
					permit, err := p.Wait(ctx, breaker.call())
					if err != nil {
						return
					}
					time.Sleep(200 * time.Millisecond)
					mu.Lock()
					retryAfter := roundUp(service.pass(time.Since(start)))
					mu.Unlock()
					if retryAfter > 0 {
						permit.Throttled(retryAfter)
					} else {
						permit.Responded(0)
					}
				}
			})
		}
		time.Sleep(5 * time.Minute)
		begin := time.Now()
		wait(t, &p).Responded(0)
		assert.LessOrEqual(t, time.Since(begin), 9*4*time.Second, "eight calls are before it, about 3 s each")
		cancel()
		running.Wait()
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.Wait(ctx, &Waiter{MaxRetryAfter: forever})
		assert.Equal(t, context.Canceled, err, "before it began")

		meetLimit(t, &p, 0, 10*time.Second)
		ctx, cancel = context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := p.Wait(ctx, &Waiter{MaxRetryAfter: forever})
			ended <- err
		}()
		synctest.Wait()
		start := time.Now()
		time.AfterFunc(5*time.Second, cancel)
		assert.Equal(t, context.Canceled, <-ended)
		assert.Equal(t, 5*time.Second, time.Since(start))
		wait(t, &p).Responded(0)
		assert.Equal(t, 10*time.Second, time.Since(start), "the cancelled call is out of the queue")
		assert.Empty(t, p.queue)
		assert.Zero(t, p.rate.inFlight)
	})
}

func TestWaitGoesOnWhenTheCallAheadGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 0, 10*time.Second)
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := p.Wait(ctx, &Waiter{MaxRetryAfter: forever})
			assert.Equal(t, context.Canceled, err)
		}()
		synctest.Wait()
		time.AfterFunc(5*time.Second, cancel)
		wait(t, &p).Responded(0)
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestPermitIsSettledOnce(t *testing.T) {
	settle := map[string]func(*Permit){
		"Responded": func(permit *Permit) { permit.Responded(time.Hour) },
		"Throttled": func(permit *Permit) { permit.Throttled(time.Hour) },
		"Failed":    func(permit *Permit) { permit.Failed(Failure{RetryAfter: time.Hour}) },
		"Cancel":    func(permit *Permit) { permit.Cancel() },
	}
	for name, again := range settle {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				permit := wait(t, &p)
				permit.Responded(0)
				before := p.rate
				time.Sleep(time.Second)
				again(permit)
				assert.Equal(t, before, p.rate)
				assert.Zero(t, p.rate.inFlight)
			})
		})
	}
}

func TestPermitCannotBeRenewedOnceAResponseAskedToWait(t *testing.T) {
	ask := map[string]func(*Permit){
		"rate limit": func(permit *Permit) { permit.Throttled(3 * time.Second) },
		"response":   func(permit *Permit) { permit.Responded(3 * time.Second) },
		"failure":    func(permit *Permit) { permit.Failed(Failure{RetryAfter: 3 * time.Second}) },
	}
	for name, asks := range ask {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				slow, other := wait(t, &p), wait(t, &p)
				assert.True(t, slow.Renew())
				asks(other)
				assert.False(t, slow.Renew())
				time.Sleep(time.Minute)
				assert.False(t, slow.Renew(), "otherwise all that waited elsewhere would go together")
				slow.Cancel()
				again := wait(t, &p)
				asks(again)
				assert.True(t, wait(t, &p).Renew(), "it was granted when the hold ended")
			})
		})
	}
}

func TestPermitCanBeRenewedWhileNothingHoldsRequestsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		slow := wait(t, &p)
		time.Sleep(time.Second)
		wait(t, &p).Responded(0)
		wait(t, &p).Failed(Failure{})
		wait(t, &p).Cancel()
		time.Sleep(time.Hour)
		assert.True(t, slow.Renew())
	})
}

func TestCancelLetsTheNextCallGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 20, 10*time.Second)
		start := time.Now()
		only := wait(t, &p) // slow start: one in flight
		time.AfterFunc(30*time.Second, only.Cancel)
		wait(t, &p).Responded(0)
		assert.Equal(t, 40*time.Second, time.Since(start))
	})
}

func TestPacerSurvivesManyCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		var wg sync.WaitGroup
		breakers := []*Breaker{nil, newBreaker(), newBreaker()}
		for seed := range uint64(100) {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(seed, 0))
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(600))*time.Second)
					permit, err := p.Wait(ctx, &Waiter{MaxRetryAfter: time.Duration(random.IntN(120)) * time.Second, Breaker: breakers[random.IntN(3)]})
					if err == nil {
						time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
						switch chance := random.IntN(20); {
						case !permit.Renew(), chance == 0:
							permit.Cancel()
						case chance == 1:
							permit.Throttled(time.Duration(random.IntN(5)) * time.Second)
						case chance <= 3:
							permit.Failed(Failure{})
						default:
							permit.Responded(0)
						}
					}
					cancel()
				}
			})
		}
		wg.Wait()
		assert.Zero(t, p.rate.inFlight)
		assert.Empty(t, p.queue)
		for _, b := range breakers[1:] {
			assert.Zero(t, b.inFlight)
		}
	})
}

func BenchmarkPacerWithoutALimit(b *testing.B) {
	var p Pacer
	b.ReportAllocs()
	for b.Loop() {
		permit, err := p.Wait(b.Context(), &Waiter{MaxRetryAfter: forever})
		if err != nil {
			b.Fatal(err)
		}
		if permit.Renew() {
			permit.Responded(0)
		}
	}
}

func ExamplePacer() {
	var p Pacer
	permit, err := p.Wait(context.Background(), &Waiter{MaxRetryAfter: 2 * time.Minute})
	if err != nil {
		return
	}
	defer permit.Cancel() // no-op after Responded
	if permit.Renew() {
		fmt.Println("send the request")
		permit.Responded(0)
	}
	// Output: send the request
}
