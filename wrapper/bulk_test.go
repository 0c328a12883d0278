package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// bulkRun is BulkReset or BulkInvalidate, with inputs and results told apart by their user.
type bulkRun func(ctx context.Context, c *wrapper.Client, users iter.Seq[string], concurrency int) iter.Seq[outcome]

type outcome struct {
	user string
	resp *wrapper.Response
	err  error
}

var bulkRuns = map[string]bulkRun{
	"BulkReset": runOf((*wrapper.Client).BulkReset,
		func(user string) wrapper.ResetOptions { return wrapper.ResetOptions{UserID: user} },
		func(o wrapper.ResetOptions) string { return o.UserID }),
	"BulkInvalidate": runOf((*wrapper.Client).BulkInvalidate,
		func(user string) wrapper.InvalidateOptions {
			return wrapper.InvalidateOptions{UserID: user, SessionID: 1}
		},
		func(o wrapper.InvalidateOptions) string { return o.UserID }),
}

func runOf[O any](
	bulk func(*wrapper.Client, context.Context, iter.Seq[O], wrapper.BulkOptions) iter.Seq[wrapper.BulkResult[O]],
	input func(user string) O, user func(O) string,
) bulkRun {
	return func(ctx context.Context, c *wrapper.Client, users iter.Seq[string], concurrency int) iter.Seq[outcome] {
		var inputs iter.Seq[O]
		if users != nil {
			inputs = func(yield func(O) bool) {
				for u := range users {
					if !yield(input(u)) {
						return
					}
				}
			}
		}
		results := bulk(c, ctx, inputs, wrapper.BulkOptions{Concurrency: concurrency})
		return func(yield func(outcome) bool) {
			for r := range results {
				if !yield(outcome{user(r.Options), r.Response, r.Err}) {
					return
				}
			}
		}
	}
}

// eachRun tests both methods in virtual time. A goroutine that outlives the test fails it.
func eachRun(t *testing.T, test func(t *testing.T, run bulkRun)) {
	t.Helper()
	for name, run := range bulkRuns {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, run) })
		})
	}
}

// crowd is a sequence of users that knows how many of them were taken.
type crowd struct {
	size  int
	taken atomic.Int32
}

func (c *crowd) users(yield func(string) bool) {
	for i := range c.size {
		c.taken.Add(1)
		if !yield(nth(i + 1)) {
			return
		}
	}
}

func nth(i int) string { return fmt.Sprintf("W%d", i) }

// gauge counts the requests that its transport is busy with.
type gauge struct {
	http.RoundTripper
	busy, most, sent atomic.Int32
}

func (g *gauge) RoundTrip(r *http.Request) (*http.Response, error) {
	g.sent.Add(1)
	defer g.busy.Add(-1)
	for busy := g.busy.Add(1); ; {
		most := g.most.Load()
		if busy <= most || g.most.CompareAndSwap(most, busy) {
			return g.RoundTripper.RoundTrip(r)
		}
	}
}

// slow is a Slack that takes some time for each answer.
func slow(latency time.Duration) *gauge {
	return &gauge{RoundTripper: respond(slacktest.Answer{Delay: latency})}
}

func TestBulkYieldsOneResultForEachInput(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slacktest.New()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			switch c.UserID {
			case "W404":
				return slacktest.Refused("user_not_found")
			case "W500":
				return slacktest.Outage(http.StatusInternalServerError)
			case "W0":
				return slacktest.Answer{Err: io.ErrUnexpectedEOF}
			}
			return slacktest.Answer{}
		})
		users := []string{"W1", "W404", "", "W2", "W500", "W 3", "W1", "W0"}
		var got []string
		for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), slices.Values(users), 3) {
			got = append(got, r.user)
			assert.NotEqual(t, r.resp == nil, r.err == nil, "exactly one of response and error")
			switch r.user {
			case "W1", "W2":
				assert.NoError(t, r.err)
			case "W404":
				assert.ErrorIs(t, r.err, wrapper.ErrUserNotFound)
			case "W500":
				assert.ErrorContains(t, r.err, "HTTP 500")
			case "W0":
				assert.ErrorIs(t, r.err, io.ErrUnexpectedEOF)
			default:
				assert.ErrorIs(t, r.err, wrapper.ErrInvalidOptions)
			}
		}
		assert.ElementsMatch(t, users, got)
	})
}

func TestBulkMakesAsManyCallsAtOnceAsItsConcurrency(t *testing.T) {
	const latency = 200 * time.Millisecond
	for concurrency, most := range map[int]int{1: 1, 3: 3, 1000: 1000, 0: 8, -1: 8} {
		t.Run(fmt.Sprintf("concurrency %d", concurrency), func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack, inputs, start := slow(latency), &crowd{size: 3000}, time.Now()
				for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.users, concurrency) {
					require.NoError(t, r.err)
				}
				assert.EqualValues(t, most, slack.most.Load())
				assert.Equal(t, time.Duration(inputs.size/most)*latency, time.Since(start))
			})
		})
	}
}

