package wrapper_test

import (
	"math/rand/v2"
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

// network is what lies between a client and Slack: 200 ms there and back, each way up to a half more or less.
type network struct {
	slack  http.RoundTripper
	random *rand.Rand

	mu             sync.Mutex
	held           time.Time // end of the last Retry-After
	early, refused int
}

func (w *network) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if time.Now().Before(w.held) {
		w.early++
	}
	there, back := w.half(), w.half()
	w.mu.Unlock()

	time.Sleep(there)
	resp, err := w.slack.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	time.Sleep(back)
	if seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")); seconds > 0 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refused++
		if until := time.Now().Add(time.Duration(seconds) * time.Second); until.After(w.held) {
			w.held = until
		}
	}
	return resp, nil
}

func (w *network) half() time.Duration {
	return 50*time.Millisecond + time.Duration(w.random.Int64N(int64(100*time.Millisecond)))
}

// How well any limit is used is measured in package pace; here is whether a run of the client keeps to it.
func TestPaceFollowsALimitOfAnyKind(t *testing.T) {
	const n, limit = 330, 50
	for _, l := range []struct {
		kind     string
		limit    slacktest.Limit
		earliest time.Duration
	}{
		{"fixed window", slacktest.FixedWindow(limit, time.Minute, 47*time.Second), 5*time.Minute + 47*time.Second},
		{"sliding window", slacktest.SlidingWindow(limit, time.Minute), 6 * time.Minute},
		{"token bucket", slacktest.TokenBucket(limit, time.Minute), (n - limit) * time.Minute / limit},
	} {
		for _, known := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				if !known {
					slack.AddUser(slacktest.User{ID: "W2"})
				}
				slack.Limit(slacktest.MethodReset, l.limit)
				w := &network{slack: slack, random: rand.New(rand.NewPCG(1, 1))}
				client := newClient(t, w, wrapper.Options{})
				start := time.Now()
				for r := range client.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, n), wrapper.BulkOptions{}) {
					if known {
						require.NoError(t, r.Err)
					} else {
						require.ErrorIs(t, r.Err, wrapper.ErrUserNotFound)
					}
				}
				took := time.Since(start)
				assert.GreaterOrEqual(t, took, l.earliest, l.kind)
				assert.LessOrEqual(t, took, l.earliest+10*time.Second, l.kind)
				assert.LessOrEqual(t, w.refused, n/10, l.kind)
				assert.Zero(t, w.early, l.kind)
			})
		}
	}
}

func TestPaceIsDisturbedForSecondsByAStrayRateLimit(t *testing.T) {
	for _, stray := range []int{1, 4, 50, 500} {
		synctest.Test(t, func(t *testing.T) {
			slack, asked := slacktest.New(), 0
			slack.Respond(func(slacktest.Call) slacktest.Answer {
				if asked++; asked == stray {
					return slacktest.RateLimited(7 * time.Second)
				}
				return slacktest.Answer{Delay: 200 * time.Millisecond}
			})
			start := time.Now()
			client := newClient(t, slack, wrapper.Options{})
			for r := range client.BulkReset(t.Context(), repeat(wrapper.ResetOptions{UserID: "W1"}, 2000), wrapper.BulkOptions{}) {
				require.NoError(t, r.Err)
			}
			assert.Less(t, time.Since(start), 50*time.Second+7*time.Second+10*time.Second, stray)
		})
	}
}
