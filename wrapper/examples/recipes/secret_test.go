package recipes

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// manager stands in for a secret manager. It takes a second for each response.
type manager struct {
	mu      sync.Mutex
	token   string
	err     error
	fetches int
}

func (m *manager) fetch(context.Context) (string, error) {
	time.Sleep(time.Second)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetches++
	return m.token, m.err
}

func (m *manager) set(token string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token, m.err = token, err
}

func TestTokenFromTheSecretManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(20, time.Minute))
		sealed := errors.New("vault: sealed")
		m := &manager{err: sealed}
		client, err := wrapper.New(SecretToken(m.fetch, time.Minute), wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
		require.NoError(t, err)

		_, err = client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W0123456789"})
		require.ErrorIs(t, err, sealed)
		assert.Equal(t, "token_source", wrapper.Reason(err))

		start := time.Now()
		m.set("xoxp-test-1", nil)
		time.AfterFunc(2*time.Minute, func() { m.set("", sealed) })
		time.AfterFunc(5*time.Minute, func() { m.set("xoxp-test-2", nil) })
		users := slices.Repeat([]wrapper.ResetOptions{{UserID: "W0123456789"}}, 200)
		for r := range client.BulkReset(t.Context(), slices.Values(users), wrapper.BulkOptions{}) {
			require.NoError(t, r.Err)
		}

		assert.LessOrEqual(t, time.Duration(m.fetches), 1+1+time.Since(start)/time.Minute, "one fetch a minute")
		for _, c := range slack.Calls() {
			switch used := c.At.Sub(start); {
			case used < 5*time.Minute:
				assert.Equal(t, "xoxp-test-1", c.Token, used)
			case used > 6*time.Minute+2*time.Second:
				assert.Equal(t, "xoxp-test-2", c.Token, used)
			}
		}
		assert.Equal(t, "xoxp-test-2", slack.Calls()[len(slack.Calls())-1].Token)
	})
}
