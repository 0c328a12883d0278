package pace

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHoldKeepsEveryCallBackUntilItEnds(t *testing.T) {
	for name, hold := range map[string]func(*Permit){
		"rate limit": func(permit *Permit) { permit.Throttled(7 * time.Second) },
		"response":   func(permit *Permit) { permit.Responded(7 * time.Second) },
		"failure":    func(permit *Permit) { permit.Failed(Failure{RetryAfter: 7 * time.Second}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				hold(wait(t, &p))
				start := time.Now()
				wait(t, &p).Responded(0)
				assert.Equal(t, 7*time.Second, time.Since(start))
			})
		})
	}
}

func TestHoldLastsAsLongAsTheLongest(t *testing.T) {
	for name, holds := range map[string][]time.Duration{
		"longest first": {30 * time.Second, 10 * time.Second},
		"longest last":  {10 * time.Second, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				first, second := wait(t, &p), wait(t, &p)
				start := time.Now()
				first.Throttled(holds[0])
				second.Responded(holds[1])
				_, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: time.Second})
				var held *HoldError
				require.ErrorAs(t, err, &held)
				assert.Equal(t, 30*time.Second, held.Remaining)
				assert.Equal(t, holds[0] > holds[1], held.RateLimit)
				wait(t, &p).Responded(0)
				assert.Equal(t, 30*time.Second, time.Since(start))
			})
		})
	}
}

func TestHoldLongerThanMaxRetryAfterFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 0, time.Hour+time.Millisecond)
		start := time.Now()
		_, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: 2 * time.Minute})
		var held *HoldError
		require.ErrorAs(t, err, &held)
		assert.True(t, held.RateLimit)
		assert.Equal(t, time.Hour+time.Second, held.Remaining, "rounded up")
		assert.EqualError(t, err, "an earlier response asked to wait 1h0m1s, longer than MaxRetryAfter (2m0s)")
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))

		time.Sleep(time.Hour + time.Millisecond - 2*time.Minute)
		waitAs(t, &p, &Waiter{MaxRetryAfter: 2 * time.Minute}).Responded(0)
		assert.Equal(t, time.Hour+time.Millisecond, time.Since(start), "a hold of exactly MaxRetryAfter is waited for")
	})
}

func TestHoldOfARunIsWaitedForUpToTheLongerSetting(t *testing.T) {
	for _, row := range []struct {
		maxRetryAfter, maxOutage, hold time.Duration
		want                           string // setting that the hold exceeds; "" means that it is waited for
	}{
		{time.Minute, time.Hour, time.Hour, ""},
		{time.Minute, time.Hour, time.Hour + 1, "MaxOutage (1h0m0s)"},
		{time.Hour, time.Minute, time.Hour, ""},
		{time.Hour, time.Minute, time.Hour + 1, "MaxRetryAfter (1h0m0s)"},
		{time.Hour, -1, time.Hour + 1, "MaxRetryAfter (1h0m0s)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var p Pacer
			w := &Waiter{MaxRetryAfter: row.maxRetryAfter, Breaker: &Breaker{MaxOutage: row.maxOutage, Backoff: doubling}}
			wait(t, &p).Responded(row.hold)
			start := time.Now()
			permit, err := p.Wait(t.Context(), w)
			if row.want != "" {
				assert.ErrorContains(t, err, "longer than "+row.want)
				return
			}
			require.NoError(t, err)
			permit.Responded(0)
			assert.Equal(t, row.hold, time.Since(start))
		})
	}
}

func TestHoldOfARateLimitIsWaitedForByARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 0, time.Hour)
		start := time.Now()
		waitAs(t, &p, &Waiter{Breaker: &Breaker{}}).Responded(0)
		assert.Equal(t, time.Hour, time.Since(start))
	})
}

func TestHoldBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 0, 10*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.Wait(ctx, &Waiter{MaxRetryAfter: forever})
		assert.Equal(t, &HoldError{RateLimit: true, Remaining: 10 * time.Second, Reason: wouldEndError{}}, err)
		assert.EqualError(t, err, "an earlier response asked to wait 10s, the context would end first")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))

		time.Sleep(500 * time.Millisecond)
		ctx, cancel = context.WithTimeout(t.Context(), 9500*time.Millisecond)
		defer cancel()
		_, err = p.Wait(ctx, &Waiter{MaxRetryAfter: forever})
		assert.NotErrorAs(t, err, new(*HoldError), "the hold is not rounded up")
	})
}

func TestWithoutAHoldThereIsNoHoldError(t *testing.T) {
	var p Pacer
	_, err := p.Wait(passed{t.Context()}, &Waiter{})
	assert.NotErrorAs(t, err, new(*HoldError), "although the deadline has passed")
}

func TestHoldThatGrowsFailsCallsThatWaitAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		late := wait(t, &p)
		meetLimit(t, &p, 3, 10*time.Second)
		start := time.Now()
		ended := make(chan error)
		go func() {
			_, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: time.Minute})
			ended <- err
		}()
		synctest.Wait()
		time.Sleep(time.Second)
		late.Throttled(time.Hour)
		var held *HoldError
		require.ErrorAs(t, <-ended, &held)
		assert.Equal(t, time.Hour, held.Remaining)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestHoldOfAnyLengthDoesNotOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		time.Sleep(24 * time.Hour)
		first, second := wait(t, &p), wait(t, &p)
		assert.Equal(t, time.Duration(math.MaxInt64), first.Throttled(math.MaxInt64))
		second.Responded(math.MaxInt64)
		_, err := p.Wait(t.Context(), &Waiter{MaxRetryAfter: 24 * time.Hour})
		assert.ErrorAs(t, err, new(*HoldError))
	})
}

func TestThrottledWithoutRetryAfterDoublesTheHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		different := map[time.Duration]bool{}
		for range 3 {
			var p Pacer
			for _, seconds := range []int{5, 10, 20, 40, 60, 60, 60} {
				least := time.Duration(seconds) * time.Second
				hold := wait(t, &p).Throttled(0)
				assert.GreaterOrEqual(t, hold, least)
				assert.Less(t, hold, least*6/5)
				different[hold-least] = true
				start := time.Now()
				next := wait(t, &p)
				assert.Equal(t, hold, time.Since(start))
				next.Cancel()
			}
		}
		assert.Greater(t, len(different), 1, "the jitter is random")
	})
}

func TestAHoldThatNobodyAskedForDoesNotShowWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		meetLimit(t, &p, 20, time.Second)
		for range 4 { // the last one is for 40 s or more
			wait(t, &p).Throttled(0)
		}
		meetLimit(t, &p, 20, time.Second)
		assert.Equal(t, steady, p.rate.state)
	})
}

func TestDoublingEndsWithAResponseThatSaysMore(t *testing.T) {
	for name, response := range map[string]func(*Permit){
		"response":                      func(permit *Permit) { permit.Responded(0) },
		"rate limit with a Retry-After": func(permit *Permit) { permit.Throttled(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pacer
				for range 4 {
					wait(t, &p).Throttled(-1)
				}
				response(wait(t, &p))
				assert.Less(t, wait(t, &p).Throttled(0), 6*time.Second)
			})
		})
	}
}

func TestDoublingBeginsWithARequestSentBeforeAnotherHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		asked, didNotSay := wait(t, &p), wait(t, &p)
		asked.Throttled(time.Second)
		hold := didNotSay.Throttled(0)
		assert.GreaterOrEqual(t, hold, 5*time.Second)
		assert.Less(t, hold, 6*time.Second)
	})
}

func TestDoublingCountsRequestsInFlightTogetherOnce(t *testing.T) {
	for _, roundTrip := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var p Pacer
			var permits []*Permit
			for range 8 {
				permits = append(permits, wait(t, &p))
			}
			time.Sleep(roundTrip)
			for _, permit := range permits {
				assert.Less(t, permit.Throttled(0), 6*time.Second)
			}
			assert.GreaterOrEqual(t, wait(t, &p).Throttled(0), 10*time.Second)
		})
	}
}
