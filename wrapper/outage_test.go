package wrapper_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

func TestTimeInALimiterIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		start := time.Now()
		slack.Down(start, 12*time.Minute, slacktest.ConnectionRefused())
		c := newClient(t, slack, wrapper.Options{Limiter: limiterFunc(func(context.Context) error {
			time.Sleep(time.Until(start.Add(11 * time.Minute)))
			return nil
		})})
		for r := range c.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, 20), wrapper.BulkOptions{}) {
			assert.NoError(t, r.Err)
		}
	})
}

// outageKind is a way in which Slack does not respond.
type outageKind struct {
	name     string
	response slacktest.Answer
	final    bool   // a call that meets it before the outage is known is not retried
	unknown  bool   // it leaves open whether the call took effect
	text     string // in the error
}

var outageKinds = []outageKind{
	{name: "connection refused", response: slacktest.ConnectionRefused(), text: "connection refused"},
	{name: "hanging", response: slacktest.Hanging(), unknown: true, text: "timed out after 30s"},
	{name: "503", response: slacktest.Outage(503), unknown: true, text: "HTTP 503"},
	{name: "redirect of a proxy", response: slacktest.Proxy(302), final: true, text: "redirect refused"},
	{name: "407 of a proxy", response: slacktest.Proxy(407), final: true, text: "HTTP 407"},
	{name: "page of a proxy", response: slacktest.Proxy(200), unknown: true, text: "no verdict"},
}

// outageRun is a bulk run of 200 users with an outage after so many successes.
type outageRun struct {
	kind     outageKind
	limit    slacktest.Limit
	after    int
	duration time.Duration
	opts     wrapper.BulkOptions
}

const (
	outageUsers       = 200
	callsUntilOutage  = 3 // that end an attempt without a response of Slack, until this is taken for an outage
	defaultConcurrent = 8
)

type outageResult struct {
	slack      *slacktest.Slack
	network    *tripRecorder
	start, end time.Time // of the outage
	results    []wrapper.BulkResult[wrapper.ResetOptions]
	errs       []error
}

func (o outageRun) run(t *testing.T) (r outageResult) {
	t.Helper()
	r.slack = slacktest.New()
	r.slack.Limit(slacktest.MethodReset, o.limit)
	r.network = &tripRecorder{slack: r.slack}
	var mu sync.Mutex
	successes := 0
	begin := func() {
		r.start = time.Now().Add(37 * time.Millisecond) // no request arrives at this time, so all responses come before all failures
		r.end = r.start.Add(o.duration)
		r.slack.Down(r.start, o.duration, o.kind.response)
	}
	if o.after == 0 {
		begin()
	}
	c := newClient(t, r.network, wrapper.Options{Observe: func(_ context.Context, a wrapper.Attempt) {
		mu.Lock()
		defer mu.Unlock()
		if a.Err != nil {
			return
		}
		if successes++; successes == o.after {
			begin()
		}
	}})
	inputs := users(outageUsers)
	for result := range runReset(t.Context(), c, inputs.all, o.opts) {
		r.results = append(r.results, result)
		if result.Err != nil {
			r.errs = append(r.errs, result.Err)
		}
	}
	assert.Len(t, r.results, inputs.taken, "every user that was taken has a result")
	return r
}

