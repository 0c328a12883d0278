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
		return func(yield func(outcome) bool) {
			for r := range bulk(c, ctx, inputs, wrapper.BulkOptions{Concurrency: concurrency}) {
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
	then  func() // at the end of the sequence, before it returns; nil: nothing
}

func (c *crowd) users(yield func(string) bool) {
	for i := range c.size {
		c.taken.Add(1)
		if !yield(nth(i + 1)) {
			return
		}
	}
	if c.then != nil {
		c.then()
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
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: latency} })
	return &gauge{RoundTripper: slack}
}

// refusing is a Slack that refuses everybody with one code.
func refusing(code string) *slacktest.Slack {
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer {
		return slacktest.Answer{Body: fmt.Sprintf(`{"ok":false,"error":%q}`, code)}
	})
	return slack
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

func TestBulkTakesNoInputFurtherAheadThanItsConcurrency(t *testing.T) {
	for concurrency, ahead := range map[int]int{1: 1, 3: 3, 20: 20, 0: 8, -1: 8} {
		t.Run(fmt.Sprintf("concurrency %d", concurrency), func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				inputs, yielded := &crowd{size: 50}, 0
				for range run(t.Context(), newClient(t, slow(time.Second), wrapper.Options{}), inputs.users, concurrency) {
					yielded++
					time.Sleep(time.Minute) // a loop slower than Slack
					assert.Equal(t, min(yielded+ahead, inputs.size), int(inputs.taken.Load()))
				}
				assert.Equal(t, inputs.size, yielded)
			})
		})
	}
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

func TestAnInputThatIsLateDoesNotDelayResults(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		var at []time.Duration
		start := time.Now()
		users := func(yield func(string) bool) {
			for i := range 3 {
				if !yield(nth(i + 1)) {
					return
				}
				time.Sleep(time.Hour)
			}
		}
		for r := range run(t.Context(), newClient(t, slow(time.Second), wrapper.Options{}), users, 2) {
			require.NoError(t, r.err)
			at = append(at, time.Since(start))
		}
		assert.Equal(t, []time.Duration{time.Second, time.Hour + time.Second, 2*time.Hour + time.Second}, at)
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
					MaxAttempts:      1,
					MaxRateLimitWait: time.Nanosecond,
					Retryable:        func(error) bool { return false },
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

func TestARateLimitThatOutlastsTheDeadlineEndsTheRunAtOnce(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack, inputs, start := slacktest.New(), &crowd{size: 100}, time.Now()
		slack.Script(slacktest.Answer{}, slacktest.Answer{}, slacktest.RateLimited(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		results := 0
		for r := range run(ctx, newClient(t, slack, wrapper.Options{}), inputs.users, 1) {
			if results++; results <= 2 {
				assert.NoError(t, r.err)
				continue
			}
			assert.ErrorIs(t, r.err, wrapper.ErrRateLimited)
			assert.ErrorIs(t, r.err, context.DeadlineExceeded)
			assert.False(t, wrapper.OutcomeUnknown(r.err))
		}
		assert.Equal(t, 3, results)
		assert.EqualValues(t, 3, inputs.taken.Load())
		assert.Len(t, slack.Calls(), 3)
		assert.Zero(t, time.Since(start))
	})
}

// Slack's codes by what they say about the calls that follow.
var (
	codesAboutTheCall = []string{
		"user_not_found", "cannot_reset_bot", "cannot_reset_primary_owner", "cannot_invalidate_primary_owner",
		"session_not_found", "session_expired",
	}
	codesOfTrouble = []string{
		"internal_error", "fatal_error", "service_unavailable", "request_timeout",
		"user_session_reset_failed", "session_invalidation_failed",
	}
	codesAboutEveryCall = []string{
		"admin_unauthorized", "feature_not_enabled", "not_an_admin", "unknown_method", "access_denied",
		"accesslimited", "account_inactive", "deprecated_endpoint", "ekm_access_denied",
		"enterprise_is_restricted", "invalid_arg_name", "invalid_array_arg", "invalid_auth", "invalid_charset",
		"invalid_form_data", "invalid_post_type", "method_deprecated", "missing_post_type", "missing_scope",
		"no_permission", "not_allowed_token_type", "not_authed", "org_login_required",
		"team_access_not_granted", "team_added_to_org", "token_expired", "token_revoked",
		"two_factor_setup_required", "invalid_json", "json_not_object", "upgrade_required",
	}
)

func TestARefusalThatIsNotAboutEveryCallDoesNotEndTheRun(t *testing.T) {
	for _, code := range slices.Concat(codesAboutTheCall, codesOfTrouble, []string{"invalid_arguments", "code_of_tomorrow", ""}) {
		t.Run(code, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				results := 0
				for r := range run(t.Context(), newClient(t, refusing(code), wrapper.Options{}), (&crowd{size: 20}).users, 2) {
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

func TestARefusalOfEveryCallEndsTheRun(t *testing.T) {
	for _, code := range codesAboutEveryCall {
		t.Run(code, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				inputs, results := &crowd{size: 20}, 0
				slack := refusing(code)
				slack.Script(slacktest.Answer{}, slacktest.Answer{}, slacktest.Answer{})
				for r := range run(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.users, 1) {
					if results++; results > 3 {
						assert.ErrorIs(t, r.err, wrapper.ErrorCode(code))
					}
				}
				assert.Equal(t, 4, results)
				assert.EqualValues(t, 4, inputs.taken.Load())
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
		first := atomic.Bool{}
		first.Store(true)
		c, err := wrapper.New(func(context.Context) (string, error) {
			if first.Load() {
				return "xoxp-test-1", nil
			}
			return "xoxp-test-2", nil
		}, wrapper.Options{
			HTTPClient: &http.Client{Transport: slack},
			Observe: func(_ context.Context, a wrapper.Attempt) {
				if errors.Is(a.Err, wrapper.ErrTokenExpired) {
					first.Store(false)
				}
			},
		})
		require.NoError(t, err)
		results := 0
		for r := range run(t.Context(), c, (&crowd{size: 100}).users, 4) {
			require.NoError(t, r.err)
			results++
		}
		assert.Equal(t, 100, results)
		assert.False(t, first.Load())
	})
}

type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// breaking returns a function that fails on its third call, in place of a token source or a limiter.
func breaking(err error) func(context.Context) (string, error) {
	var asked atomic.Int32
	return func(context.Context) (string, error) {
		if asked.Add(1) >= 3 {
			return "", err
		}
		return "xoxp-test-token", nil
	}
}

func TestAFailingTokenSourceOrLimiterEndsTheRun(t *testing.T) {
	broken := errors.New("broken")
	steady := wrapper.StaticToken("xoxp-test-token")
	for _, tc := range []struct {
		name  string
		build func() (wrapper.TokenSource, wrapper.Limiter)
		want  error
	}{
		{"token source", func() (wrapper.TokenSource, wrapper.Limiter) { return breaking(broken), nil }, broken},
		{"token that cannot be sent", func() (wrapper.TokenSource, wrapper.Limiter) { return breaking(nil), nil }, wrapper.ErrInvalidToken},
		{"limiter", func() (wrapper.TokenSource, wrapper.Limiter) {
			fails := breaking(broken)
			return steady, limiterFunc(func(ctx context.Context) error { _, err := fails(ctx); return err })
		}, broken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack, inputs, results := slacktest.New(), &crowd{size: 100}, 0
				source, limiter := tc.build()
				c, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: slack}, Limiter: limiter})
				require.NoError(t, err)
				for r := range run(t.Context(), c, inputs.users, 1) {
					if results++; results == 3 {
						assert.ErrorIs(t, r.err, tc.want)
					} else {
						assert.NoError(t, r.err)
					}
				}
				assert.Equal(t, 3, results)
				assert.EqualValues(t, 3, inputs.taken.Load())
				assert.Len(t, slack.Calls(), 2)
			})
		})
	}
}

