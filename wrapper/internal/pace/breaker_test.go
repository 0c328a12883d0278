package pace

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const maxOutage = 10 * time.Minute

func newBreaker() *Breaker { return &Breaker{MaxOutage: maxOutage, Backoff: doubling} }

func doubling(n int) time.Duration { return min(30*time.Second, 500*time.Millisecond<<min(n-1, 6)) }

func every(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// call returns another call of the run.
func (b *Breaker) call() *Waiter { return &Waiter{MaxRetryAfter: forever, Breaker: b} }

// fail sends one request of each call. None gets a response. It returns the state that the last one was told.
func fail(t *testing.T, p *Pacer, f Failure, calls ...*Waiter) (state Outage) {
	t.Helper()
	for _, w := range calls {
		_, state = waitAs(t, p, w).Failed(f)
	}
	return state
}

// open begins an outage of the run, and returns a call of it.
func open(t *testing.T, p *Pacer, b *Breaker) *Waiter {
	t.Helper()
	w := b.call()
	require.Equal(t, OpenOutage, fail(t, p, Failure{Cause: "refused"}, b.call(), b.call(), w))
	return w
}

func TestBreakerStatesFollowTheTableOfRun(t *testing.T) {
	final := Failure{Final: true}
	names := []string{"NoOutage", "OpenOutage", "BrokenConnection"}
	events := map[string]func(t *testing.T, p *Pacer, b *Breaker, older *Permit){
		"failure, one or two calls since a response": func(t *testing.T, p *Pacer, b *Breaker, _ *Permit) {
			fail(t, p, Failure{}, b.call(), b.call())
		},
		"failure, three or more calls since a response": func(t *testing.T, p *Pacer, b *Breaker, older *Permit) {
			if b.state == NoOutage {
				fail(t, p, Failure{}, b.call(), b.call())
			}
			older.Failed(Failure{})
		},
		"the same, all failures final, never a response": func(t *testing.T, p *Pacer, b *Breaker, older *Permit) {
			if b.state == NoOutage {
				fail(t, p, final, b.call(), b.call())
			}
			older.Failed(final)
		},
		"response":  func(_ *testing.T, _ *Pacer, _ *Breaker, older *Permit) { older.Responded(0) },
		"cancelled": func(_ *testing.T, _ *Pacer, _ *Breaker, older *Permit) { older.Cancel() },
	}
	rows := docTable(t, "breaker.go", names...)
	for event, happens := range events {
		require.Contains(t, rows, event, "breaker.go has no such row")
		for s, after := range rows[event] {
			if after == "-" {
				continue
			}
			t.Run(names[s]+"/"+event, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var p Pacer
					b := newBreaker()
					older := waitAs(t, &p, b.call())
					switch Outage(s) {
					case NoOutage:
					case OpenOutage:
						open(t, &p, b)
					case BrokenConnection:
						fail(t, &p, final, b.call(), b.call(), b.call())
					}
					require.Equal(t, Outage(s), b.state)
					happens(t, &p, b, older)
					assert.Equal(t, after, names[b.state])
				})
			})
		}
	}
	assert.Len(t, rows, len(events), "each row of the table is an event above")
}

