package wrapper_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// trip is one request and the time that it was on its way.
type trip struct {
	sent, back time.Time
	status     int           // 0 if there was no response
	retryAfter time.Duration // of the response
}

// tripRecorder records every request, also those that get no connection. Each takes 100 ms there and 100 ms back.
type tripRecorder struct {
	slack *slacktest.Slack

	mu    sync.Mutex
	trips []trip
}

func (r *tripRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	now := trip{sent: time.Now()}
	time.Sleep(100 * time.Millisecond)
	resp, err := r.slack.RoundTrip(req)
	time.Sleep(100 * time.Millisecond)
	now.back = time.Now()
	if err == nil {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		now.status, now.retryAfter = resp.StatusCode, time.Duration(seconds)*time.Second
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trips = append(r.trips, now)
	return resp, err
}

// count counts the requests that match.
func (r *tripRecorder) count(matches func(trip) bool) (n int) {
	for _, t := range r.trips {
		if matches(t) {
			n++
		}
	}
	return n
}

// assertNoneWithinRetryAfter checks that nothing was sent between a response and the end of its Retry-After.
func (r *tripRecorder) assertNoneWithinRetryAfter(t *testing.T) {
	t.Helper()
	for _, held := range r.trips {
		early := r.count(func(o trip) bool { return o.sent.After(held.back) && o.sent.Before(held.back.Add(held.retryAfter)) })
		assert.Zero(t, early, "requests within a Retry-After of %v", held.retryAfter)
	}
}

// assertSlowStart checks that after end, no more requests are in flight than were then, one more, and one more for each
// response since.
func (r *tripRecorder) assertSlowStart(t *testing.T, end time.Time) {
	t.Helper()
	stale := r.count(func(o trip) bool { return o.sent.Before(end) && o.back.After(end) })
	for _, now := range r.trips {
		if now.sent.Before(end) {
			continue
		}
		inFlight := r.count(func(o trip) bool { return !o.sent.Before(end) && !o.sent.After(now.sent) && o.back.After(now.sent) })
		responses := r.count(func(o trip) bool {
			return (o.status == http.StatusOK || o.status == http.StatusTooManyRequests) && o.back.After(end) && !o.back.After(now.sent)
		})
		assert.LessOrEqual(t, inFlight, stale+1+responses, "in flight %v after the end", now.sent.Sub(end))
	}
}

// assertOneByOne checks that between from and to never two requests are in flight, and that there are some if that is longer
// than the largest backoff and the timeout of a request.
func (r *tripRecorder) assertOneByOne(t *testing.T, from, to time.Time) {
	t.Helper()
	within := func(o trip) bool { return !o.sent.Before(from) && o.sent.Before(to) }
	if to.Sub(from) > time.Minute {
		assert.Positive(t, r.count(within))
	}
	for _, now := range r.trips {
		inFlight := r.count(func(o trip) bool { return within(o) && !o.sent.After(now.sent) && o.back.After(now.sent) })
		assert.False(t, within(now) && inFlight > 1, "%d in flight", inFlight)
	}
}

// Package pace measures how well limits are used. Here is whether a run of the client keeps to them.
func TestBulkFollowsALimitOfAnyKind(t *testing.T) {
	const inputs, limit = 330, 50
	for name, tc := range map[string]struct {
		limit    slacktest.Limit
		earliest time.Duration
	}{
		"fixed window":   {slacktest.FixedWindow(limit, time.Minute, 47*time.Second), 5*time.Minute + 47*time.Second},
		"sliding window": {slacktest.SlidingWindow(limit, time.Minute), 6 * time.Minute},
		"token bucket":   {slacktest.TokenBucket(limit, time.Minute), (inputs - limit) * time.Minute / limit},
	} {
		for _, reason := range []string{"", "user_not_found"} { // refusals count against a limit as well
			inBubble(t, name+"/reason "+reason, func(t *testing.T) {
				slack := slacktest.New()
				if reason != "" {
					slack.AddUser(slacktest.User{ID: "W2"})
				}
				slack.Limit(slacktest.MethodReset, tc.limit)
				network := &tripRecorder{slack: slack}
				client := newClient(t, network, wrapper.Options{})
				start := time.Now()
				for r := range client.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, inputs), wrapper.BulkOptions{}) {
					require.Equal(t, reason, wrapper.Reason(r.Err))
				}
				assert.GreaterOrEqual(t, time.Since(start), tc.earliest)
				assert.LessOrEqual(t, time.Since(start), tc.earliest+10*time.Second)
				assert.LessOrEqual(t, network.count(func(o trip) bool { return o.status == http.StatusTooManyRequests }), inputs/10)
				network.assertNoneWithinRetryAfter(t)
			})
		}
	}
}

func TestCallsResumeOneByOneAfterARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(rateLimitedForMinute)
		network := &tripRecorder{slack: slack}
		c := newClient(t, network, wrapper.Options{})
		start := time.Now()
		var calls sync.WaitGroup
		calls.Go(func() { _, _ = reset(t.Context(), c) })
		time.Sleep(time.Second) // until the limit is met
		for range 20 {
			calls.Go(func() {
				_, err := reset(t.Context(), c)
				assert.NoError(t, err)
			})
		}
		calls.Wait()
		assert.Len(t, network.trips, 22)
		network.assertNoneWithinRetryAfter(t)
		network.assertSlowStart(t, start.Add(time.Minute))
	})
}
