package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
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

// runReset resets the sessions of users.
func runReset(
	ctx context.Context, c *wrapper.Client, users iter.Seq[string], opts wrapper.BulkOptions,
) iter.Seq[wrapper.BulkResult[wrapper.ResetOptions]] {
	return c.BulkReset(ctx, func(yield func(wrapper.ResetOptions) bool) {
		for u := range users {
			if !yield(wrapper.ResetOptions{UserID: u}) {
				return
			}
		}
	}, opts)
}

// concurrency returns options for n calls at once.
func concurrency(n int) wrapper.BulkOptions { return wrapper.BulkOptions{Concurrency: n} }

// userList is a sequence of users W1, W2 and so on, which counts those that were taken.
type userList struct{ size, taken int }

func (l *userList) all(yield func(string) bool) {
	for i := range l.size {
		l.taken++
		if !yield(nthUser(i + 1)) {
			return
		}
	}
}

func users(n int) *userList { return &userList{size: n} }

func nthUser(n int) string { return fmt.Sprintf("W%d", n) }

// inFlightCounter counts the requests that its transport is busy with.
type inFlightCounter struct {
	http.RoundTripper
	inFlight, maxInFlight, sent atomic.Int32
}

func (c *inFlightCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	defer c.inFlight.Add(-1)
	for n := c.inFlight.Add(1); ; {
		most := c.maxInFlight.Load()
		if n <= most || c.maxInFlight.CompareAndSwap(most, n) {
			return c.RoundTripper.RoundTrip(r)
		}
	}
}

// slackWithLatency takes some time for each response.
func slackWithLatency(d time.Duration) *inFlightCounter {
	return &inFlightCounter{RoundTripper: respond(slacktest.Answer{Delay: d})}
}

func TestBulkYieldsOneResultPerInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
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
		inputs := []string{"W1", "W404", "", "W2", "W500", "W 3", "W1", "W0"}
		want := map[string]string{
			"W1": "", "W2": "", "W404": "user_not_found", "W500": "http_500", "W0": "no_answer", "": "invalid_options", "W 3": "invalid_options",
		}
		var got []int
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), slices.Values(inputs), concurrency(3)) {
			got = append(got, r.Index)
			assert.Equal(t, inputs[r.Index], r.Options.UserID)
			assert.NotEqual(t, r.Response == nil, r.Err == nil, "exactly one of response and error")
			assert.Equal(t, want[r.Options.UserID], wrapper.Reason(r.Err))
		}
		assert.ElementsMatch(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, got)
	})
}

func TestBulkMakesTheCallsOfItsMethod(t *testing.T) {
	slack := slacktest.New()
	c := newClient(t, slack, wrapper.Options{})
	for r := range c.BulkReset(t.Context(), slices.Values([]wrapper.ResetOptions{{UserID: "W1", MobileOnly: true}}), wrapper.BulkOptions{}) {
		require.NoError(t, r.Err)
	}
	for r := range c.BulkInvalidate(t.Context(), slices.Values([]wrapper.InvalidateOptions{{SessionID: 2, TeamID: "T1"}}), wrapper.BulkOptions{}) {
		require.NoError(t, r.Err)
	}
	assert.Equal(t, slacktest.Arguments{UserID: "W1", MobileOnly: true}, slack.Calls()[0].Arguments)
	assert.Equal(t, slacktest.Arguments{SessionID: 2, TeamID: "T1"}, slack.Calls()[1].Arguments)
}

// All other tests of bulk runs use BulkReset.
func TestBulkInvalidateRunsLikeBulkReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newRun := func() *wrapper.Client {
			slack := slacktest.New()
			slack.Script(slacktest.RateLimited(time.Hour), slacktest.Answer{}, slacktest.Refused("user_not_found"), slacktest.Outage(500))
			slack.Respond(func(c slacktest.Call) slacktest.Answer {
				if c.UserID == "W9" {
					return slacktest.Refused("token_revoked")
				}
				return slacktest.Answer{}
			})
			return newClient(t, slack, wrapper.Options{})
		}
		sessions := func(yield func(wrapper.InvalidateOptions) bool) {
			for u := range users(100).all {
				if !yield(wrapper.InvalidateOptions{UserID: u, SessionID: 1}) {
					return
				}
			}
		}
		want := []string{"0 ", "1 user_not_found", "2 ", "3 ", "4 ", "5 ", "6 ", "7 ", "8 token_revoked"}
		assert.Equal(t, want, reasons(runReset(t.Context(), newRun(), users(100).all, concurrency(1))))
		assert.Equal(t, want, reasons(newRun().BulkInvalidate(t.Context(), sessions, concurrency(1))))
	})
}