func TestASlowCallDoesNotDelayTheResultsOfOthers(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, start := slacktest.New(), time.Now()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W1" {
				return slacktest.Answer{Delay: 10 * time.Second}
			}
			return slacktest.Answer{}
		})
		var order []string
		for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), (&crowd{size: 100}).users, 2) {
			require.NoError(t, r.err)
			order = append(order, r.user)
			if r.user != "W1" {
				assert.Zero(t, time.Since(start))
			}
		}
		assert.Equal(t, "W1", order[99])
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestARateLimitFailsNobody(t *testing.T) {
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name   string
		answer slacktest.Answer
	}{
		{"429", slacktest.RateLimited(day)},
		{"429 without JSON", slacktest.Outage(http.StatusTooManyRequests).With("Retry-After", "86400")},
		{"ratelimited in 200", slacktest.Answer{Body: `{"ok":false,"error":"ratelimited"}`}.With("Retry-After", "86400")},
		{"no word how long", slacktest.RateLimited(0).With("Retry-After")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack, start := slacktest.New(), time.Now()
				for range 30 {
					slack.Script(tc.answer)
				}
				c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{
					MaxAttempts:   1,
					MaxRetryAfter: time.Nanosecond,
					Retryable:     func(error) bool { return false },
				}})
				attempts := 0
				for r := range run(t.Context(), c, (&crowd{size: 50}).users, 0) {
					require.NoError(t, r.err)
					attempts += r.resp.Attempts
				}
				assert.Equal(t, 80, attempts)
				if tc.answer.Header.Get("Retry-After") != "" {
					assert.Greater(t, time.Since(start), day)
				}
			})
		})
	}
}

func TestARateLimitDoesNotUseUpTheAttempts(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slacktest.New()
		limited, broken := slacktest.RateLimited(time.Hour), slacktest.Outage(http.StatusBadGateway)
		slack.Script(limited, broken, limited, limited, limited, broken)
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 2}})
		var answered *wrapper.Error
		for r := range run(t.Context(), c, (&crowd{size: 1}).users, 0) {
			require.ErrorAs(t, r.err, &answered)
		}
		assert.Equal(t, http.StatusBadGateway, answered.StatusCode)
		assert.Equal(t, 6, answered.Attempts)
	})
}

func TestOnlyTheContextEndsTheWaitForARateLimit(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, inputs, start := slacktest.New(), &crowd{size: 100}, time.Now()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(10, 24*time.Hour, 0))
		slack.Limit(slacktest.MethodInvalidate, slacktest.FixedWindow(10, 24*time.Hour, 0))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		passed, held := 0, 0
		for r := range run(ctx, newClient(t, slack, wrapper.Options{}), inputs.users, 4) {
			if r.err == nil {
				passed++
				assert.Zero(t, time.Since(start))
				continue
			}
			held++
			assert.ErrorIs(t, r.err, context.Canceled)
			assert.Equal(t, time.Hour, time.Since(start))
		}
		assert.Equal(t, 10, passed)
		assert.Equal(t, 4, held)
		assert.EqualValues(t, 14, inputs.taken.Load())
	})
}

func TestARefusalThatIsNotAboutEveryCallDoesNotEndTheRun(t *testing.T) {
	for _, code := range []string{"user_not_found", "internal_error", "invalid_arguments", "code_of_tomorrow", ""} {
		t.Run(code, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				results := 0
				for r := range run(t.Context(), newClient(t, respond(slacktest.Refused(code)), wrapper.Options{}), (&crowd{size: 20}).users, 2) {
					results++
					var answered *wrapper.Error
					require.ErrorAs(t, r.err, &answered)
					assert.Equal(t, wrapper.ErrorCode(code), answered.Code)
				}
				assert.Equal(t, 20, results)
			})
		})
	}
}

