package pace

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const maxOutage = 10 * time.Minute

func newRun() *Run { return &Run{MaxOutage: maxOutage, Backoff: doubling} }

func doubling(n int) time.Duration { return min(30*time.Second, 500*time.Millisecond<<min(n-1, 6)) }

func every(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// call returns another call of the run.
func (r *Run) call() *Waiter { return &Waiter{MaxHold: Forever, Run: r} }

// fail sends one request of each call. None gets a response. It returns the state that the last one was told.
func fail(t *testing.T, p *Pacer, f Failure, calls ...*Waiter) (state Outage) {
	t.Helper()
	for _, w := range calls {
		_, state = waitAs(t, p, w).Failed(f)
	}
	return state
}

// open begins an outage of the run, and returns a call of it.
func open(t *testing.T, p *Pacer, r *Run) *Waiter {
	t.Helper()
	w := r.call()
	require.Equal(t, OpenOutage, fail(t, p, Failure{Cause: "refused"}, r.call(), r.call(), w))
	return w
}

func TestBreakerStatesFollowTheTableOfRun(t *testing.T) {
	final := Failure{Final: true}
	names := []string{"NoOutage", "OpenOutage", "BrokenConnection"}
	events := map[string]func(t *testing.T, p *Pacer, r *Run, older *Permit){
		"a call fails, fewer than three in a row": func(t *testing.T, p *Pacer, r *Run, _ *Permit) {
			fail(t, p, Failure{}, r.call(), r.call())
		},
		"a third call fails in a row": func(t *testing.T, p *Pacer, r *Run, older *Permit) {
			if r.state == NoOutage {
				fail(t, p, Failure{}, r.call(), r.call())
			}
			older.Failed(Failure{})
		},
		"the same, all failures final, never a response": func(t *testing.T, p *Pacer, r *Run, older *Permit) {
			if r.state == NoOutage {
				fail(t, p, final, r.call(), r.call())
			}
			older.Failed(final)
		},
		"response":  func(_ *testing.T, _ *Pacer, _ *Run, older *Permit) { older.Responded(0) },
		"cancelled": func(_ *testing.T, _ *Pacer, _ *Run, older *Permit) { older.Cancel() },
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
					r := newRun()
					older := waitAs(t, &p, r.call())
					switch Outage(s) {
					case NoOutage:
					case OpenOutage:
						open(t, &p, r)
					case BrokenConnection:
						fail(t, &p, final, r.call(), r.call(), r.call())
					}
					require.Equal(t, Outage(s), r.state)
					happens(t, &p, r, older)
					assert.Equal(t, after, names[r.state])
				})
			})
		}
	}
	assert.Len(t, rows, len(events), "each row of the table is an event above")
}

func TestBreakerOpensWhenThreeCallsInARowFail(t *testing.T) {
	r := newRun()
	a, b, c, single, another := r.call(), r.call(), r.call(), &Waiter{MaxHold: Forever}, newRun().call()
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
				*r = *newRun()
				var state Outage
				for _, w := range row.calls {
					if w == nil {
						waitAs(t, &p, r.call()).Responded(0)
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
		r := newRun()
		fail(t, &p, Failure{}, r.call(), r.call())
		waitAs(t, &p, r.call()).Throttled(time.Second)
		assert.Equal(t, NoOutage, fail(t, &p, Failure{}, r.call()))
	})
}

func TestBreakerIgnoresCancelledRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		for range 5 {
			waitAs(t, &p, r.call()).Cancel()
		}
		fail(t, &p, Failure{}, r.call(), r.call())
		waitAs(t, &p, r.call()).Cancel()
		assert.Equal(t, OpenOutage, fail(t, &p, Failure{}, r.call()), "a cancelled request is no response either")
	})
}

func TestBreakerSendsProbesOneAtATimeAfterTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		var p Pacer
		r := newRun()
		r.Backoff = func(n int) time.Duration {
			asked = append(asked, n)
			return time.Duration(n) * time.Second
		}
		open(t, &p, r)
		start, inFlight := time.Now(), 0
		var sent []time.Duration
		var mu sync.Mutex
		ctx, cancel := context.WithCancel(t.Context())
		for range 8 {
			go func() {
				w := r.call()
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

func TestBreakerLeavesHalfASecondBeforeEachProbe(t *testing.T) {
	for name, settle := range map[string]func(*Permit){
		"failed":    func(t *Permit) { t.Failed(Failure{}) },
		"cancelled": func(t *Permit) { t.Cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				r := &Run{MaxOutage: maxOutage, Backoff: every(0)}
				w := open(t, &p, r)
				start := time.Now()
				probe := waitAs(t, &p, w)
				assert.Equal(t, 500*time.Millisecond, time.Since(start), "however short the backoff is")
				time.Sleep(30 * time.Second)
				settle(probe)
				start = time.Now()
				waitAs(t, &p, w).Cancel()
				assert.Equal(t, 500*time.Millisecond, time.Since(start), "however long the probe took")
			})
		})
	}
}

func TestBreakerDoesNotBackOffForOlderRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		var p Pacer
		r := newRun()
		older := []*Permit{waitAs(t, &p, r.call()), waitAs(t, &p, r.call())}
		r.Backoff = func(n int) time.Duration {
			asked = append(asked, n)
			return 10 * time.Second
		}
		w := open(t, &p, r)
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
		r := newRun()
		older := waitAs(t, &p, r.call())
		w := open(t, &p, r)
		start := time.Now()
		time.AfterFunc(time.Minute, func() { older.Failed(Failure{}) })
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Minute+minTrialGap, time.Since(start))
	})
}

func TestBreakerClosesWithAnyResponse(t *testing.T) {
	for name, respond := range map[string]func(*Permit){
		"response":   func(t *Permit) { t.Responded(0) },
		"rate limit": func(t *Permit) { t.Throttled(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				r := &Run{MaxOutage: maxOutage, Backoff: every(5 * time.Minute)}
				older := waitAs(t, &p, r.call())
				w := open(t, &p, r)
				start := time.Now()
				time.AfterFunc(10*time.Second, func() { respond(older) })
				waitAs(t, &p, w).Responded(0)
				assert.Less(t, time.Since(start), 12*time.Second)
				assert.Equal(t, NoOutage, fail(t, &p, Failure{}, r.call(), r.call()), "and counts from the start")
			})
		})
	}
}

func TestBreakerBacksOffAnewInTheNextOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		w := open(t, &p, r)
		for range 10 {
			fail(t, &p, Failure{}, w)
		}
		waitAs(t, &p, w).Responded(0)
		w = open(t, &p, r)
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, doubling(1), time.Since(start))
	})
}

func TestBreakerForgetsTheBackoffOfAnEndedOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: maxOutage, Backoff: every(5 * time.Minute)}
		older := waitAs(t, &p, r.call())
		open(t, &p, r)
		older.Responded(0)
		r.Backoff = every(time.Second)
		w := open(t, &p, r)
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestBreakerClosesWithASlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		open(t, &p, r)
		inFlight, seen := 0, []int{}
		var mu sync.Mutex
		for range 16 {
			go func() {
				permit, err := p.Wait(t.Context(), r.call())
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
		r := newRun()
		throttled, older := wait(t, &p), waitAs(t, &p, r.call())
		for range 10 {
			wait(t, &p) // in flight until the end
		}
		open(t, &p, r)
		throttled.Throttled(time.Second)
		older.Responded(0)
		assert.Equal(t, NoOutage, r.state)
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
			r := &Run{MaxOutage: most, Backoff: every(7 * time.Second)}
			for range 4 {
				go func() {
					w := r.call()
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
		r := newRun()
		older := waitAs(t, &p, r.call())
		time.Sleep(time.Minute)
		waitAs(t, &p, r.call()).Responded(0)
		start := time.Now()
		time.Sleep(time.Minute)
		older.Failed(Failure{})
		fail(t, &p, Failure{}, r.call(), r.call())
		for {
			if _, err := p.Wait(t.Context(), r.call()); err != nil {
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
			r := &Run{MaxOutage: none, Backoff: doubling}
			_, err := p.Wait(t.Context(), open(t, &p, r))
			assert.Equal(t, &OutageError{Cause: "refused"}, err)
		})
	}
}

func TestSingleCallsNeitherWaitForNorEndAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: maxOutage, Backoff: every(time.Minute)}
		w := open(t, &p, r)
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
		assert.Equal(t, OpenOutage, r.state)
		cancel()
		assert.Equal(t, context.Canceled, <-ended)
	})
}

func TestHoldAppliesToProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: maxOutage, Backoff: every(time.Second)}
		w := open(t, &p, r)
		delay, state := waitAs(t, &p, w).Failed(Failure{Hold: time.Minute})
		assert.Equal(t, OpenOutage, state)
		assert.Equal(t, time.Minute, delay)
		_, err := p.Wait(t.Context(), &Waiter{MaxHold: time.Second})
		assert.Equal(t, &HoldError{Remaining: time.Minute}, err, "and to single calls")
		start := time.Now()
		waitAs(t, &p, w).Cancel()
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestFailuresAndCancelsLeaveTheRateAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		meetLimit(t, &p, 20, 50*time.Second)
		time.Sleep(50 * time.Second)
		w := open(t, &p, r)
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
		"after a response":          {func(t *Permit) { t.Responded(0) }, [3]Failure{final, final, final}, OpenOutage},
		"after a rate limit":        {func(t *Permit) { t.Throttled(1) }, [3]Failure{final, final, final}, OpenOutage},
		"after a cancelled request": {func(t *Permit) { t.Cancel() }, [3]Failure{final, final, final}, BrokenConnection},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				r := newRun()
				if row.before != nil {
					row.before(waitAs(t, &p, r.call()))
				}
				var older *Permit
				if row.want == BrokenConnection {
					older = waitAs(t, &p, r.call())
				}
				var delay time.Duration
				var state Outage
				for _, f := range row.fail {
					time.Sleep(100 * time.Millisecond)
					delay, state = waitAs(t, &p, r.call()).Failed(f)
				}
				assert.Equal(t, row.want, state)
				if row.want != BrokenConnection {
					assert.Positive(t, delay)
					return
				}
				assert.Zero(t, delay)
				_, state = older.Failed(final)
				assert.Equal(t, BrokenConnection, state, "for requests in flight too")
				_, err := p.Wait(t.Context(), r.call())
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