func reasons[O any](results iter.Seq[wrapper.BulkResult[O]]) (list []string) {
	for r := range results {
		list = append(list, fmt.Sprint(r.Index, " ", wrapper.Reason(r.Err)))
	}
	return list
}

func TestBulkTakesAnInputOnlyWhenACallIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := slackWithLatency(time.Second), users(50)
		for range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), func(yield func(string) bool) {
			for u := range inputs.all {
				synctest.Wait() // until the calls that were started have sent their requests
				assert.Less(t, slack.inFlight.Load(), int32(3))
				if !yield(u) {
					return
				}
			}
		}, concurrency(3)) {
			assert.LessOrEqual(t, slack.inFlight.Load(), int32(3))
		}
		assert.Equal(t, 50, inputs.taken)
	})
}

func TestBulkSequenceAndLoopBodyShareAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := map[int]string{} // maps and goroutine IDs show what runs at the same time, the former under the race detector
		loop, sequence := goroutineID(), map[string]bool{}
		results := runReset(t.Context(), newClient(t, slackWithLatency(time.Second), wrapper.Options{}), func(yield func(string) bool) {
			for i := range 100 {
				rows[i] = nthUser(i)
				sequence[goroutineID()] = true
				if !yield(rows[i]) {
					return
				}
			}
		}, concurrency(4))
		for r := range results {
			assert.Equal(t, rows[r.Index], r.Options.UserID)
			delete(rows, r.Index)
			assert.Equal(t, loop, goroutineID())
		}
		assert.Empty(t, rows)
		assert.Equal(t, map[string]bool{loop: true}, sequence)
	})
}

// goroutineID returns the line that names the goroutine in a stack trace, for instance "goroutine 7".
func goroutineID() string {
	stack := make([]byte, 64)
	id, _, _ := strings.Cut(string(stack[:runtime.Stack(stack, false)]), " [")
	return id
}

func TestBulkSequenceThatBlocksIsNotInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, start := slackWithLatency(time.Second), time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(90*time.Minute, cancel)
		got := map[string]string{}
		for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), func(yield func(string) bool) {
			for u := range users(100).all {
				if !yield(u) {
					return
				}
				time.Sleep(time.Hour)
			}
		}, concurrency(4)) {
			got[r.Options.UserID] = fmt.Sprint(time.Since(start), wrapper.Reason(r.Err))
		}
		assert.Equal(t, map[string]string{"W1": "1h0m0s", "W2": "2h0m0s", "W3": "2h0m0scanceled"}, got)
		assert.EqualValues(t, 2, slack.sent.Load())
		assert.Equal(t, 2*time.Hour, time.Since(start))
	})
}

func TestBulkMakesAsManyCallsAtOnceAsItsConcurrency(t *testing.T) {
	const latency = 200 * time.Millisecond
	for n, most := range map[int]int{1: 1, 3: 3, 1000: 1000, 0: 8, -1: 8} {
		inBubble(t, fmt.Sprint("concurrency ", n), func(t *testing.T) {
			slack, inputs, start := slackWithLatency(latency), users(3000), time.Now()
			for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(n)) {
				require.NoError(t, r.Err)
			}
			assert.EqualValues(t, most, slack.maxInFlight.Load())
			assert.Equal(t, time.Duration(inputs.size/most)*latency, time.Since(start))
		})
	}
}

func TestBulkSlowCallDelaysNoOtherResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, start := slacktest.New(), time.Now()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W1" {
				return slacktest.Answer{Delay: 10 * time.Second}
			}
			return slacktest.Answer{}
		})
		var order []string
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), users(100).all, concurrency(2)) {
			require.NoError(t, r.Err)
			order = append(order, r.Options.UserID)
			if r.Options.UserID != "W1" {
				assert.Zero(t, time.Since(start))
			}
		}
		assert.Equal(t, "W1", order[99])
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestBulkWaitsAsLongAsARateLimitLasts(t *testing.T) {
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name     string
		response slacktest.Answer
	}{
		{"429", slacktest.RateLimited(day)},
		{"429 without JSON", slacktest.Outage(429).With("Retry-After", "86400")},
		{"ratelimited in 200", slacktest.Refused("ratelimited").With("Retry-After", "86400")},
		{"429 without Retry-After", status(429)},
	} {
		inBubble(t, tc.name, func(t *testing.T) {
			slack, start := slacktest.New(), time.Now()
			slack.Script(repeated(30, tc.response)...)
			c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{
				MaxAttempts:   1,
				MaxRetryAfter: time.Nanosecond,
				Retryable:     func(error) bool { return false },
			}})
			attempts := 0
			for r := range runReset(t.Context(), c, users(50).all, wrapper.BulkOptions{}) {
				require.NoError(t, r.Err)
				attempts += r.Response.Attempts
			}
			assert.Equal(t, 80, attempts)
			if tc.response.Header.Get("Retry-After") != "" {
				assert.Greater(t, time.Since(start), day)
			}
		})
	}
}

func TestBulkRateLimitsDoNotCountAsAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		throttles, fails := slacktest.RateLimited(time.Hour), slacktest.Outage(http.StatusBadGateway)
		slack.Script(throttles, fails, throttles, throttles, throttles, fails)
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 2}})
		var e *wrapper.Error
		for r := range runReset(t.Context(), c, users(1).all, wrapper.BulkOptions{}) {
			require.ErrorAs(t, r.Err, &e)
		}
		assert.Equal(t, http.StatusBadGateway, e.StatusCode)
		assert.Equal(t, 6, e.Attempts)
	})
}

func TestBulkWaitForARateLimitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs, start := slacktest.New(), users(100), time.Now()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(10, 24*time.Hour, 0))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		passed, heldBack := 0, 0
		for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(4)) {
			if r.Err == nil {
				passed++
				assert.Zero(t, time.Since(start))
				continue
			}
			heldBack++
			assert.ErrorIs(t, r.Err, context.Canceled)
			assert.Equal(t, time.Hour, time.Since(start))
		}
		assert.Equal(t, 10, passed)
		assert.Equal(t, 4, heldBack)
		assert.Equal(t, 14, inputs.taken)
	})
}

func TestBulkGoesOnAfterARefusalOfOneCall(t *testing.T) {
	for _, tc := range []struct {
		code   string
		status int
	}{
		{"user_not_found", 200},
		{"internal_error", 200},
		{"invalid_arguments", 200},
		{"team_access_not_granted", 200},
		{"code_of_tomorrow", 200},
		{"", 200},
		{"user_not_found", 404},
		{"code_of_tomorrow", 403},
	} {
		inBubble(t, fmt.Sprint(tc.status, " ", tc.code), func(t *testing.T) {
			results := 0
			c := newClient(t, respond(refusalWithStatus(tc.status, tc.code)), wrapper.Options{})
			for r := range runReset(t.Context(), c, users(20).all, concurrency(2)) {
				results++
				assert.Equal(t, wrapper.ErrorCode(tc.code), assertCallError(t, r.Err).Code)
			}
			assert.Equal(t, 20, results)
		})
	}
}

func TestBulkEndsWithAnErrorOfEveryCall(t *testing.T) {
	third := func(a slacktest.Answer) setup { return setup{responses: []slacktest.Answer{{}, {}, a}} }
	for name, tc := range map[string]struct {
		setup
		causes   []error
		requests int
	}{
		"refusal":                           {third(slacktest.Refused("token_revoked")), []error{wrapper.ErrTokenRevoked}, 3},
		"rate limit beyond the deadline":    {third(slacktest.RateLimited(time.Hour)), []error{wrapper.ErrRateLimited, context.DeadlineExceeded}, 3},
		"token source that fails":           {setup{source: tokens(token, token)}, []error{errBoom}, 2},
		"token source that returns nothing": {setup{source: tokens(token, token, "")}, []error{wrapper.ErrInvalidToken}, 2},
		"limiter that fails":                {setup{limiter: limiterOf(2)}, []error{errBoom}, 2},
	} {
		inBubble(t, name, func(t *testing.T) {
			slack, inputs, start := slacktest.New(), users(100), time.Now()
			slack.Script(tc.responses...)
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
			for r := range runReset(ctx, c, inputs.all, concurrency(1)) {
				if results++; results <= 2 {
					assert.NoError(t, r.Err)
					continue
				}
				for _, cause := range tc.causes {
					assert.ErrorIs(t, r.Err, cause)
				}
				assert.False(t, wrapper.OutcomeUnknown(r.Err))
			}
			assert.Equal(t, 3, results)
			assert.Equal(t, 3, inputs.taken)
			assert.Len(t, slack.Calls(), tc.requests)
			assert.Zero(t, time.Since(start))
		})
	}
}

func TestBulkRunThatEndsCompletesItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := slacktest.New(), users(1000)
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W5" {
				return slacktest.Refused("token_revoked")
			}
			return slacktest.Answer{Delay: 10 * time.Second}
		})
		got := map[string]int{}
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, wrapper.BulkOptions{}) {
			got[wrapper.Reason(r.Err)]++
		}
		assert.Equal(t, 1, got["token_revoked"])
		assert.Equal(t, inputs.taken-1, got[""])
		assert.LessOrEqual(t, inputs.taken, 8)
	})
}

func TestBulkRunThatEndsStaysEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := slacktest.New(), users(100)
		refusal := slacktest.Refused("token_revoked")
		refusal.Delay = 2 * time.Second
		slack.Script(slacktest.Answer{Delay: time.Second}, refusal, slacktest.Answer{Delay: 3 * time.Second})
		got := map[string]int{}
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(3)) {
			got[wrapper.Reason(r.Err)]++
			time.Sleep(time.Minute) // until the results that end the run and that do not are both ready
		}
		assert.Equal(t, map[string]int{"": 2, "token_revoked": 1}, got)
		assert.Equal(t, 3, inputs.taken)
	})
}

func TestBulkGoesOnWithATokenThatIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
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
		for r := range runReset(t.Context(), c, users(100).all, concurrency(4)) {
			require.NoError(t, r.Err)
			results++
		}
		assert.Equal(t, 100, results)
		assert.True(t, renewed.Load())
	})
}

func TestBulkBreakStartsNothingAndCancelsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slackWithLatency(20 * time.Second)
		slack.RoundTripper.(*slacktest.Slack).Script(slacktest.Answer{})
		inputs, start := users(100), time.Now()
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(4)) {
			require.NoError(t, r.Err)
			break
		}
		assert.Zero(t, time.Since(start))
		assert.Zero(t, slack.inFlight.Load())
		sent, taken := slack.sent.Load(), inputs.taken
		assert.LessOrEqual(t, sent, int32(5))
		assert.LessOrEqual(t, taken, 5)
		time.Sleep(24 * time.Hour)
		assert.Equal(t, sent, slack.sent.Load())
		assert.Equal(t, taken, inputs.taken)
	})
}

func TestBulkBreakLetsTheSequenceCleanUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cleanedUp := false
		for range runReset(t.Context(), newClient(t, slackWithLatency(time.Second), wrapper.Options{}), func(yield func(string) bool) {
			defer func() { cleanedUp = true }()
			for u := range users(100).all {
				if !yield(u) {
					return
				}
			}
		}, concurrency(4)) {
			break
		}
		assert.True(t, cleanedUp)
	})
}

func TestBulkBreakEndsWaits(t *testing.T) {
	for name, response := range map[string]slacktest.Answer{
		"for a rate limit": slacktest.RateLimited(time.Hour),
		"for a backoff":    unavailable("60"),
	} {
		inBubble(t, name, func(t *testing.T) {
			slack, start := slacktest.New(), time.Now()
			slack.Respond(func(c slacktest.Call) slacktest.Answer {
				if c.UserID == "W1" {
					return slacktest.Answer{Delay: 2 * time.Second}
				}
				after := response
				after.Delay = time.Second
				return after
			})
			ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
			defer cancel()
			for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), users(3).all, concurrency(3)) {
				require.NoError(t, r.Err)
				break
			}
			assert.Equal(t, 2*time.Second, time.Since(start))
			assert.Len(t, slack.Calls(), 3)
		})
	}
}

func TestBulkRunThatIsCancelledYieldsWhatItTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := slackWithLatency(time.Second), users(1000)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(2500*time.Millisecond, cancel)
		start, responses, cutOff := time.Now(), 0, 0
		for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(4)) {
			if r.Err == nil {
				responses++
				continue
			}
			cutOff++
			assert.ErrorIs(t, r.Err, context.Canceled)
			assert.True(t, wrapper.OutcomeUnknown(r.Err), "the request was in flight")
		}
		assert.Equal(t, 8, responses)
		assert.Equal(t, 4, cutOff)
		assert.EqualValues(t, 12, slack.sent.Load())
		assert.Equal(t, 12, inputs.taken)
		assert.Equal(t, 2500*time.Millisecond, time.Since(start))
	})
}

