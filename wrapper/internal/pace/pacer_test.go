package pace

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func mustWait(t *testing.T, p *Pacer) *Turn {
	t.Helper()
	turn, err := p.Wait(t.Context(), &Call{MaxHold: Forever})
	require.NoError(t, err)
	return turn
}

// limit makes g meet a limit after n passes.
func limit(t *testing.T, p *Pacer, n int, retryAfter time.Duration) {
	t.Helper()
	for range n {
		mustWait(t, p).Passed(0)
	}
	mustWait(t, p).Refused(retryAfter)
}

func TestPaceAWaitingCallGoesWhenRetryAfterHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 0, 7*time.Second)
		start := time.Now()
		mustWait(t, &p).Passed(0)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

func TestPaceALimitLongerThanPatienceEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 0, time.Hour)
		start := time.Now()
		_, err := p.Wait(t.Context(), &Call{MaxHold: 2 * time.Minute})
		var held *HeldBack
		require.ErrorAs(t, err, &held)
		assert.Equal(t, &HeldBack{RateLimit: true, Remaining: time.Hour}, held)
		assert.Zero(t, time.Since(start))
		mustWait(t, &p).Passed(0)
		assert.Equal(t, time.Hour, time.Since(start), "who waits forever still goes")
	})
}

func TestPaceALimitBeyondTheDeadlineEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 0, 10*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.Wait(ctx, &Call{MaxHold: Forever})
		var held *HeldBack
		require.ErrorAs(t, err, &held)
		assert.Equal(t, &HeldBack{RateLimit: true, Remaining: 10 * time.Second, Deadline: true}, held)
		assert.Zero(t, time.Since(start))
	})
}

func TestPaceACallThatWaitsAlreadyIsToldOfALongerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		late := mustWait(t, &p) // its answer comes later
		limit(t, &p, 3, 10*time.Second)
		start := time.Now()
		var err error
		go func() { _, err = p.Wait(t.Context(), &Call{MaxHold: time.Minute}) }()
		synctest.Wait()
		time.Sleep(time.Second)
		late.Refused(time.Hour)
		synctest.Wait()
		var held *HeldBack
		require.ErrorAs(t, err, &held)
		assert.Equal(t, time.Hour, held.Remaining)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestPaceCancellationGivesThePlaceInTheQueueUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 0, 10*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := p.Wait(ctx, &Call{MaxHold: Forever})
			assert.Equal(t, context.Canceled, err)
		}()
		synctest.Wait()
		start := time.Now()
		time.AfterFunc(5*time.Second, cancel)
		mustWait(t, &p).Passed(0)
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Empty(t, p.queue)
	})
}

func TestPaceACancelledCallTakesNoTurn(t *testing.T) {
	var p Pacer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Wait(ctx, &Call{MaxHold: Forever})
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, p.rate.inflight)
}

func TestPaceFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 20, 30*time.Second)
		var mu sync.Mutex
		var order []int
		for i := range 10 {
			go func() {
				turn, err := p.Wait(t.Context(), &Call{MaxHold: Forever})
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Duration(i%3) * 100 * time.Millisecond)
				turn.Passed(0)
			}()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.IsIncreasing(t, order)
		assert.Len(t, order, 10)
	})
}

func TestPaceASingleCallIsNotStarvedByABulkRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		ctx, cancel := context.WithCancel(t.Context())
		slack := limitedSlack(slacktest.TokenBucket(20, minute))
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				for {
					turn, err := p.Wait(ctx, &Call{MaxHold: Forever})
					if err != nil {
						return
					}
					time.Sleep(200 * time.Millisecond)
					if n, wait := slack.Take(slacktest.MethodReset, 1); n == 1 {
						turn.Passed(0)
					} else {
						wait = (wait + time.Second - 1).Truncate(time.Second)
						turn.Refused(wait)
					}
				}
			})
		}
		time.Sleep(5 * time.Minute)
		begin := time.Now()
		mustWait(t, &p).Passed(0)
		assert.Less(t, time.Since(begin), 9*4*time.Second, "eight are in front of it, 3 s each")
		cancel()
		running.Wait()
	})
}

func TestPaceATurnIsWorthNothingOnceALimitWasMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		slow := mustWait(t, &p) // still asks for a token
		assert.True(t, slow.Valid())
		limit(t, &p, 0, 3*time.Second)
		assert.False(t, slow.Valid())
		time.Sleep(time.Minute)
		assert.False(t, slow.Valid(), "or all that waited for a token would go together")
		slow.GiveBack()
		assert.True(t, mustWait(t, &p).Valid())
	})
}

func TestPaceATurnIsSettledOnce(t *testing.T) {
	var p Pacer
	turn := mustWait(t, &p)
	turn.Passed(0)
	turn.GiveBack()
	turn.Refused(time.Hour)
	assert.Zero(t, p.rate.inflight)
	assert.True(t, mustWait(t, &p).Valid())
}

func TestPaceAnUnansweredRequestHoldsNobodyUpForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		limit(t, &p, 20, 10*time.Second)
		start := time.Now()
		lost := mustWait(t, &p) // the one that comes back first
		time.AfterFunc(30*time.Second, lost.GiveBack)
		mustWait(t, &p).Passed(0)
		assert.Equal(t, 40*time.Second, time.Since(start))
	})
}

func TestPaceManyCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		var wg sync.WaitGroup
		for seed := range uint64(200) {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(seed, 0))
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rnd.IntN(600))*time.Second)
					turn, err := p.Wait(ctx, &Call{MaxHold: time.Duration(rnd.IntN(120)) * time.Second})
					if err == nil {
						time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
						switch chance := rnd.IntN(20); {
						case !turn.Valid(), chance == 0:
							turn.GiveBack()
						case chance == 1:
							turn.Refused(time.Duration(rnd.IntN(5)) * time.Second)
						default:
							turn.Passed(0)
						}
					}
					cancel()
				}
			})
		}
		wg.Wait()
		assert.Zero(t, p.rate.inflight)
		assert.Empty(t, p.queue)
	})
}

func BenchmarkPacerWithoutALimit(b *testing.B) {
	var p Pacer
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		turn, err := p.Wait(ctx, &Call{MaxHold: Forever})
		if err != nil {
			b.Fatal(err)
		}
		if turn.Valid() {
			turn.Passed(0)
		}
	}
}