func TestBulkWaitsForTheEndOfAnOutage(t *testing.T) {
	window, bucket := slacktest.FixedWindow(20, time.Minute, 17*time.Second), slacktest.TokenBucket(20, time.Minute)
	// After "nearly all" no more users are left than are needed to recognise the outage, besides those in flight.
	const none, half, nearlyAll = 0, outageUsers / 2, outageUsers - callsUntilOutage - defaultConcurrent
	moments := map[int]string{none: "at the start", half: "in the middle", nearlyAll: "near the end"}
	refused, hanging, unavailable, redirects, asks, page := outageKinds[0], outageKinds[1], outageKinds[2], outageKinds[3], outageKinds[4], outageKinds[5]
	for limit, runs := range map[string][]outageRun{
		"window": {
			{kind: refused, limit: window, after: none, duration: 2 * time.Minute},
			{kind: hanging, limit: window, after: half, duration: 9 * time.Minute},
			{kind: unavailable, limit: window, after: none, duration: 9 * time.Minute},
			{kind: redirects, limit: window, after: half, duration: 10 * time.Second},
			{kind: asks, limit: window, after: nearlyAll, duration: 9 * time.Minute},
			{kind: page, limit: window, after: nearlyAll, duration: 2 * time.Minute},
		},
		"bucket": {
			{kind: refused, limit: bucket, after: half, duration: 9 * time.Minute},
			{kind: hanging, limit: bucket, after: none, duration: 10 * time.Second},
			{kind: unavailable, limit: bucket, after: none, duration: 2 * time.Minute},
			{kind: redirects, limit: bucket, after: nearlyAll, duration: 9 * time.Minute},
			{kind: asks, limit: bucket, after: half, duration: 2 * time.Minute},
			{kind: page, limit: bucket, after: none, duration: 10 * time.Second},
		},
	} {
		for _, o := range runs {
			inBubble(t, fmt.Sprintf("%s/%s %s/%v", limit, o.kind.name, moments[o.after], o.duration), func(t *testing.T) {
				r := o.run(t)
				assert.Len(t, r.results, outageUsers)
				failed := 0 // at most, by what ended before the outage was known
				if o.kind.final {
					failed = callsUntilOutage - 1
				}
				assert.LessOrEqual(t, len(r.errs), failed, "%v", r.errs)
				effects := map[string]int{}
				for _, call := range r.slack.Calls() {
					if call.Effect {
						effects[call.UserID]++
					}
				}
				for user, n := range effects {
					assert.Equal(t, 1, n, "%s is signed out once", user)
				}
				assert.Len(t, effects, outageUsers-len(r.errs))
				if o.duration >= 2*time.Minute { // in a shorter outage, fewer requests may be due than are needed to recognise it
					known := r.start.Add(95 * time.Second) // at the latest: a window of the limit, a timeout, and some backoff
					r.network.assertOneByOne(t, known, r.end)
					r.network.assertSlowStart(t, r.end)
				}
			})
		}
	}
}

func TestBulkEndsWithAnOutageLongerThanMaxOutage(t *testing.T) {
	for _, kind := range outageKinds {
		for opts, waits := range map[wrapper.BulkOptions]time.Duration{
			{}: 10 * time.Minute, {Concurrency: 1}: 10 * time.Minute, {MaxOutage: time.Minute}: time.Minute, {MaxOutage: -1}: 0,
		} {
			inBubble(t, fmt.Sprintf("%s/%+v", kind.name, opts), func(t *testing.T) {
				r := outageRun{kind, slacktest.TokenBucket(20, time.Minute), 50, time.Hour, opts}.run(t)

				assert.GreaterOrEqual(t, time.Since(r.start), waits-time.Second) // a request that failed may have been sent before
				assert.Less(t, time.Since(r.start), waits+2*time.Minute, "it does not wait for Slack to come back")
				assert.NotEmpty(t, r.errs)
				assert.LessOrEqual(t, len(r.errs), defaultConcurrent+callsUntilOutage-1)
				assert.True(t, slices.ContainsFunc(r.errs, wrapper.StopsRun), "%v", r.errs)
				arrived := map[string]bool{}
				for _, call := range r.slack.Calls() {
					arrived[call.UserID] = arrived[call.UserID] || !call.NotSent
				}
				for _, result := range r.results {
					if result.Err == nil {
						continue
					}
					e := assertCallError(t, result.Err)
					assert.Equal(t, 1, strings.Count(e.Error(), kind.text), "the last cause, once: %v", e)
					assert.Equal(t, !arrived[result.Options.UserID], wrapper.NotSent(e), "%v", e)
					metOutage := e.Attempts > 0 && e.StatusCode != http.StatusTooManyRequests // the limit may be all that it met
					assert.Equal(t, kind.unknown && metOutage, wrapper.OutcomeUnknown(e), "%v", e)
				}
			})
		}
	}
}

