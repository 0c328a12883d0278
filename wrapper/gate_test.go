package wrapper

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// limitOf is Slack's answer that the rate limit is met.
func limitOf(d time.Duration) *Error {
	return &Error{Code: ErrRateLimited, StatusCode: http.StatusTooManyRequests, RetryAfter: d}
}

func mustWait(t *testing.T, g *gate) *turn {
	t.Helper()
	turn, err := g.wait(t.Context(), forever)
	require.NoError(t, err)
	return turn
}

// limit makes g meet a limit after n passes.
func limit(t *testing.T, g *gate, n int, retryAfter time.Duration) {
	t.Helper()
	for range n {
		mustWait(t, g).settle(nil, 0)
	}
	mustWait(t, g).settle(limitOf(retryAfter), retryAfter)
}

func TestAWaitingCallGoesWhenRetryAfterHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 0, 7*time.Second)
		start := time.Now()
		mustWait(t, &g).settle(nil, 0)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

func TestALimitLongerThanPatienceEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 0, time.Hour)
		start := time.Now()
		_, err := g.wait(t.Context(), 2*time.Minute)
		var held *heldBackError
		require.ErrorAs(t, err, &held)
		assert.NoError(t, held.ended)
		assert.Zero(t, time.Since(start))
		mustWait(t, &g).settle(nil, 0)
		assert.Equal(t, time.Hour, time.Since(start), "who waits forever still goes")
	})
}

func TestALimitBeyondTheDeadlineEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 0, 10*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		start := time.Now()
		_, err := g.wait(ctx, forever)
		var held *heldBackError
		require.ErrorAs(t, err, &held)
		assert.Equal(t, context.DeadlineExceeded, held.ended)
		assert.Zero(t, time.Since(start))
	})
}

func TestACallThatWaitsAlreadyIsToldOfALongerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		late := mustWait(t, &g) // its answer comes later
		limit(t, &g, 3, 10*time.Second)
		start := time.Now()
		var err error
		go func() { _, err = g.wait(t.Context(), time.Minute) }()
		synctest.Wait()
		time.Sleep(time.Second)
		late.settle(limitOf(time.Hour), time.Hour)
		synctest.Wait()
		var held *heldBackError
		require.ErrorAs(t, err, &held)
		assert.Equal(t, time.Hour, held.answer.RetryAfter)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestCancellationGivesThePlaceInTheQueueUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 0, 10*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := g.wait(ctx, forever)
			var held *heldBackError
			if assert.ErrorAs(t, err, &held) {
				assert.Equal(t, context.Canceled, held.ended)
			}
		}()
		synctest.Wait()
		start := time.Now()
		time.AfterFunc(5*time.Second, cancel)
		mustWait(t, &g).settle(nil, 0)
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Zero(t, g.queue.Len())
	})
}

func TestACancelledCallTakesNoTurn(t *testing.T) {
	var g gate
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.wait(ctx, forever)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, g.pace.inflight)
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 20, 30*time.Second)
		var mu sync.Mutex
		var order []int
		for i := range 10 {
			go func() {
				turn, err := g.wait(t.Context(), forever)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Duration(i%3) * 100 * time.Millisecond)
				turn.settle(nil, 0)
			}()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.IsIncreasing(t, order)
		assert.Len(t, order, 10)
	})
}

func TestASingleCallIsNotStarvedByABulkRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		ctx, cancel := context.WithCancel(t.Context())
		slack := limitedSlack(slacktest.TokenBucket(20, minute))
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				for {
					turn, err := g.wait(ctx, forever)
					if err != nil {
						return
					}
					time.Sleep(200 * time.Millisecond)
					if n, wait := slack.Take(slacktest.MethodReset, 1); n == 1 {
						turn.settle(nil, 0)
					} else {
						wait = (wait + time.Second - 1).Truncate(time.Second)
						turn.settle(limitOf(wait), wait)
					}
				}
			})
		}
		time.Sleep(5 * time.Minute)
		begin := time.Now()
		mustWait(t, &g).settle(nil, 0)
		assert.Less(t, time.Since(begin), 9*4*time.Second, "eight are in front of it, 3 s each")
		cancel()
		running.Wait()
	})
}

func TestATurnIsWorthNothingOnceALimitWasMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		slow := mustWait(t, &g) // still asks for a token
		assert.True(t, slow.valid())
		limit(t, &g, 0, 3*time.Second)
		assert.False(t, slow.valid())
		time.Sleep(time.Minute)
		assert.False(t, slow.valid(), "or all that waited for a token would go together")
		slow.giveBack()
		assert.True(t, mustWait(t, &g).valid())
	})
}

func TestATurnIsSettledOnce(t *testing.T) {
	var g gate
	turn := mustWait(t, &g)
	turn.settle(nil, 0)
	turn.giveBack()
	turn.settle(limitOf(time.Hour), time.Hour)
	assert.Zero(t, g.pace.inflight)
	assert.True(t, mustWait(t, &g).valid())
}

func TestAnUnansweredRequestHoldsNobodyUpForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		limit(t, &g, 20, 10*time.Second)
		start := time.Now()
		lost := mustWait(t, &g) // the one that comes back first
		time.AfterFunc(30*time.Second, lost.giveBack)
		mustWait(t, &g).settle(nil, 0)
		assert.Equal(t, 40*time.Second, time.Since(start))
	})
}

func TestManyCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		var wg sync.WaitGroup
		for seed := range uint64(200) {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(seed, 0))
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rnd.IntN(600))*time.Second)
					turn, err := g.wait(ctx, time.Duration(rnd.IntN(120))*time.Second)
					if err == nil {
						time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
						switch chance := rnd.IntN(20); {
						case !turn.valid(), chance == 0:
							turn.giveBack()
						case chance == 1:
							turn.settle(limitOf(time.Duration(rnd.IntN(5))*time.Second), time.Duration(rnd.IntN(5))*time.Second)
						default:
							turn.settle(nil, 0)
						}
					}
					cancel()
				}
			})
		}
		wg.Wait()
		assert.Zero(t, g.pace.inflight)
		assert.Zero(t, g.queue.Len())
	})
}

func BenchmarkGateWithoutALimit(b *testing.B) {
	var g gate
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		turn, err := g.wait(ctx, forever)
		if err != nil {
			b.Fatal(err)
		}
		if turn.valid() {
			turn.settle(nil, 0)
		}
	}
}
