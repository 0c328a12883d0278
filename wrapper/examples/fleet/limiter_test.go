package fleet

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// spaced stands in for Redis. It permits one request each interval of virtual time, and fails from down to up.
type spaced struct {
	interval time.Duration
	err      error
	down, up time.Time

	mu    sync.Mutex
	next  time.Time
	asked int
}

// fails makes Redis fail for a time that begins later.
func (s *spaced) fails(later, lasts time.Duration) {
	s.err = errors.New("connection refused")
	s.down = time.Now().Add(later)
	s.up = s.down.Add(lasts)
}

func (s *spaced) Allow(context.Context, string, redis_rate.Limit) (*redis_rate.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if now := time.Now(); !now.Before(s.down) && now.Before(s.up) {
		return nil, s.err
	}
	if wait := time.Until(s.next); wait > 0 {
		return &redis_rate.Result{RetryAfter: wait}, nil
	}
	s.next = time.Now().Add(s.interval)
	return &redis_rate.Result{Allowed: 1, RetryAfter: -1}, nil
}

func TestCallsPassOneByOneAndAskRedisTwiceEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &spaced{interval: 3 * time.Second}
		l := newLimiter(rdb, "key", Tier2)
		start := time.Now()
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() { assert.NoError(t, l.Wait(t.Context())) })
		}
		waiting.Wait()
		took := time.Since(start)
		assert.GreaterOrEqual(t, took, 19*3*time.Second)
		assert.LessOrEqual(t, took, 19*(3*time.Second+Tier2.Period/20/20))
		assert.Equal(t, 1+2*19, rdb.asked)
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(&spaced{interval: time.Hour}, "key", Tier2)
		require.NoError(t, l.Wait(t.Context()))
		start := time.Now()

		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, l.Wait(soon), context.DeadlineExceeded)
		assert.Zero(t, time.Since(start), "a wait that would exceed the deadline does not begin")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, l.Wait(ctx), context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestCallBehindAnotherEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(&spaced{interval: time.Hour}, "key", Tier2)
		require.NoError(t, l.Wait(t.Context()))
		var first sync.WaitGroup
		first.Go(func() { assert.NoError(t, l.Wait(t.Context())) })
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, l.Wait(ctx), context.DeadlineExceeded)
		first.Wait()
	})
}

// resetAll resets n users in a bulk run of 4 calls at once, and returns its results.
func resetAll(t *testing.T, l *Limiter, n int) (errs []error, slack *slacktest.Slack) {
	t.Helper()
	slack = slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack}, Limiter: l,
	})
	require.NoError(t, err)
	users := slices.Repeat([]wrapper.ResetOptions{{UserID: "W0123456789"}}, n)
	for r := range client.BulkReset(t.Context(), slices.Values(users), wrapper.BulkOptions{Concurrency: 4}) {
		errs = append(errs, r.Err)
	}
	return errs, slack
}

func TestRunRidesOverARestartOfRedis(t *testing.T) {
	for _, lasts := range []time.Duration{4 * time.Second, 110 * time.Second} {
		t.Run(lasts.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rdb := &spaced{interval: 3 * time.Second}
				rdb.fails(10*time.Second, lasts)
				l := newLimiter(rdb, "key", Tier2)
				var told []error
				l.OnOutage = func(err error) { told = append(told, err) }
				start := time.Now()

				errs, slack := resetAll(t, l, 20)

				assert.Equal(t, make([]error, 20), errs)
				assert.Less(t, time.Since(start), 20*3*time.Second+lasts+maxBackoff)
				assert.Equal(t, []error{rdb.err, nil}, told)
				for _, c := range slack.Calls() {
					assert.False(t, c.At.After(rdb.down) && c.At.Before(rdb.up), "a request that Redis did not count")
				}
			})
		})
	}
}

func TestRedisThatStaysAwayEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &spaced{interval: 3 * time.Second}
		rdb.fails(10*time.Second, time.Hour)
		l := newLimiter(rdb, "key", Tier2)

		errs, slack := resetAll(t, l, 1000)

		assert.Len(t, slack.Calls(), 4)
		require.Len(t, errs, 8, "four results before, and the calls in flight")
		for _, err := range errs[4:] {
			require.ErrorIs(t, err, rdb.err)
			require.ErrorContains(t, err, "fleet: Redis: connection refused")
			assert.True(t, wrapper.StopsRun(err))
		}
		assert.WithinRange(t, time.Now(), rdb.down.Add(DefaultMaxOutage), rdb.down.Add(DefaultMaxOutage+requestTimeout+maxBackoff))

		asked, start := rdb.asked, time.Now()
		require.ErrorIs(t, l.Wait(t.Context()), rdb.err)
		assert.Equal(t, asked+1, rdb.asked, "a later call asks once")
		assert.Zero(t, time.Since(start))
		time.Sleep(time.Until(rdb.up))
		require.NoError(t, l.Wait(t.Context()))
	})
}

func TestRedisThatHasNeverRespondedEndsTheRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &spaced{interval: 3 * time.Second}
		rdb.fails(0, time.Minute)
		start := time.Now()
		errs, slack := resetAll(t, newLimiter(rdb, "key", Tier2), 1000)
		assert.LessOrEqual(t, len(errs), 4, "the run took more users")
		for _, err := range errs {
			assert.ErrorIs(t, err, rdb.err)
		}
		assert.Zero(t, time.Since(start))
		assert.Empty(t, slack.Calls())
	})
}

func TestWaitForRedisEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &spaced{interval: 3 * time.Second}
		rdb.fails(time.Second, time.Hour)
		l := newLimiter(rdb, "key", Tier2)
		require.NoError(t, l.Wait(t.Context()))

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := l.Wait(ctx)
		require.ErrorIs(t, err, rdb.err, "the error names the cause")
		assert.ErrorContains(t, err, "the context would end before")

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		require.ErrorIs(t, l.Wait(ctx), context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestNegativeMaxOutageWaitsForNoRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &spaced{interval: 3 * time.Second}
		rdb.fails(time.Second, time.Hour)
		l := newLimiter(rdb, "key", Tier2)
		l.MaxOutage = -1
		require.NoError(t, l.Wait(t.Context()))
		time.Sleep(time.Second)
		start := time.Now()
		require.ErrorIs(t, l.Wait(t.Context()), rdb.err)
		assert.Zero(t, time.Since(start))
	})
}

// silent stands in for a Redis that does not respond, and for a client of it that would repeat for minutes.
type silent struct{ asked int }

func (s *silent) Allow(ctx context.Context, _ string, _ redis_rate.Limit) (*redis_rate.Result, error) {
	s.asked++
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestCallsThatWaitFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &silent{}
		l := newLimiter(rdb, "key", Tier2)
		start := time.Now()
		var waiting sync.WaitGroup
		for range 100 {
			waiting.Go(func() { assert.EqualError(t, l.Wait(t.Context()), "fleet: Redis: context deadline exceeded") })
		}
		waiting.Wait()
		assert.Equal(t, requestTimeout, time.Since(start))

		require.Error(t, l.Wait(t.Context()))
		assert.Equal(t, 2, rdb.asked, "a later call asks anew")
	})
}

func TestRedisThatIsNotThereIsNamed(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	rdb := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1, DialerRetries: 1})
	defer func() { assert.NoError(t, rdb.Close()) }()

	l, err := New(rdb, "key", Tier2)
	require.NoError(t, err)
	err = l.Wait(t.Context())
	require.ErrorContains(t, err, "fleet: Redis: ")
	assert.ErrorContains(t, err, address)
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{})
	defer func() { assert.NoError(t, rdb.Close()) }()
	for name, c := range map[string]struct {
		rdb   redis.UniversalClient
		key   string
		limit redis_rate.Limit
	}{
		"Redis client": {nil, "key", Tier2},
		"key":          {rdb, "", Tier2},
		"Rate":         {rdb, "key", redis_rate.Limit{Period: time.Minute}},
		"Period":       {rdb, "key", redis_rate.Limit{Rate: 20}},
		"Burst":        {rdb, "key", redis_rate.Limit{Rate: 20, Period: time.Minute, Burst: -1}},
	} {
		_, err := New(c.rdb, c.key, c.limit)
		assert.ErrorContains(t, err, name)
	}
}
