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

// spaced stands in for Redis: it lets one request pass each interval of virtual time.
type spaced struct {
	interval time.Duration
	err      error

	mu    sync.Mutex
	next  time.Time
	asked int
}

func (s *spaced) Allow(context.Context, string, redis_rate.Limit) (*redis_rate.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.err != nil {
		return nil, s.err
	}
	if wait := time.Until(s.next); wait > 0 {
		return &redis_rate.Result{RetryAfter: wait}, nil
	}
	s.next = time.Now().Add(s.interval)
	return &redis_rate.Result{Allowed: 1, RetryAfter: -1}, nil
}

func TestCallsPassOneByOneAndAskRedisNoMoreThanTwiceEach(t *testing.T) {
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
		assert.Zero(t, time.Since(start), "a wait that outlasts the deadline is not begun")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, l.Wait(ctx), context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestCallThatWaitsForItsTurnEndsWithItsContext(t *testing.T) {
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

// silent stands in for a Redis that does not answer until its client gives up.
type silent struct{ asked int }

func (s *silent) Allow(context.Context, string, redis_rate.Limit) (*redis_rate.Result, error) {
	s.asked++
	time.Sleep(5 * time.Second)
	return nil, errors.New("i/o timeout")
}

func TestCallsThatWaitWhileRedisFailsEndWithThatFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb := &silent{}
		l := newLimiter(rdb, "key", Tier2)
		start := time.Now()
		var waiting sync.WaitGroup
		for range 100 {
			waiting.Go(func() { assert.EqualError(t, l.Wait(t.Context()), "fleet: Redis: i/o timeout") })
		}
		waiting.Wait()
		assert.Equal(t, 5*time.Second, time.Since(start))

		require.Error(t, l.Wait(t.Context()))
		assert.Equal(t, 2, rdb.asked, "a later call asks anew")
	})
}

func TestRedisThatFailsEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		down := errors.New("connection refused")
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			HTTPClient: &http.Client{Transport: slack},
			Limiter:    newLimiter(&spaced{err: down}, "key", Tier2),
		})
		require.NoError(t, err)
		users := slices.Repeat([]wrapper.ResetOptions{{UserID: "W0123456789"}}, 1000)
		results := 0
		for r := range client.BulkReset(t.Context(), slices.Values(users), wrapper.BulkOptions{Concurrency: 4}) {
			results++
			require.ErrorIs(t, r.Err, down)
			require.ErrorContains(t, r.Err, "fleet: Redis: connection refused")
		}
		assert.LessOrEqual(t, results, 4, "the run took more users")
		assert.Empty(t, slack.Calls())
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