func TestBreakerOpensWhenThreeCallsInARowFail(t *testing.T) {
	breaker := newBreaker()
	a, b, c, single, another := breaker.call(), breaker.call(), breaker.call(), &Waiter{MaxRetryAfter: forever}, newBreaker().call()
	for _, row := range []struct {
		name  string
		calls []*Waiter // that fail; nil is a response to a call of the run
		want  Outage
	}{
		{"three calls", []*Waiter{a, b, c}, OpenOutage},
		{"two calls", []*Waiter{a, b}, NoOutage},
		{"one call again and again", []*Waiter{a, a, a, a, a}, NoOutage},
		{"two calls in turn", []*Waiter{a, b, a, b, a}, NoOutage},
		{"three calls, one of them twice", []*Waiter{a, b, a, c}, OpenOutage},
		{"a response in between", []*Waiter{a, b, nil, c}, NoOutage},
		{"a response before", []*Waiter{a, nil, a, b, c}, OpenOutage},
		{"single calls", []*Waiter{single, {}, {}, {}}, NoOutage},
		{"one single call again and again", []*Waiter{single, single, single, single}, NoOutage},
		{"a single call among them", []*Waiter{a, b, single}, NoOutage},
		{"a call of another run", []*Waiter{a, b, another}, NoOutage},
		{"three calls, others among them", []*Waiter{a, single, b, another, c}, OpenOutage},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				*breaker = *newBreaker()
				var state Outage
				for _, w := range row.calls {
					if w == nil {
						waitAs(t, &p, breaker.call()).Responded(0)
						continue
					}
					state = fail(t, &p, Failure{}, w)
				}
				assert.Equal(t, row.want, state)
			})
		})
	}
}

func TestBreakerTakesARateLimitForAResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		fail(t, &p, Failure{}, b.call(), b.call())
		waitAs(t, &p, b.call()).Throttled(time.Second)
		assert.Equal(t, NoOutage, fail(t, &p, Failure{}, b.call()))
	})
}

func TestBreakerIgnoresCancelledRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		for range 5 {
			waitAs(t, &p, b.call()).Cancel()
		}
		fail(t, &p, Failure{}, b.call(), b.call())
		waitAs(t, &p, b.call()).Cancel()
		assert.Equal(t, OpenOutage, fail(t, &p, Failure{}, b.call()), "a cancelled request is no response either")
	})
}

func TestBreakerSendsTrialsOneAtATimeAfterTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		var p Pacer
		b := newBreaker()
		b.Backoff = func(n int) time.Duration {
			asked = append(asked, n)
			return time.Duration(n) * time.Second
		}
		open(t, &p, b)
		start, inFlight := time.Now(), 0
		var sent []time.Duration
		var mu sync.Mutex
		ctx, cancel := context.WithCancel(t.Context())
		for range 8 {
			go func() {
				w := b.call()
				for {
					permit, err := p.Wait(ctx, w)
					if err != nil {
						return
					}
					mu.Lock()
					inFlight++
					assert.Equal(t, 1, inFlight)
					sent = append(sent, time.Since(start))
					mu.Unlock()
					time.Sleep(300 * time.Millisecond) // is part of the backoff
					mu.Lock()
					inFlight--
					mu.Unlock()
					delay, state := permit.Failed(Failure{})
					assert.Equal(t, OpenOutage, state)
					assert.Equal(t, time.Duration(len(sent)+1)*time.Second-300*time.Millisecond, delay)
				}
			}()
		}
		time.Sleep(15*time.Second + 400*time.Millisecond)
		cancel()
		synctest.Wait()
		assert.Equal(t, []time.Duration{1 * time.Second, 3 * time.Second, 6 * time.Second, 10 * time.Second, 15 * time.Second}, sent)
		assert.Equal(t, []int{1, 2, 3, 4, 5, 6}, asked)
	})
}

func TestBreakerSendsNoTrialEarlierBecauseAnOldRequestFails(t *testing.T) {
	for name, backoff := range map[string]time.Duration{"20 s": 20 * time.Second, "the longest": math.MaxInt64} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				b := &Breaker{MaxOutage: maxOutage, Backoff: every(backoff)}
				old := waitAs(t, &p, b.call())
				time.Sleep(25 * time.Second)
				open(t, &p, b)
				time.Sleep(5 * time.Second)
				delay, _ := old.Failed(Failure{})
				assert.Equal(t, min(backoff, forever)-5*time.Second, delay)
			})
		})
	}
}

func TestBreakerLeavesHalfASecondBeforeEachTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := &Breaker{MaxOutage: maxOutage, Backoff: every(0)}
		w := open(t, &p, b)
		start := time.Now()
		trial := waitAs(t, &p, w)
		assert.Equal(t, 500*time.Millisecond, time.Since(start), "however short the backoff is")
		time.Sleep(30 * time.Second)
		trial.Failed(Failure{})
		start = time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, 500*time.Millisecond, time.Since(start), "however long the trial took")
	})
}

func TestBreakerDoesNotBackOffForOlderRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		var p Pacer
		b := newBreaker()
		older := []*Permit{waitAs(t, &p, b.call()), waitAs(t, &p, b.call())}
		b.Backoff = func(n int) time.Duration {
			asked = append(asked, n)
			return 10 * time.Second
		}
		w := open(t, &p, b)
		start := time.Now()
		time.Sleep(4 * time.Second)
		older[0].Failed(Failure{})
		older[1].Cancel()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Equal(t, []int{1, 1}, asked)
	})
}

func TestBreakerWaitsForRequestsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		older := waitAs(t, &p, b.call())
		waitAs(t, &p, b.call()).Responded(0) // they are counted on
		w := open(t, &p, b)
		start := time.Now()
		time.AfterFunc(time.Minute, func() { older.Failed(Failure{}) })
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Minute+minTrialGap, time.Since(start))
	})
}

func TestBreakerClosesWithAnyResponse(t *testing.T) {
	for name, respond := range map[string]func(*Permit){
		"response":   func(permit *Permit) { permit.Responded(0) },
		"rate limit": func(permit *Permit) { permit.Throttled(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				b := &Breaker{MaxOutage: maxOutage, Backoff: every(5 * time.Minute)}
				older := waitAs(t, &p, b.call())
				w := open(t, &p, b)
				start := time.Now()
				time.AfterFunc(10*time.Second, func() { respond(older) })
				waitAs(t, &p, w).Responded(0)
				assert.Less(t, time.Since(start), 12*time.Second)
				assert.Equal(t, NoOutage, fail(t, &p, Failure{}, b.call(), b.call()), "and counts from the start")
			})
		})
	}
}

func TestBreakerBacksOffAnewInTheNextOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		w := open(t, &p, b)
		for range 10 {
			fail(t, &p, Failure{}, w)
		}
		waitAs(t, &p, w).Responded(0)
		w = open(t, &p, b)
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, doubling(1), time.Since(start))
	})
}

func TestBreakerForgetsTheBackoffOfAnEndedOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := &Breaker{MaxOutage: maxOutage, Backoff: every(5 * time.Minute)}
		older := waitAs(t, &p, b.call())
		open(t, &p, b)
		older.Responded(0)
		b.Backoff = every(time.Second)
		w := open(t, &p, b)
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestBreakerClosesWithASlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		open(t, &p, b)
		inFlight, seen := 0, []int{}
		var mu sync.Mutex
		for range 16 {
			go func() {
				permit, err := p.Wait(t.Context(), b.call())
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				inFlight++
				seen = append(seen, inFlight)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				inFlight--
				mu.Unlock()
				permit.Responded(0)
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, seen, 16)
		assert.Equal(t, []int{1, 1, 1, 2}, seen[:4])
	})
}

func TestBreakerClosesWithoutUndoingASlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		throttled, older := wait(t, &p), waitAs(t, &p, b.call())
		for range 10 {
			wait(t, &p) // in flight until the end
		}
		open(t, &p, b)
		throttled.Throttled(time.Second)
		older.Responded(0)
		assert.Equal(t, NoOutage, b.state)
		assert.Equal(t, 2, p.rate.maxInFlight, "one, and one more with the success")
	})
}

func TestOutageEndsTheRunAfterMaxOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		start := time.Now()
		ended := map[time.Duration][]time.Duration{} // by MaxOutage
		var mu sync.Mutex
		for _, most := range []time.Duration{time.Minute, maxOutage} {
			b := &Breaker{MaxOutage: most, Backoff: every(7 * time.Second)}
			for range 4 {
				go func() {
					w := b.call()
					for {
						permit, err := p.Wait(t.Context(), w)
						if err != nil {
							assert.Equal(t, &OutageError{For: most, Cause: "refused"}, err)
							mu.Lock()
							ended[most] = append(ended[most], time.Since(start))
							mu.Unlock()
							return
						}
						if time.Since(start) == 0 {
							time.Sleep(20 * time.Second)
						}
						if _, state := permit.Failed(Failure{Cause: "refused"}); state == NoOutage {
							time.Sleep(time.Second)
						}
					}
				}()
			}
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		for most, times := range ended {
			assert.Equal(t, []time.Duration{most, most, most, most}, times, "from the start of the first request that failed")
		}
		assert.Len(t, ended, 2)
	})
}

func TestOutageCountsFromTheLastResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		older := waitAs(t, &p, b.call())
		time.Sleep(time.Minute)
		waitAs(t, &p, b.call()).Responded(0)
		start := time.Now()
		time.Sleep(time.Minute)
		older.Failed(Failure{})
		fail(t, &p, Failure{}, b.call(), b.call())
		for {
			if _, err := p.Wait(t.Context(), b.call()); err != nil {
				break
			}
		}
		assert.Equal(t, maxOutage, time.Since(start))
	})
}

func TestWithoutMaxOutageTheRunEndsAtOnce(t *testing.T) {
	for _, none := range []time.Duration{0, -1} {
		synctest.Test(t, func(t *testing.T) {
			var p Pacer
			b := &Breaker{MaxOutage: none, Backoff: doubling}
			_, err := p.Wait(t.Context(), open(t, &p, b))
			assert.Equal(t, &OutageError{Cause: "refused"}, err)
		})
	}
}

func TestSingleCallsNeitherWaitForNorEndAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := &Breaker{MaxOutage: maxOutage, Backoff: every(time.Minute)}
		w := open(t, &p, b)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { // it is ahead of them in the queue
			_, err := p.Wait(ctx, w)
			ended <- err
		}()
		synctest.Wait()
		start := time.Now()
		for range 5 {
			permit := waitAs(t, &p, &Waiter{})
			delay, state := permit.Failed(Failure{})
			assert.Equal(t, NoOutage, state)
			assert.Zero(t, delay)
		}
		waitAs(t, &p, &Waiter{}).Responded(0)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, OpenOutage, b.state)
		cancel()
		assert.Equal(t, context.Canceled, <-ended)
	})
}

func TestHoldAppliesToTrials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := &Breaker{MaxOutage: maxOutage, Backoff: every(time.Second)}
		w := open(t, &p, b)
		delay, state := waitAs(t, &p, w).Failed(Failure{RetryAfter: time.Minute})
		assert.Equal(t, OpenOutage, state)
		assert.Equal(t, time.Minute, delay)
		_, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: time.Second})
		assert.EqualError(t, err, "an earlier response asked to wait 1m0s, longer than MaxRetryAfter (1s)", "and to single calls")
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestHoldOfAFinalFailureAppliesInAnOutageOnly(t *testing.T) {
	for name, row := range map[string]struct {
		run  func(t *testing.T, p *Pacer, b *Breaker)
		want time.Duration
	}{
		"single call": {func(t *testing.T, p *Pacer, _ *Breaker) { fail(t, p, finalWithRetryAfter, &Waiter{}) }, 0},
		"two calls":   {func(t *testing.T, p *Pacer, b *Breaker) { fail(t, p, finalWithRetryAfter, b.call(), b.call()) }, 0},
		"broken connection": {func(t *testing.T, p *Pacer, b *Breaker) {
			fail(t, p, finalWithRetryAfter, b.call(), b.call(), b.call())
		}, 0},
		"outage": {func(t *testing.T, p *Pacer, b *Breaker) { fail(t, p, finalWithRetryAfter, open(t, p, b)) }, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				row.run(t, &p, &Breaker{MaxOutage: maxOutage, Backoff: every(0)})
				start := time.Now()
				wait(t, &p).Responded(0)
				assert.Equal(t, row.want, time.Since(start))
			})
		})
	}
}