func TestAnErrorThatWouldMeetEveryCallEndsTheRun(t *testing.T) {
	third := func(a slacktest.Answer) scene { return scene{slack: []slacktest.Answer{{}, {}, a}} }
	for name, tc := range map[string]struct {
		scene
		want []error
		sent int
	}{
		"refusal":                               {third(slacktest.Refused("token_revoked")), []error{wrapper.ErrTokenRevoked}, 3},
		"rate limit that outlasts the deadline": {third(slacktest.RateLimited(time.Hour)), []error{wrapper.ErrRateLimited, context.DeadlineExceeded}, 3},
		"token source that fails":               {scene{source: tokens(token, token)}, []error{errBoom}, 2},
		"token source that returns nothing":     {scene{source: tokens(token, token, "")}, []error{wrapper.ErrInvalidToken}, 2},
		"limiter that fails":                    {scene{limiter: passing(2)}, []error{errBoom}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack, inputs, start := slacktest.New(), &crowd{size: 100}, time.Now()
				slack.Script(tc.slack...)
				opts := wrapper.Options{}
				if tc.limiter != nil {
					opts.Limiter = tc.limiter()
				}
				c := newClient(t, slack, opts)
				if tc.source != nil {
					c = c.WithTokenSource(tc.source())
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				results := 0
				for r := range run(ctx, c, inputs.users, 1) {
					if results++; results <= 2 {
						assert.NoError(t, r.err)
						continue
					}
					for _, want := range tc.want {
						assert.ErrorIs(t, r.err, want)
					}
					assert.False(t, wrapper.OutcomeUnknown(r.err))
				}
				assert.Equal(t, 3, results)
				assert.EqualValues(t, 3, inputs.taken.Load())
				assert.Len(t, slack.Calls(), tc.sent)
				assert.Zero(t, time.Since(start))
			})
		})
	}
}

func TestARunThatEndsCompletesWhatItHasTaken(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := &gauge{RoundTripper: slacktest.New()}
		slack.RoundTripper.(*slacktest.Slack).Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W5" {
				return slacktest.Refused("token_revoked")
			}
			return slacktest.Answer{Delay: 10 * time.Second}
		})
		inputs := &crowd{size: 1000}
		errs := map[string]error{}
		for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.users, 0) {
			errs[r.user] = r.err
		}
		assert.Len(t, errs, int(inputs.taken.Load()))
		assert.LessOrEqual(t, len(errs), 8)
		for user, err := range errs {
			if user == "W5" {
				assert.ErrorIs(t, err, wrapper.ErrTokenRevoked)
			} else {
				assert.NoError(t, err)
			}
		}
	})
}

func TestATokenThatIsRenewedInTimeDoesNotEndTheRun(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slacktest.New()
		slack.AddToken("xoxp-test-1", slacktest.Token{Expires: time.Now().Add(10 * time.Second)})
		slack.AddToken("xoxp-test-2", slacktest.Token{})
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: time.Second} })
		var renewed atomic.Bool
		c := newClient(t, slack, wrapper.Options{Observe: func(_ context.Context, a wrapper.Attempt) {
			if errors.Is(a.Err, wrapper.ErrTokenExpired) {
				renewed.Store(true)
			}
		}}).WithTokenSource(func(context.Context) (string, error) {
			if renewed.Load() {
				return "xoxp-test-2", nil
			}
			return "xoxp-test-1", nil
		})
		results := 0
		for r := range run(t.Context(), c, (&crowd{size: 100}).users, 4) {
			require.NoError(t, r.err)
			results++
		}
		assert.Equal(t, 100, results)
		assert.True(t, renewed.Load())
	})
}

type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

func TestBreakingStartsNothingNewAndCancelsWhatIsInFlight(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slow(20 * time.Second)
		slack.RoundTripper.(*slacktest.Slack).Script(slacktest.Answer{})
		inputs, start := &crowd{size: 100}, time.Now()
		for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.users, 4) {
			require.NoError(t, r.err)
			synctest.Wait()
			break
		}
		assert.Zero(t, time.Since(start))
		assert.Zero(t, slack.busy.Load())
		sent, taken := slack.sent.Load(), inputs.taken.Load()
		assert.EqualValues(t, 4, sent)
		assert.EqualValues(t, 4, taken)
		time.Sleep(24 * time.Hour)
		assert.Equal(t, sent, slack.sent.Load())
		assert.Equal(t, taken, inputs.taken.Load())
	})
}

func TestBreakingEndsTheWaitForARateLimitAndForABackoff(t *testing.T) {
	for name, answer := range map[string]slacktest.Answer{
		"rate limit": slacktest.RateLimited(time.Hour),
		"backoff":    slacktest.Outage(http.StatusBadGateway).With("Retry-After", "60"),
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack, start := slacktest.New(), time.Now()
				slack.Respond(func(c slacktest.Call) slacktest.Answer {
					if c.UserID == "W1" {
						return slacktest.Answer{Delay: 2 * time.Second}
					}
					late := answer
					late.Delay = time.Second
					return late
				})
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				for r := range run(ctx, newClient(t, slack, wrapper.Options{}), (&crowd{size: 3}).users, 3) {
					require.NoError(t, r.err)
					break
				}
				assert.Equal(t, 2*time.Second, time.Since(start))
				assert.Len(t, slack.Calls(), 3)
			})
		})
	}
}