func TestAClientWithoutATokenSourceEndsTheRunAtOnce(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		inputs, results := &crowd{size: 100}, 0
		for r := range run(t.Context(), newClient(t, slacktest.New(), wrapper.Options{}).WithTokenSource(nil), inputs.users, 1) {
			results++
			assert.ErrorIs(t, r.err, wrapper.ErrInvalidOptions)
		}
		assert.Equal(t, 1, results)
		assert.EqualValues(t, 1, inputs.taken.Load())
	})
}

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
		assert.EqualValues(t, 5, sent)
		assert.EqualValues(t, 5, taken)
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

func TestBreakingWaitsForAnInputThatWatchesTheContext(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		returned := false
		users := func(yield func(string) bool) {
			defer func() { returned = true }()
			if yield("W1") {
				<-ctx.Done()
			}
		}
		for r := range run(ctx, newClient(t, slacktest.New(), wrapper.Options{}), users, 4) {
			require.NoError(t, r.err)
			synctest.Wait()
			cancel()
			break
		}
		assert.True(t, returned)
	})
}

func TestAnInputThatComesAfterTheBreakIsNotSent(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		slack := slacktest.New()
		users := func(yield func(string) bool) {
			if yield("W1") {
				time.Sleep(time.Hour)
				yield("W2")
			}
		}
		for range run(t.Context(), newClient(t, slack, wrapper.Options{}), users, 4) {
			break
		}
		assert.Len(t, slack.Calls(), 1)
	})
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
		assert.Equal(t, 2, cut)
		assert.EqualValues(t, 14, slack.sent.Load())
		assert.EqualValues(t, 14, inputs.taken.Load())
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

func TestAPanicOfTheInputReachesTheCallerAfterTheResults(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		inputs := &crowd{size: 3, then: func() { panic("input") }}
		results := 0
		assert.PanicsWithValue(t, "input", func() {
			for r := range run(t.Context(), newClient(t, slow(10*time.Second), wrapper.Options{}), inputs.users, 4) {
				assert.NoError(t, r.err)
				results++
			}
		})
		assert.Equal(t, 3, results)
	})
}