var finalWithRetryAfter = Failure{RetryAfter: time.Minute, Final: true}

func TestFailuresAndCancelsLeaveTheRateAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		meetLimit(t, &p, 20, 50*time.Second)
		time.Sleep(50 * time.Second)
		w := open(t, &p, b)
		for range 4 {
			fail(t, &p, Failure{}, w)
			waitAs(t, &p, w).Cancel()
		}
		wait(t, &p).Responded(0)
		assert.Equal(t, windows, p.rate.state)
		assert.Equal(t, 20-1, p.rate.tokens)
	})
}

func TestConnectionThatCannotWorkEndsTheRunAtOnce(t *testing.T) {
	final, other := Failure{Cause: "not trusted", Final: true}, Failure{Cause: "refused"}
	for name, row := range map[string]struct {
		before func(*Permit) // reported for a first request
		fail   [3]Failure
		want   Outage
	}{
		"three final failures":      {nil, [3]Failure{final, final, final}, BrokenConnection},
		"one that may be mended":    {nil, [3]Failure{final, other, final}, OpenOutage},
		"the last may be mended":    {nil, [3]Failure{final, final, other}, OpenOutage},
		"the first may be mended":   {nil, [3]Failure{other, final, final}, OpenOutage},
		"after a response":          {func(permit *Permit) { permit.Responded(0) }, [3]Failure{final, final, final}, OpenOutage},
		"after a rate limit":        {func(permit *Permit) { permit.Throttled(1) }, [3]Failure{final, final, final}, OpenOutage},
		"after a cancelled request": {func(permit *Permit) { permit.Cancel() }, [3]Failure{final, final, final}, BrokenConnection},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				b := newBreaker()
				if row.before != nil {
					row.before(waitAs(t, &p, b.call()))
				}
				var older *Permit
				if row.want == BrokenConnection {
					older = waitAs(t, &p, b.call())
				}
				var delay time.Duration
				var state Outage
				for _, f := range row.fail {
					time.Sleep(100 * time.Millisecond)
					delay, state = waitAs(t, &p, b.call()).Failed(f)
				}
				assert.Equal(t, row.want, state)
				if row.want != BrokenConnection {
					assert.Positive(t, delay)
					return
				}
				assert.Zero(t, delay)
				_, state = older.Failed(final)
				assert.Equal(t, BrokenConnection, state, "for requests in flight too")
				_, err := p.Wait(t.Context(), b.call())
				assert.Equal(t, &OutageError{For: 200 * time.Millisecond, Cause: "not trusted", Broken: true}, err)
			})
		})
	}
}

func TestOutageErrorSaysHowLongAndWhy(t *testing.T) {
	assert.EqualError(t, &OutageError{For: 10*time.Minute + 3, Cause: "dial: refused"}, "no usable response for 10m0s, last: dial: refused")
	assert.EqualError(t, &OutageError{For: 3, Cause: "not trusted", Broken: true}, "no call of the run got a usable response, and retrying cannot help, last: not trusted")
	assert.NoError(t, errors.Unwrap(&OutageError{}))
}

func TestPermitCannotBeRenewedOnceAnOutageBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		slow := waitAs(t, &p, b.call())
		w := open(t, &p, b)
		assert.False(t, slow.Renew(), "a run in an outage sends one request at a time")
		slow.Cancel()
		assert.True(t, waitAs(t, &p, w).Renew())
	})
}

func TestOutageIsCountedFromTheRenewalOfThePermit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		first, second, third := waitAs(t, &p, b.call()), waitAs(t, &p, b.call()), waitAs(t, &p, b.call())
		time.Sleep(2 * maxOutage) // somewhere else than at the service
		for _, permit := range []*Permit{first, second, third} {
			require.True(t, permit.Renew())
			permit.Failed(Failure{})
		}
		waitAs(t, &p, b.call()).Responded(0)
	})
}
