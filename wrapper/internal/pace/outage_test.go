package pace

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const patience = 10 * time.Minute // MaxOutage of the runs below

func newRun() *Run { return &Run{MaxOutage: patience, Backoff: double} }

// call is another call of the run.
func (r *Run) call() *Call { return &Call{MaxHold: Forever, Run: r} }

// double is a backoff.
func double(n int) time.Duration { return min(30*time.Second, 500*time.Millisecond<<min(n-1, 6)) }

// fail sends one request of each call, all of which get no answer, and reports what the last one was told.
func fail(t *testing.T, p *Pacer, calls ...*Call) (outage bool) {
	t.Helper()
	for _, c := range calls {
		turn, err := p.Wait(t.Context(), c)
		require.NoError(t, err)
		_, outage = turn.Unanswered(0)
	}
	return outage
}

// begin makes a run meet an outage, and returns a call of it that waits for its end.
func begin(t *testing.T, p *Pacer, r *Run) *Call {
	t.Helper()
	c := r.call()
	outage := fail(t, p, r.call(), r.call(), c)
	require.True(t, outage)
	return c
}

func TestPaceOutageBeginsWithThreeCallsInARow(t *testing.T) {
	r := newRun()
	a, b, c, single, another := r.call(), r.call(), r.call(), &Call{MaxHold: Forever}, newRun().call()
	for _, row := range []struct {
		name   string
		calls  []*Call // nil is an answer
		outage bool
	}{
		{"three calls", []*Call{a, b, c}, true},
		{"two calls", []*Call{a, b}, false},
		{"one call again and again", []*Call{a, a, a, a, a}, false},
		{"two calls in turn", []*Call{a, b, a, b, a}, false},
		{"three calls, one of them twice", []*Call{a, b, a, c}, true},
		{"an answer in between", []*Call{a, b, nil, c}, false},
		{"an answer before", []*Call{a, nil, a, b, c}, true},
		{"single calls", []*Call{single, {}, {}, {}}, false},
		{"a single call among them", []*Call{a, b, single}, false},
		{"a call of another run", []*Call{a, b, another}, false},
		{"three calls, others among them", []*Call{a, single, b, another, c}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				*r = *newRun()
				var outage bool
				for _, c := range row.calls {
					if c == nil {
						turn, err := p.Wait(t.Context(), r.call())
						require.NoError(t, err)
						turn.Passed(0)
						continue
					}
					outage = fail(t, &p, c)
				}
				assert.Equal(t, row.outage, outage)
			})
		})
	}
}

func TestPaceARateLimitIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		fail(t, &p, r.call(), r.call())
		turn, err := p.Wait(t.Context(), r.call())
		require.NoError(t, err)
		turn.Refused(time.Second)
		outage := fail(t, &p, r.call())
		assert.False(t, outage)
	})
}

func TestPaceProbesGoOneAtATimeAfterTheirPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		var p Pacer
		r := newRun()
		r.Backoff = func(n int) time.Duration {
			asked = append(asked, n)
			return time.Duration(n) * time.Second
		}
		begin(t, &p, r)
		start, flying := time.Now(), 0
		var sent []time.Duration
		var mu sync.Mutex
		for range 8 {
			go func() {
				c := r.call()
				for {
					turn, err := p.Wait(t.Context(), c)
					if err != nil {
						return
					}
					mu.Lock()
					flying++
					assert.Equal(t, 1, flying)
					sent = append(sent, time.Since(start))
					mu.Unlock()
					time.Sleep(300 * time.Millisecond) // counts towards the pause
					mu.Lock()
					flying--
					mu.Unlock()
					_, outage := turn.Unanswered(0)
					assert.True(t, outage)
				}
			}()
		}
		time.Sleep(15*time.Second + 400*time.Millisecond)
		synctest.Wait()
		assert.Equal(t, []time.Duration{1 * time.Second, 3 * time.Second, 6 * time.Second, 10 * time.Second, 15 * time.Second}, sent)
		assert.Equal(t, []int{1, 2, 3, 4, 5, 6}, asked)
	})
}

func TestPaceAProbeThatHangsIsFollowedHalfASecondLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: patience, Backoff: func(int) time.Duration { return 0 }}
		c := begin(t, &p, r)
		start := time.Now()
		turn, err := p.Wait(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, apart, time.Since(start), "however short the backoff")
		time.Sleep(30 * time.Second)
		pause, _ := turn.Unanswered(0)
		assert.Equal(t, apart, pause)
	})
}