func TestACancelledRunYieldsWhatItHasTaken(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, inputs := slow(time.Second), &crowd{size: 1000}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		start, answered, cut := time.Now(), 0, 0
		for r := range run(ctx, newClient(t, slack, wrapper.Options{}), inputs.users, 4) {
			if r.err != nil {
				cut++
				assert.ErrorIs(t, r.err, context.Canceled)
				assert.True(t, wrapper.OutcomeUnknown(r.err), "the request was under way")
				continue
			}
			if answered++; answered == 10 {
				synctest.Wait()
				cancel()
			}
		}
		assert.Equal(t, 12, answered, "all that Slack had answered")
		assert.Equal(t, 1, cut)
		assert.EqualValues(t, 13, slack.sent.Load())
		assert.EqualValues(t, 13, inputs.taken.Load())
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestARunThatIsCancelledBeforeItBeginsTakesNothing(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, inputs := slacktest.New(), &crowd{size: 1000}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range run(ctx, newClient(t, slack, wrapper.Options{}), inputs.users, 4) {
			assert.Fail(t, "a result of nothing")
		}
		assert.Zero(t, inputs.taken.Load())
		assert.Empty(t, slack.Calls())
	})
}

func TestAPanicOfTheLoopLeavesNothingBehind(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, start := slow(time.Second), time.Now()
		assert.PanicsWithValue(t, "loop", func() {
			for range run(t.Context(), newClient(t, slack, wrapper.Options{}), (&crowd{size: 100}).users, 4) {
				panic("loop")
			}
		})
		assert.Equal(t, time.Second, time.Since(start))
		assert.Zero(t, slack.busy.Load())
		assert.LessOrEqual(t, slack.sent.Load(), int32(5))
	})
}

func TestARunOfNothingEndsAtOnce(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		for _, users := range []iter.Seq[string]{nil, (&crowd{}).users} {
			for range run(t.Context(), newClient(t, slacktest.New(), wrapper.Options{}), users, 0) {
				assert.Fail(t, "a result of nothing")
			}
		}
	})
}

func TestEachLoopIsARunOfItsOwn(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, inputs := slacktest.New(), &crowd{size: 10}
		results := run(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.users, 2)
		assert.Empty(t, slack.Calls())
		for range results { // is not the end of the next
			break
		}
		sent, taken := len(slack.Calls()), int(inputs.taken.Load())
		for range 2 {
			n := 0
			for r := range results {
				assert.NoError(t, r.err)
				n++
			}
			assert.Equal(t, 10, n)
		}
		assert.Len(t, slack.Calls(), sent+20)
		assert.EqualValues(t, taken+20, inputs.taken.Load())
	})
}

func TestRunsAndCallsOfOneClientGoTogether(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slacktest.New()
		c := newClient(t, slack, wrapper.Options{})
		results := 0
		for outer := range run(t.Context(), c, (&crowd{size: 10}).users, 4) {
			require.NoError(t, outer.err)
			for inner := range run(t.Context(), c, (&crowd{size: 10}).users, 4) {
				require.NoError(t, inner.err)
				_, err := c.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: inner.user})
				require.NoError(t, err)
				results++
			}
		}
		assert.Equal(t, 100, results)
		assert.Len(t, slack.Calls(), 10+100+100)
	})
}

// granting answers every request at once and keeps nothing of it.
type granting struct{}

func (granting) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	const body = `{"ok":true}`
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		ContentLength: int64(len(body)),
		Body:          io.NopCloser(strings.NewReader(body)),
		Request:       r,
	}, nil
}

// heap is the memory of objects, those included that wait for the garbage collector.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestMemoryDoesNotGrowWithTheNumberOfInputs(t *testing.T) {
	c := newClient(t, granting{}, wrapper.Options{})
	var kept []uint64
	results := 0
	for r := range c.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, 100_000), wrapper.BulkOptions{}) {
		require.NoError(t, r.Err)
		if results++; results%10_000 == 0 {
			runtime.GC()
			kept = append(kept, heap())
		}
	}
	assert.Equal(t, 100_000, results)
	early, late := slices.Min(kept[:5]), slices.Min(kept[5:]) // the least has the least that is just passing
	assert.Less(t, late, early+1<<19)
}

// repeat is a sequence of one input n times.
func repeat[O any](input O, n int) iter.Seq[O] {
	return func(yield func(O) bool) {
		for range n {
			if !yield(input) {
				return
			}
		}
	}
}

func TestAnAbsurdRetryAfterHoldsTheRunBack(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		absurd := rateLimited("99999999999999999999")
		absurd.Delay = time.Second // no clock stands at zero then
		slack := slacktest.New()
		slack.Script(absurd)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		for r := range run(ctx, newClient(t, slack, wrapper.Options{}), (&crowd{size: 100}).users, 1) {
			require.ErrorIs(t, r.err, wrapper.ErrRateLimited)
			require.ErrorIs(t, r.err, context.Canceled)
		}
		assert.Len(t, slack.Calls(), 1)
	})
}