func TestAPanicOfTheInputAfterABreakReachesTheCaller(t *testing.T) {
	eachRun(t, func(t *testing.T, run bulkRun) {
		users := func(yield func(string) bool) {
			defer panic("clean-up")
			for yield("W1") {
			}
		}
		assert.PanicsWithValue(t, "clean-up", func() {
			for range run(t.Context(), newClient(t, slow(10*time.Second), wrapper.Options{}), users, 4) {
				break
			}
		})
	})
}

func TestAPanicOfTheCallersCodeReachesTheCallerAfterTheResults(t *testing.T) {
	for name, plant := range map[string]func(o *wrapper.Options, source *wrapper.TokenSource, fall func()){
		"observer": func(o *wrapper.Options, _ *wrapper.TokenSource, fall func()) {
			o.Observe = func(context.Context, wrapper.Attempt) { fall() }
		},
		"retryable": func(o *wrapper.Options, _ *wrapper.TokenSource, fall func()) {
			o.Retry.Retryable = func(error) bool { fall(); return false }
		},
		"limiter": func(o *wrapper.Options, _ *wrapper.TokenSource, fall func()) {
			o.Limiter = limiterFunc(func(context.Context) error { fall(); return nil })
		},
		"token source": func(_ *wrapper.Options, source *wrapper.TokenSource, fall func()) {
			*source = func(context.Context) (string, error) { fall(); return "xoxp-test-token", nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				slack := slacktest.New()
				slack.Respond(func(slacktest.Call) slacktest.Answer {
					a := slacktest.Refused("user_not_found")
					a.Delay = time.Second
					return a
				})
				var calls atomic.Int32
				opts, source := wrapper.Options{HTTPClient: &http.Client{Transport: slack}}, wrapper.StaticToken("xoxp-test-token")
				plant(&opts, &source, func() {
					if calls.Add(1) == 10 {
						panic(name)
					}
				})
				c, err := wrapper.New(source, opts)
				require.NoError(t, err)
				inputs, results := &crowd{size: 100}, 0
				assert.PanicsWithValue(t, name, func() {
					for range run(t.Context(), c, inputs.users, 4) {
						results++
					}
				})
				assert.EqualValues(t, inputs.taken.Load(), results+1, "all but the one that has none")
				assert.Less(t, results, 20)
			})
		})
	}
}

// runtime.Goexit is what t.FailNow does, and so require in a callback.
func TestAGoroutineThatEndsEndsTheRunAndTheCallersGoroutine(t *testing.T) {
	for name, plant := range map[string]func(o *wrapper.Options, source *wrapper.TokenSource, inputs *crowd, fall func()){
		"observer": func(o *wrapper.Options, _ *wrapper.TokenSource, _ *crowd, fall func()) {
			o.Observe = func(context.Context, wrapper.Attempt) { fall() }
		},
		"token source": func(_ *wrapper.Options, source *wrapper.TokenSource, _ *crowd, fall func()) {
			*source = func(context.Context) (string, error) { fall(); return "xoxp-test-token", nil }
		},
		"transport": func(o *wrapper.Options, _ *wrapper.TokenSource, _ *crowd, fall func()) {
			slack := o.HTTPClient.Transport
			o.HTTPClient.Transport = transportFunc(func(r *http.Request) (*http.Response, error) { fall(); return slack.RoundTrip(r) })
		},
		"input": func(_ *wrapper.Options, _ *wrapper.TokenSource, inputs *crowd, fall func()) {
			inputs.size, inputs.then = 5, fall
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, run bulkRun) {
				opts, source := wrapper.Options{HTTPClient: &http.Client{Transport: slacktest.New()}}, wrapper.StaticToken("xoxp-test-token")
				inputs := &crowd{size: 100}
				var calls atomic.Int32
				plant(&opts, &source, inputs, func() {
					if calls.Add(1) == 10 || name == "input" {
						runtime.Goexit()
					}
				})
				c, err := wrapper.New(source, opts)
				require.NoError(t, err)
				returned, results := false, 0
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for range run(t.Context(), c, inputs.users, 4) {
						results++
					}
					returned = true
				}()
				<-ended
				assert.False(t, returned, "the caller's goroutine ends like the other")
				assert.GreaterOrEqual(t, results, int(inputs.taken.Load())-1, "nothing is lost")
			})
		})
	}
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
	for _, asked := range []string{"99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			absurd := slacktest.RateLimited(0).With("Retry-After", asked)
			absurd.Delay = time.Second // no clock stands at zero then
			slack := slacktest.New()
			slack.Script(absurd)
			c := newClient(t, slack, wrapper.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			for r := range c.BulkReset(ctx, repeat(wrapper.ResetOptions{UserID: "W1"}, 100), wrapper.BulkOptions{Concurrency: 1}) {
				require.ErrorIs(t, r.Err, wrapper.ErrRateLimited)
				require.ErrorIs(t, r.Err, context.Canceled)
			}
			assert.Len(t, slack.Calls(), 1)
		})
	}
}
