package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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

func TestAWatchKnowsHowFarARequestGot(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, c := range map[string]struct {
		to      roundTripper
		reached bool
	}{
		"nothing is known": {func(*http.Request) (*http.Response, error) { return nil, io.EOF }, true},
		"no connection":    {func(*http.Request) (*http.Response, error) { return nil, refused }, false},
		"read, then no connection": {func(r *http.Request) (*http.Response, error) {
			_, _ = r.Body.Read(make([]byte, 1))
			return nil, refused
		}, true},
		"closed without being read":   {func(r *http.Request) (*http.Response, error) { return nil, errors.Join(r.Body.Close(), refused) }, false},
		"neither an answer nor error": {func(*http.Request) (*http.Response, error) { return nil, nil }, true}, //nolint:nilnil // a fault to meet
	} {
		w, err := watched(t, c.to, "http://localhost", always)
		require.Error(t, err, name)
		assert.Equal(t, c.reached, w.Reached(err), name)
		assert.False(t, w.Void(), name)
	}
}

func TestNothingIsSentAfterTheRequestIsOver(t *testing.T) {
	var body io.Reader
	w, err := watched(t, roundTripper(func(r *http.Request) (*http.Response, error) {
		body = r.Body
		return nil, &net.DNSError{}
	}), "http://localhost", always)
	require.False(t, w.Reached(err))
	_, err = body.Read(make([]byte, 1))
	assert.Error(t, err)
}

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

func TestARedirectComesAsItIs(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("https://elsewhere.test/?secret", http.StatusTemporaryRedirect))
	defer server.Close()
	_, err := watched(t, server.Client().Transport, server.URL, always)
	assert.NoError(t, err)
}
