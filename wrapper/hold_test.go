package wrapper_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestRetryAfterHoldsBackOtherCalls(t *testing.T) {
	for _, tc := range []struct {
		name     string
		response slacktest.Answer // to the first call
		ctx      func(context.Context) (context.Context, context.CancelFunc)
		want     result // of the second call
		returns  delayRange
	}{
		{"a 429 until it is over", rateLimitedForMinute, nil, success, between(time.Minute, 61*time.Second)},
		{"a transient refusal until it is over", slacktest.Refused("service_unavailable").With("Retry-After", "60"), nil, success, between(time.Minute, 61*time.Second)},
		{"a 503 until it is over", unavailable("60"), nil, success, between(time.Minute, 61*time.Second)},
		{"a refusal of one call not at all", slacktest.Refused("user_not_found").With("Retry-After", "60"), nil, success, immediately},
		{
			"a 429 until the context is cancelled", rateLimitedForMinute, cancelledAfter(30 * time.Second),
			failure(0, "", notSent, "canceled").withCauses(context.Canceled),
			exactly(30 * time.Second),
		},
		{
			"a 429 beyond MaxRetryAfter is not waited for", slacktest.RateLimited(121 * time.Second), nil,
			failure(0, "ratelimited", retryable|notSent, "ratelimited").withRetryAfter(121 * time.Second).withText("an earlier response asked to wait 2m1s"),
			immediately,
		},
		{
			"a 429 beyond the deadline is not waited for", rateLimitedForMinute, deadline(30 * time.Second),
			failure(0, "ratelimited", retryable|notSent|stopsRun, "ratelimited").withRetryAfter(time.Minute).withCauses(context.DeadlineExceeded).withText("the context would end first"),
			immediately,
		},
		{
			"a 503 beyond MaxRetryAfter is not waited for", unavailable("121"), nil,
			failure(0, "", retryable|notSent, "no_answer").withRetryAfter(121 * time.Second),
			immediately,
		},
		{
			"a 503 beyond the deadline is not waited for", unavailable("60"), deadline(30 * time.Second),
			failure(0, "", retryable|notSent|stopsRun, "deadline").withRetryAfter(time.Minute).withCauses(context.DeadlineExceeded),
			immediately,
		},
	} {
		inBubble(t, tc.name, func(t *testing.T) {
			slack := slacktest.New()
			slack.Script(tc.response)
			c := newClient(t, slack, wrapper.Options{})
			go func() { _, _ = reset(t.Context(), c) }()
			synctest.Wait()
			ctx := t.Context()
			if tc.ctx != nil {
				limited, cancel := tc.ctx(ctx)
				defer cancel()
				ctx = limited
			}

			start := time.Now()
			resp, err := reset(ctx, c)
			tc.want.assertIs(t, resp, err)
			tc.returns.assertContains(t, time.Since(start), "before the return")
			if tc.want.success {
				return
			}
			assert.Len(t, slack.Calls(), 1, "nothing is sent")
			var e *wrapper.Error
			require.ErrorAs(t, err, &e)
			assert.Zero(t, e.Attempts)
			assert.Empty(t, e.RequestID, "that of the other call")
		})
	}
}

func TestHoldOfAnotherClientDoesNotExplainTheFailureOfATokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(time.Hour))
		held := newClient(t, slack, wrapper.Options{})
		_, err := reset(t.Context(), held)
		require.ErrorIs(t, err, wrapper.ErrRateLimited)

		c := held.WithTokenSource(func(ctx context.Context) (string, error) {
			_, err := reset(ctx, held)
			return "", err
		})
		_, err = reset(t.Context(), c)
		assert.Equal(t, (notSent | stopsRun).judgement("token_source"), judge(err), "%v", err)
		assert.Zero(t, assertCallError(t, err).RetryAfter)
	})
}

func TestHoldDoesNotReachTheOtherMethodOrWorkspace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(time.Hour))
		c := newClient(t, slack, wrapper.Options{})
		_, err := reset(t.Context(), c)
		require.ErrorIs(t, err, wrapper.ErrRateLimited)

		start := time.Now()
		_, err = invalidate(t.Context(), c)
		require.NoError(t, err)
		_, err = reset(t.Context(), c.WithTokenSource(wrapper.StaticToken(token)))
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
	})
}

func TestSlowTokenSourceHoldsUpNoOtherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(time.Second))
		var fetches atomic.Int32
		var c *wrapper.Client
		c = newClient(t, slack, wrapper.Options{}).WithTokenSource(func(ctx context.Context) (string, error) {
			switch fetches.Add(1) {
			case 2:
				time.Sleep(10 * time.Minute)
			case 3: // a source that calls its own client
				_, err := reset(ctx, c)
				return token, err
			}
			return token, nil
		})
		start := time.Now()
		_, err := reset(t.Context(), c.WithTokenSource(wrapper.StaticToken(token)))
		require.NoError(t, err)
		var others sync.WaitGroup
		for range 2 {
			others.Go(func() {
				_, err := reset(t.Context(), c)
				assert.NoError(t, err)
			})
		}
		_, err = reset(t.Context(), c)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), 11*time.Minute)
		others.Wait()
	})
}

