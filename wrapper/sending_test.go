package wrapper_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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

var never = wrapper.RetryOptions{MaxAttempts: 1}

// net/http sends a request again by itself where it can get its body again.
func TestARequestCannotBeSentAgainByTheTransport(t *testing.T) {
	eachWay(t, "both", func(t *testing.T, w way) {
		slack := slacktest.New()
		c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			assert.Nil(t, r.GetBody)
			assert.Positive(t, r.ContentLength)
			return slack.RoundTrip(r)
		}), wrapper.Options{Encoding: w.encoding})
		_, err := w.call(t.Context(), c)
		require.NoError(t, err)
	})
}

func TestNothingReachesTheServerWithinARetryAfter(t *testing.T) {
	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var arrived []time.Time
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if arrived = append(arrived, time.Now()); len(arrived) == 1 {
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				_, _ = io.WriteString(w, yes)
			}))
			server.EnableHTTP2 = h2
			server.StartTLS()
			defer server.Close()
			transport := server.Client().Transport.(*http.Transport)
			transport.MaxConnsPerHost = 1
			c := newClient(t, transport, wrapper.Options{BaseURL: server.URL})
			for r := range bulkRuns["BulkReset"](t.Context(), c, (&crowd{size: 8}).users, 8) {
				assert.NoError(t, r.err)
			}
			for i, at := range arrived {
				if wait := at.Sub(arrived[0]); wait > 200*time.Millisecond { // the client knows of the limit by then
					assert.GreaterOrEqual(t, wait, time.Second, "request %d", i+1)
				}
			}
			assert.GreaterOrEqual(t, len(arrived), 9)
			assert.LessOrEqual(t, len(arrived), map[bool]int{false: 11, true: 16}[h2], "the others were held back")
		})
	}
}

func TestABodyThatWasReadMayHaveBeenSent(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, tt := range map[string]struct {
		transport transportFunc
		unknown   bool
	}{
		"read, then refused":   {func(r *http.Request) (*http.Response, error) { _, _ = io.ReadAll(r.Body); return nil, refused }, true},
		"refused":              {func(*http.Request) (*http.Response, error) { return nil, refused }, false},
		"closed, then refused": {func(r *http.Request) (*http.Response, error) { return nil, errors.Join(r.Body.Close(), refused) }, false},
		"no word of it":        {func(*http.Request) (*http.Response, error) { return nil, errBoom }, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reset(t.Context(), newClient(t, tt.transport, wrapper.Options{Retry: never}))
			assert.Equal(t, tt.unknown, wrapper.OutcomeUnknown(err))
			assert.Equal(t, !tt.unknown, wrapper.NotSent(err))
		})
	}
}

func TestACallThatIsCancelledDoesNotSayThatItsRequestTookTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, errBoom
		}), wrapper.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := reset(ctx, c)
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, errBoom)
		assert.NotContains(t, err.Error(), "no response within")
		var request *url.Error
		require.ErrorAs(t, err, &request)
		assert.Equal(t, "Post https://slack.com/api/admin.users.session.reset", request.Op+" "+request.URL)
	})
}

func TestABodyIsNotReadAfterItsAttemptIsOver(t *testing.T) {
	var late *http.Request
	c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		late = r
		return nil, &net.OpError{Op: "dial", Err: errBoom}
	}), wrapper.Options{Retry: never})
	_, err := reset(t.Context(), c)
	require.True(t, wrapper.NotSent(err))
	_, err = io.ReadAll(late.Body)
	assert.Error(t, err, "or the request would be sent after all")
}

func TestWhatCannotBeUsedIsSaidBeforeAnythingIsSent(t *testing.T) {
	for _, call := range map[string]func() error{
		"a client that New did not make": func() error { _, err := reset(t.Context(), new(wrapper.Client)); return err },
		"no client":                      func() error { _, err := reset(t.Context(), nil); return err },
		"no context": func() error {
			_, err := reset(nil, newClient(t, slacktest.New(), wrapper.Options{})) //nolint:staticcheck // that is the mistake
			return err
		},
	} {
		fails(0, "", notSent, "invalid_options").by(wrapper.ErrInvalidOptions).assert(t, nil, call())
	}
}

func TestASlowTokenSourceHoldsNobodyElseUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(time.Second))
		var asked atomic.Int32
		var c *wrapper.Client
		c = newClient(t, slack, wrapper.Options{}).WithTokenSource(func(ctx context.Context) (string, error) {
			switch asked.Add(1) {
			case 2:
				time.Sleep(10 * time.Minute)
			case 3: // a source that needs its own client
				_, err := reset(ctx, c)
				return token, err
			}
			return token, nil
		})
		start := time.Now()
		_, err := reset(t.Context(), c.WithTokenSource(wrapper.StaticToken(token)))
		require.NoError(t, err)
		go func() { _, _ = reset(t.Context(), c) }()
		go func() { _, _ = reset(t.Context(), c) }()
		_, err = reset(t.Context(), c)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), 11*time.Minute)
		time.Sleep(20 * time.Minute)
	})
}