func TestPaceAnOutageEndsWithAnyAnswer(t *testing.T) {
	for name, answer := range map[string]func(*Turn){
		"pass":       func(turn *Turn) { turn.Passed(0) },
		"rate limit": func(turn *Turn) { turn.Refused(time.Second) },
	} {
		synctest.Test(t, func(t *testing.T) {
			var p Pacer
			r := &Run{MaxOutage: patience, Backoff: func(int) time.Duration { return 5 * time.Minute }}
			late, err := p.Wait(t.Context(), r.call())
			require.NoError(t, err)
			c := begin(t, &p, r)
			start := time.Now()
			time.AfterFunc(10*time.Second, func() { answer(late) })
			_, err = p.Wait(t.Context(), c)
			require.NoError(t, err)
			assert.Less(t, time.Since(start), 12*time.Second, name)
		})
	}
}

func TestPaceRequestsComeBackOneByOneAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		begin(t, &p, r)
		flying, most := 0, []int{}
		var mu sync.Mutex
		for range 16 {
			go func() {
				turn, err := p.Wait(t.Context(), r.call())
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				flying++
				most = append(most, flying)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				flying--
				mu.Unlock()
				turn.Passed(0)
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, most, 16)
		assert.Equal(t, []int{1, 1, 1, 2}, most[:4])
	})
}

func TestPaceNoCallWaitsForAnOutageForLongerThanMaxOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		start := time.Now()
		ended := map[time.Duration][]time.Duration{} // by MaxOutage
		var mu sync.Mutex
		for _, most := range []time.Duration{time.Minute, patience} {
			r := &Run{MaxOutage: most, Backoff: func(int) time.Duration { return 7 * time.Second }}
			for range 4 {
				go func() {
					c := r.call()
					for {
						turn, err := p.Wait(t.Context(), c)
						if err != nil {
							assert.Equal(t, &Outage{For: most}, err)
							mu.Lock()
							ended[most] = append(ended[most], time.Since(start))
							mu.Unlock()
							return
						}
						if time.Since(start) == 0 {
							time.Sleep(20 * time.Second)
						}
						if _, outage := turn.Unanswered(0); !outage {
							time.Sleep(time.Second)
						}
					}
				}()
			}
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		for most, times := range ended {
			assert.Equal(t, []time.Duration{most, most, most, most}, times, "from the start of the first request that went unanswered")
		}
		assert.Len(t, ended, 2)
	})
}

func TestPaceWithoutMaxOutageTheFirstMomentEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, none := range []time.Duration{0, -1} {
			var p Pacer
			r := &Run{MaxOutage: none, Backoff: double}
			_, err := p.Wait(t.Context(), begin(t, &p, r))
			var outage *Outage
			require.ErrorAs(t, err, &outage)
		}
	})
}

func TestPaceSingleCallsIgnoreOutages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: patience, Backoff: func(int) time.Duration { return time.Minute }}
		c := begin(t, &p, r)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, err := p.Wait(ctx, c); assert.Equal(t, context.Canceled, err) }() // ahead of them
		synctest.Wait()
		start := time.Now()
		for range 5 {
			turn, err := p.Wait(t.Context(), &Call{})
			require.NoError(t, err)
			pause, outage := turn.Unanswered(0)
			assert.False(t, outage)
			assert.Zero(t, pause)
		}
		assert.Zero(t, time.Since(start))
		cancel()
		synctest.Wait()
	})
}

func TestPaceAHoldAppliesToProbesAndSingleCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := &Run{MaxOutage: patience, Backoff: func(int) time.Duration { return time.Second }}
		c := begin(t, &p, r)
		turn, err := p.Wait(t.Context(), c)
		require.NoError(t, err)
		pause, outage := turn.Unanswered(time.Minute)
		assert.True(t, outage)
		assert.Equal(t, time.Minute, pause)
		_, err = p.Wait(t.Context(), &Call{MaxHold: time.Second})
		assert.Equal(t, &HeldBack{Remaining: time.Minute}, err)
		start := time.Now()
		_, err = p.Wait(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestPaceUnansweredRequestsLeaveWhatIsKnownAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		r := newRun()
		limit(t, &p, 20, time.Minute)
		time.Sleep(time.Minute)
		c := begin(t, &p, r)
		for range 10 {
			fail(t, &p, c)
		}
		mustWait(t, &p).Passed(0)
		assert.Equal(t, 20-1, p.rate.credit)
	})
}
