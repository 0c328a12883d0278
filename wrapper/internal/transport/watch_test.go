package transport_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// watched sends a request through a transport. It returns the request's Watch and what came of it.
func watched(t *testing.T, to http.RoundTripper, address string, valid func() bool) (*transport.Watch, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := &transport.Watch{Valid: valid, Cancel: cancel}
	r, err := http.NewRequestWithContext(w.Trace(ctx), http.MethodPost, address, strings.NewReader("body"))
	require.NoError(t, err)
	w.Follow(r)
	require.Nil(t, r.GetBody, "net/http must not send it again")
	resp, err := transport.Once{Client: &http.Client{Transport: to}}.Do(r)
	if err == nil {
		assert.NoError(t, resp.Body.Close())
	}
	return w, err
}

func always() bool { return true }

func TestARequestThatMustNotBeSentAnyMoreIsNotSent(t *testing.T) {
	requests := 0
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ })
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	defer plain.Close()
	defer secure.Close()
	for _, server := range []*httptest.Server{plain, secure} {
		w, err := watched(t, server.Client().Transport, server.URL, func() bool { return false })
		require.Error(t, err)
		assert.True(t, w.Void())
		assert.Zero(t, requests)

		w, err = watched(t, server.Client().Transport, server.URL, always)
		require.NoError(t, err, "the next request goes")
		assert.False(t, w.Void())
		assert.Equal(t, 1, requests)
		requests = 0
	}
}