func TestBulkEndsAtOnceWithAConnectionThatCannotWork(t *testing.T) {
	for name, tc := range map[string]struct {
		response slacktest.Answer
		reason   string
	}{
		"untrusted certificate": {connectionError(x509.UnknownAuthorityError{}), "not_trusted"},
		"redirect":              {slacktest.Proxy(302), "redirect"},
		"407 of a proxy":        {slacktest.Proxy(407), "http_407"},
	} {
		for _, n := range []int{1, 8} {
			inBubble(t, fmt.Sprintf("%s/concurrency %d", name, n), func(t *testing.T) {
				slack, inputs, start := slacktest.New(), users(100), time.Now()
				slack.Down(start, time.Hour, tc.response)
				var stop []error
				for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), inputs.all, concurrency(n)) {
					require.Error(t, r.Err)
					assert.False(t, wrapper.Retryable(r.Err), "%v", r.Err)
					if wrapper.StopsRun(r.Err) {
						stop = append(stop, r.Err)
					}
					if assertCallError(t, r.Err).Attempts > 0 {
						assert.Equal(t, tc.reason, wrapper.Reason(r.Err))
					}
				}
				assert.NotEmpty(t, stop)
				assert.Zero(t, time.Since(start))
				assert.LessOrEqual(t, inputs.taken, n+callsUntilOutage-1)
				assert.LessOrEqual(t, len(slack.Calls()), n+callsUntilOutage-1)
			})
		}
	}
}

func TestBulkEndsAtOnceBehindAProxyThatRefuses(t *testing.T) {
	for name, endpoint := range map[string]func(*testing.T) endpoint{
		"403 to CONNECT":             behindProxy(writes("HTTP/1.1 403 Forbidden\r\n\r\n")),
		"407 to CONNECT":             behindProxy(writes("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")),
		"certificate of the proxy":   tlsServer(func(c *tls.Config) { c.RootCAs = nil }),
		"certificate that is broken": serverWithBadCertificate,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, inputs := endpoint(t), users(100)
			t.Cleanup(e.transport.CloseIdleConnections)
			c := newClient(t, e.transport, wrapper.Options{BaseURL: e.url})
			stopped := false
			for r := range runReset(t.Context(), c, inputs.all, wrapper.BulkOptions{}) {
				assert.LessOrEqual(t, assertCallError(t, r.Err).Attempts, 1)
				assert.True(t, wrapper.NotSent(r.Err), "%v", r.Err)
				stopped = stopped || wrapper.StopsRun(r.Err)
			}
			assert.True(t, stopped)
			assert.LessOrEqual(t, inputs.taken, defaultConcurrent+callsUntilOutage-1)
		})
	}
}

func TestBulkOneInputThatAlwaysFailsIsNoOutage(t *testing.T) {
	for _, n := range []int{1, 8} {
		for _, kind := range outageKinds {
			inBubble(t, fmt.Sprintf("%s/concurrency %d", kind.name, n), func(t *testing.T) {
				slack := slacktest.New()
				slack.Respond(func(c slacktest.Call) slacktest.Answer {
					if c.UserID == nthUser(250) {
						return kind.response
					}
					return slacktest.Answer{}
				})
				results := 0
				for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), users(500).all, concurrency(n)) {
					results++
					assert.Equal(t, r.Options.UserID == nthUser(250), r.Err != nil, "%s: %v", r.Options.UserID, r.Err)
					assert.False(t, wrapper.StopsRun(r.Err))
				}
				assert.Equal(t, 500, results)
			})
		}
	}
}

func TestOutageDoesNotConcernSingleCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.Outage(503))
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 2}})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range runReset(ctx, c, users(100).all, wrapper.BulkOptions{}) {
			}
		}()
		time.Sleep(time.Minute)

		start := time.Now()
		_, err := reset(t.Context(), c)
		httpError(503, retryable|unknown).assertIs(t, nil, err)
		assert.Less(t, time.Since(start), time.Second)
		cancel()
		synctest.Wait()
	})
}

func TestOutageAttemptsDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), 5*time.Minute, slacktest.Outage(503))
		c := newClient(t, slack, wrapper.Options{Retry: singleAttempt})
		failed := 0
		for r := range runReset(t.Context(), c, users(100).all, wrapper.BulkOptions{}) {
			if r.Err != nil {
				failed++
			}
		}
		assert.Equal(t, callsUntilOutage-1, failed, "what ended before the outage was known")
	})
}

func TestOutageAttemptsLeaveAttemptsForLaterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, failures := slacktest.New(), 0
		slack.Down(time.Now(), 9*time.Minute, slacktest.Outage(503)) // long enough for several probes of each call
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == nthUser(defaultConcurrent) && failures == 0 {
				failures++
				return slacktest.Outage(500)
			}
			return slacktest.Answer{}
		})
		// One attempt is made before the outage is known, one fails after it, and one succeeds.
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 3}})
		for r := range runReset(t.Context(), c, users(100).all, wrapper.BulkOptions{}) {
			assert.NoError(t, r.Err)
		}
		assert.Equal(t, 1, failures)
	})
}

// These responses end a single call, so their Retry-After delays no other call. An outage repeats them.
func TestOutageWaitsForTheRetryAfterOfAnyResponse(t *testing.T) {
	for _, status := range []int{302, 403, 407} {
		inBubble(t, strconv.Itoa(status), func(t *testing.T) {
			slack, start := slacktest.New(), time.Now()
			slack.Respond(func(c slacktest.Call) slacktest.Answer {
				if c.UserID == nthUser(1) || time.Since(start) > 150*time.Second {
					return slacktest.Answer{}
				}
				response := slacktest.Proxy(status).With("Retry-After", "60")
				response.Delay = time.Millisecond // the success comes first
				return response
			})
			failed := 0
			for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), users(9).all, wrapper.BulkOptions{}) {
				if r.Err != nil {
					failed++
				}
			}
			assert.Equal(t, callsUntilOutage-1, failed, "what ended before the outage was known")
			var sent []time.Duration
			for _, request := range slack.Calls() {
				sent = append(sent, request.At.Sub(start).Truncate(time.Second))
			}
			assert.Equal(t, []time.Duration{0, time.Minute, 2 * time.Minute, 3 * time.Minute}, slices.Compact(sent))
		})
	}
}

// The calls that failed before the outage was known wait for a Retry-After or a backoff of their own.
func TestMaxOutageEndsEveryWait(t *testing.T) {
	for name, tc := range map[string]struct {
		response slacktest.Answer
		retry    wrapper.RetryOptions
	}{
		"Retry-After": {unavailable("110"), wrapper.RetryOptions{}},
		"backoff":     {slacktest.Outage(503), wrapper.RetryOptions{MinDelay: century, MaxDelay: century}},
	} {
		inBubble(t, name, func(t *testing.T) {
			start, results := time.Now(), 0
			tc.response.Delay = time.Millisecond // so that all calls have sent a request before the outage is known
			c := newClient(t, respond(tc.response), wrapper.Options{Retry: tc.retry})
			for r := range runReset(t.Context(), c, users(20).all, wrapper.BulkOptions{MaxOutage: 5 * time.Second}) {
				results++
				assert.True(t, wrapper.StopsRun(r.Err), "%v", r.Err)
				assert.Equal(t, "http_503", wrapper.Reason(r.Err))
				assert.ErrorContains(t, r.Err, "no usable response for 5s")
			}
			assert.Equal(t, 5*time.Second, time.Since(start))
			assert.Equal(t, defaultConcurrent, results)
		})
	}
}

func TestOutageErrorAfterARateLimitNamesTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			response := slacktest.Outage(503)
			response.Delay = 20 * time.Millisecond
			if c.UserID == nthUser(1) {
				response = slacktest.RateLimited(time.Second)
				response.Delay = 10 * time.Millisecond
			}
			return response
		})
		results := 0
		for r := range runReset(t.Context(), newClient(t, slack, wrapper.Options{}), users(8).all, wrapper.BulkOptions{MaxOutage: -1}) {
			results++
			if r.Options.UserID == nthUser(1) {
				assert.ErrorContains(t, r.Err, "ratelimited; no usable response for 0s, last: HTTP 503")
			}
		}
		assert.Equal(t, 8, results)
	})
}

func TestOutageWaitEndsWithTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.ConnectionRefused())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start, results := time.Now(), 0
		for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), users(100).all, wrapper.BulkOptions{}) {
			results++
			assert.ErrorIs(t, r.Err, context.DeadlineExceeded)
			assert.True(t, wrapper.NotSent(r.Err), "%v", r.Err)
		}
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Equal(t, defaultConcurrent, results)
	})
}

func TestOutageErrorOfACallThatMadeNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		down := slacktest.Outage(503)
		down.Delay = 100 * time.Millisecond // all calls have begun when the first one fails
		slack.Down(time.Now(), time.Hour, down)
		var fetches atomic.Int32
		c := newClient(t, slack, wrapper.Options{}).WithTokenSource(func(context.Context) (string, error) {
			if fetches.Add(1) > callsUntilOutage {
				time.Sleep(time.Second) // until the outage is known
			}
			return token, nil
		})
		unsent := 0
		for r := range runReset(t.Context(), c, users(100).all, wrapper.BulkOptions{Concurrency: 10, MaxOutage: -1}) {
			if !wrapper.NotSent(r.Err) {
				continue
			}
			unsent++
			var e *wrapper.Error
			require.ErrorAs(t, r.Err, &e)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, "no_answer", wrapper.Reason(r.Err))
			assert.ErrorContains(t, r.Err, "no usable response for 1s, last: HTTP 503")
			assert.True(t, wrapper.StopsRun(r.Err))
		}
		assert.Equal(t, 10-callsUntilOutage, unsent)
	})
}

// One 503 can ask everyone to wait for longer than the run may last. The run must not hand out its inputs as failed.
func TestBulkEndsWithARetryAfterThatIsNoRateLimit(t *testing.T) {
	for _, tc := range []struct {
		name       string
		deadline   time.Duration
		maxOutage  time.Duration
		retryAfter string
		text       string
	}{
		{"beyond the deadline", 50 * time.Second, 0, "300", "the context would end first"},
		{"beyond the deadline, within MaxRetryAfter", 50 * time.Second, 0, "60", "the context would end first"},
		{"beyond MaxOutage", 24 * time.Hour, 0, "3600", "1h0m0s, longer than MaxOutage (10m0s)"},
		{"beyond MaxRetryAfter, which is longer than MaxOutage", 24 * time.Hour, time.Minute, "150", "2m30s, longer than MaxRetryAfter (2m0s)"},
		{"beyond MaxRetryAfter, without MaxOutage", 24 * time.Hour, -1, "150", "2m30s, longer than MaxRetryAfter (2m0s)"},
	} {
		inBubble(t, tc.name, func(t *testing.T) {
			slack := slacktest.New()
			slack.Respond(func(c slacktest.Call) slacktest.Answer {
				if c.UserID == nthUser(1) {
					return unavailable(tc.retryAfter)
				}
				return slacktest.Answer{Delay: 100 * time.Millisecond} // the 503 comes first
			})
			ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
			defer cancel()
			start, failed, stops := time.Now(), 0, 0
			for r := range runReset(ctx, newClient(t, slack, wrapper.Options{}), users(1000).all, wrapper.BulkOptions{Concurrency: 8, MaxOutage: tc.maxOutage}) {
				if r.Err != nil {
					failed++
				}
				if wrapper.StopsRun(r.Err) {
					stops++
					assert.ErrorContains(t, r.Err, tc.text)
				}
			}
			assert.LessOrEqual(t, failed, 1+8, "the call that met the 503, and those in flight when the run ended")
			assert.Positive(t, stops)
			assert.Less(t, time.Since(start), tc.deadline)
		})
	}
}