func TestBulkRunOfACancelledContextTakesNothing(t *testing.T) {
	slack, inputs := slacktest.New(), users(1000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range runReset(ctx, newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(4)) {
		assert.Fail(t, "a result of nothing")
	}
	assert.Zero(t, inputs.taken)
	assert.Empty(t, slack.Calls())
}

func TestBulkRunOfNoInputsEndsAtOnce(t *testing.T) {
	c := newClient(t, slacktest.New(), wrapper.Options{})
	for name, inputs := range map[string]iter.Seq[wrapper.ResetOptions]{"nil": nil, "empty": slices.Values([]wrapper.ResetOptions{})} {
		for range c.BulkReset(t.Context(), inputs, wrapper.BulkOptions{}) {
			assert.Fail(t, "a result of nothing", name)
		}
	}
}

func TestBulkConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := respond(slacktest.Answer{Delay: time.Second}), users(5000)
		start := time.Now()
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(math.MaxInt)) {
			assert.NoError(t, r.Err)
		}
		assert.Equal(t, 5*time.Second, time.Since(start), "1,000 at a time")
	})
}

func TestBulkNeedsAClientAndAContext(t *testing.T) {
	for name, tc := range map[string]struct {
		client *wrapper.Client
		ctx    context.Context //nolint:containedctx // of a table
	}{
		"zero client": {new(wrapper.Client), t.Context()},
		"nil client":  {nil, t.Context()},
		"nil context": {newClient(t, slacktest.New(), wrapper.Options{}), nil},
	} {
		results := 0
		for r := range runReset(tc.ctx, tc.client, users(2).all, wrapper.BulkOptions{}) {
			failure(0, "", notSent, "invalid_options").withCauses(wrapper.ErrInvalidOptions).assertIs(t, r.Response, r.Err)
			results++
		}
		assert.Equal(t, 2, results, name)
	}
}

func TestBulkLoopsAreRunsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, inputs := slacktest.New(), users(10)
		results := runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(2))
		assert.Empty(t, slack.Calls())
		for range results { // does not end the next loop
			break
		}
		sent, taken := len(slack.Calls()), inputs.taken
		for range 2 {
			n := 0
			for r := range results {
				assert.NoError(t, r.Err)
				n++
			}
			assert.Equal(t, 10, n)
		}
		assert.Len(t, slack.Calls(), sent+20)
		assert.Equal(t, taken+20, inputs.taken)
	})
}

func TestBulkRunsAndCallsOfOneClientMayBeNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		c := newClient(t, slack, wrapper.Options{})
		results := 0
		for outer := range runReset(t.Context(), c, users(10).all, concurrency(4)) {
			require.NoError(t, outer.Err)
			for inner := range runReset(t.Context(), c, users(10).all, concurrency(4)) {
				require.NoError(t, inner.Err)
				_, err := c.ResetSessions(t.Context(), inner.Options)
				require.NoError(t, err)
				results++
			}
		}
		assert.Equal(t, 100, results)
		assert.Len(t, slack.Calls(), 10+100+100)
	})
}

// okTransport says ok to every request and keeps nothing of it.
type okTransport struct{}

func (okTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		ContentLength: int64(len(okBody)),
		Body:          io.NopCloser(strings.NewReader(okBody)),
		Request:       r,
	}, nil
}

// heapBytes is the memory of objects, including those that wait for the garbage collector.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestBulkMemoryDoesNotGrowWithTheNumberOfInputs(t *testing.T) {
	c := newClient(t, okTransport{}, wrapper.Options{})
	var kept []uint64
	results := 0
	for r := range c.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, 50_000), wrapper.BulkOptions{}) {
		require.NoError(t, r.Err)
		if results++; results%5_000 == 0 {
			runtime.GC()
			kept = append(kept, heapBytes())
		}
	}
	assert.Equal(t, 50_000, results)
	early, late := slices.Min(kept[:5]), slices.Min(kept[5:]) // the smallest has the least that is only passing
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