// Windows of Slack's limits last a minute, and 429s without a usable Retry-After have been recorded.
func TestRateLimitsWithoutRetryAfterFailNoCall(t *testing.T) {
	for name, response := range map[string]slacktest.Answer{
		"missing": status(429), "0": status429("0"), "a word": status429("soon"), "a past date": status429(httpDate(-time.Hour)),
	} {
		for clients, shared := range map[string]bool{"one client": true, "a client for each call": false} {
			inBubble(t, name+"/"+clients, func(t *testing.T) {
				slack := slacktest.New()
				slack.Down(time.Now(), time.Minute, response)
				c := newClient(t, slack, wrapper.Options{})
				var calls sync.WaitGroup
				for range 200 {
					own := c
					if !shared {
						own = newClient(t, slack, wrapper.Options{})
					}
					calls.Go(func() {
						_, err := reset(t.Context(), own)
						assert.NoError(t, err)
					})
				}
				calls.Wait()
			})
		}
	}
}

func TestHoldOfAnotherCallLeavesTheLastResponseAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limitLater := slacktest.RateLimited(time.Hour)
		limitLater.Delay = 2 * time.Second
		slack := slacktest.New()
		slack.Script(limitLater, unavailable("5"))
		c := newClient(t, slack, wrapper.Options{})
		var other sync.WaitGroup
		other.Go(func() { _, _ = reset(t.Context(), c) })
		synctest.Wait()

		_, err := reset(t.Context(), c)
		e := assertCallError(t, err)
		assert.Equal(t, 503, e.StatusCode)
		assert.Equal(t, 5*time.Second, e.RetryAfter)
		assert.Empty(t, e.Code)
		assert.ErrorContains(t, err, "HTTP 503")
		assert.ErrorContains(t, err, "longer than MaxRetryAfter (2m0s)")
		assert.Equal(t, (retryable | unknown).judgement("http_503"), judge(err))
		other.Wait()
	})
}

func TestAttemptWaitsForTokenThenPacingThenLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(rateLimitedForMinute)
		start := time.Now()
		var steps []string
		step := func(name string) { steps = append(steps, name+" "+time.Since(start).String()) }
		c := newClient(t, slack, wrapper.Options{
			Limiter: limiterFunc(func(context.Context) error { step("limiter"); return nil }),
			Observe: func(context.Context, wrapper.Attempt) { step("attempt") },
		}).WithTokenSource(func(context.Context) (string, error) { step("token"); return token, nil })
		_, err := reset(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, []string{"token 0s", "limiter 0s", "attempt 0s", "token 0s", "limiter 1m0s", "attempt 1m0s"}, steps)
	})
}

func TestHoldThatBeginsBeforeTheRequestIsWaitedFor(t *testing.T) {
	for _, where := range []string{"token source", "limiter"} {
		inBubble(t, "while the "+where+" waits", func(t *testing.T) {
			slack := slacktest.New()
			slack.Script(rateLimitedForMinute)
			var asked atomic.Int32
			wait := func(here string) {
				if here == where && asked.Add(1) == 1 {
					time.Sleep(10 * time.Second)
				}
			}
			c := newClient(t, slack, wrapper.Options{
				Limiter: limiterFunc(func(context.Context) error { wait("limiter"); return nil }),
			}).WithTokenSource(func(context.Context) (string, error) { wait("token source"); return token, nil })
			start := time.Now()
			var slow sync.WaitGroup
			slow.Go(func() {
				_, err := reset(t.Context(), c)
				assert.NoError(t, err)
			})
			synctest.Wait()
			_, err := reset(t.Context(), c) // meets the limit
			require.NoError(t, err)
			slow.Wait()

			require.Len(t, slack.Calls(), 3)
			for i, request := range slack.Calls()[1:] {
				assert.GreaterOrEqual(t, request.At.Sub(start), time.Minute, "request %d", i+2)
			}
		})
	}
}

func TestLimiterThatFailsGivesThePermitBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(rateLimitedForMinute) // afterwards one request is in flight at a time
		var limiterErr error
		c := newClient(t, slack, wrapper.Options{Limiter: limiterFunc(func(context.Context) error { return limiterErr }), Retry: singleAttempt})
		_, err := reset(t.Context(), c)
		require.ErrorIs(t, err, wrapper.ErrRateLimited)
		limiterErr = errBoom
		_, err = reset(t.Context(), c)
		require.ErrorIs(t, err, errBoom)
		limiterErr = nil

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = reset(ctx, c)
		assert.NoError(t, err)
	})
}

// A handler of net/http's server recovers such a panic, and goes on with the same client.
func TestPanicGivesThePermitBack(t *testing.T) {
	for _, where := range []string{"transport", "limiter"} {
		inBubble(t, where, func(t *testing.T) {
			slack := slacktest.New()
			panics := func(here string) {
				if here == where {
					panic(errBoom)
				}
			}
			c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
				panics("transport")
				return slack.RoundTrip(r)
			}), wrapper.Options{Limiter: limiterFunc(func(context.Context) error { panics("limiter"); return nil })})
			assert.PanicsWithValue(t, errBoom, func() { _, _ = reset(t.Context(), c) })

			where = ""                         // nothing panics
			slack.Script(rateLimitedForMinute) // afterwards one request is in flight at a time
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			_, err := reset(ctx, c)
			assert.NoError(t, err)
		})
	}
}
