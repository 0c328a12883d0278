package slacktest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestALimitRefusesUntilRetryAfterHasPassed(t *testing.T) {
	for _, tc := range []struct {
		name       string
		limit      slacktest.Limit
		retryAfter string // of the request after the first two, sent 10.5 s past the minute
		next       int    // how many pass after that time
	}{
		{"fixed window", slacktest.FixedWindow(2, time.Minute, 0), "50", 2},
		{"fixed window with a phase", slacktest.FixedWindow(2, time.Minute, 20*time.Second), "10", 2},
		{"sliding window", slacktest.SlidingWindow(2, time.Minute), "60", 2},
		{"token bucket", slacktest.TokenBucket(2, time.Minute), "30", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Limit(reset, tc.limit)
				at := inMemory(slack)
				time.Sleep(10*time.Second + 500*time.Millisecond)
				for range 2 {
					assert.True(t, at.reset(t, "W1").OK)
				}
				a := at.reset(t, "W1")
				assert.Equal(t, 429, a.status)
				assert.JSONEq(t, `{"ok":false,"error":"ratelimited"}`, a.body)
				assert.Equal(t, tc.retryAfter, a.header.Get("Retry-After"))
				assert.True(t, at.invalidate(t, "W1", 1).OK, "the other method goes on")

				wait, err := time.ParseDuration(tc.retryAfter + "s")
				assert.NoError(t, err)
				time.Sleep(wait - time.Second)
				assert.Equal(t, "ratelimited", at.reset(t, "W1").Error)
				time.Sleep(time.Second)
				for range tc.next {
					assert.True(t, at.reset(t, "W1").OK)
				}
				assert.Equal(t, "ratelimited", at.reset(t, "W1").Error)
			})
		})
	}
}

func TestTheRestOfALimitComesBackAtItsOwnPace(t *testing.T) {
	for _, tc := range []struct {
		name  string
		limit slacktest.Limit
		taken []int // at 0 s, 15 s, 30 s, 45 s, 60 s, 75 s, asking for 2 each time
	}{
		{"fixed window", slacktest.FixedWindow(4, time.Minute, 0), []int{2, 2, 0, 0, 2, 2}},
		{"fixed window with a phase", slacktest.FixedWindow(4, time.Minute, -30*time.Second), []int{2, 2, 2, 2, 0, 0}},
		{"sliding window", slacktest.SlidingWindow(4, time.Minute), []int{2, 2, 0, 0, 2, 2}},
		{"token bucket", slacktest.TokenBucket(4, time.Minute), []int{2, 2, 2, 1, 1, 1}},
		{"no limit", slacktest.Limit{}, []int{2, 2, 2, 2, 2, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Limit(reset, tc.limit)
				var got []int
				for range tc.taken {
					taken, _ := slack.Take(reset, 2)
					got = append(got, taken)
					time.Sleep(15 * time.Second)
				}
				assert.Equal(t, tc.taken, got)
			})
		})
	}
}

func TestSomebodyElseUsesTheLimitUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(reset, slacktest.SlidingWindow(3, time.Minute))
		taken, wait := slack.Take(reset, 2)
		assert.Equal(t, 2, taken)
		assert.Zero(t, wait)
		time.Sleep(time.Second)
		assert.True(t, inMemory(slack).reset(t, "W1").OK)
		taken, wait = slack.Take(reset, 2)
		assert.Zero(t, taken)
		assert.Equal(t, 59*time.Second, wait)
		assert.Equal(t, "ratelimited", inMemory(slack).reset(t, "W1").Error)
		assert.Len(t, slack.Calls(), 2)
	})
}

func TestANewLimitCountsWhatPassedUnderTheOld(t *testing.T) {
	for _, tc := range []struct {
		name  string
		limit slacktest.Limit
		taken int
		wait  time.Duration
	}{
		{"doubled", slacktest.SlidingWindow(8, time.Minute), 4, 50 * time.Second},
		{"halved", slacktest.SlidingWindow(2, time.Minute), 0, 50 * time.Second},
		{"fixed", slacktest.FixedWindow(5, time.Minute, 0), 1, 50 * time.Second},
		{"bucket", slacktest.TokenBucket(6, time.Minute), 3, 10 * time.Second},
		{"small bucket", slacktest.TokenBucket(2, time.Minute), 0, 20 * time.Second},
		{"lifted", slacktest.Limit{}, 10, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Limit(reset, slacktest.SlidingWindow(4, time.Minute))
				slack.Take(reset, 4)
				time.Sleep(10 * time.Second)
				slack.Limit(reset, tc.limit)
				taken, wait := slack.Take(reset, 10)
				assert.Equal(t, tc.taken, taken)
				assert.Equal(t, tc.wait, wait)
			})
		})
	}
}
