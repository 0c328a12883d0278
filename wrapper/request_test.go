package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// Package contract tests the arguments in the body.
func TestRequestIsAPOSTWithOneTokenAndTheTypeOfItsBody(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			slack := slacktest.New()
			_, err := v.call(t.Context(), newClient(t, slack, wrapper.Options{Encoding: v.encoding, UserAgent: "signout/1.0"}))
			require.NoError(t, err)
			r := slack.Calls()[0]
			assert.Equal(t, http.MethodPost, r.HTTPMethod)
			assert.Equal(t, wrapper.DefaultBaseURL+"/"+r.Method, r.URL)
			assert.Equal(t, map[wrapper.Encoding]string{
				wrapper.Form: "application/x-www-form-urlencoded", wrapper.JSON: "application/json; charset=utf-8",
			}[v.encoding], r.ContentType)
			assert.Equal(t, "signout/1.0", r.Header.Get("User-Agent"))
			assert.Equal(t, []string{"Bearer " + token}, r.Header.Values("Authorization"))
		})
	}
}

func TestRequestOfEachAttemptHasAFreshTokenAndBody(t *testing.T) {
	for _, v := range variants {
		inBubble(t, v.name, func(t *testing.T) {
			m := makeCall(t, v, setup{source: tokens("xoxp-test-1", "xoxp-test-2"), responses: repeated(1, slacktest.Outage(500))})
			require.NoError(t, m.err)
			require.Len(t, m.requests, 2)
			assert.Equal(t, "xoxp-test-1", m.requests[0].Token)
			assert.Equal(t, "xoxp-test-2", m.requests[1].Token)
			assert.NotEmpty(t, m.requests[0].Body)
			assert.Equal(t, m.requests[0].Body, m.requests[1].Body)
		})
	}
}

func TestRequestHasTheModuleAsDefaultUserAgent(t *testing.T) {
	slack := slacktest.New()
	_, err := reset(t.Context(), newClient(t, slack, wrapper.Options{}))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(slack.Calls()[0].Header.Get("User-Agent"), "slack-admin-sessions/"))
}

// net/http sends a request again by itself if it can get the body again.
func TestRequestCannotBeSentAgainByTheTransport(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			slack := slacktest.New()
			c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
				assert.Nil(t, r.GetBody)
				assert.Positive(t, r.ContentLength)
				return slack.RoundTrip(r)
			}), wrapper.Options{Encoding: v.encoding})
			_, err := v.call(t.Context(), c)
			require.NoError(t, err)
		})
	}
}

func TestRequestMayBeSentOnceItsBodyIsRead(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, tc := range map[string]struct {
		transport transportFunc
		unknown   bool
	}{
		"read, then refused":   {func(r *http.Request) (*http.Response, error) { _, _ = io.ReadAll(r.Body); return nil, refused }, true},
		"refused":              {func(*http.Request) (*http.Response, error) { return nil, refused }, false},
		"closed, then refused": {func(r *http.Request) (*http.Response, error) { return nil, errors.Join(r.Body.Close(), refused) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reset(t.Context(), newClient(t, tc.transport, wrapper.Options{Retry: singleAttempt}))
			assert.Equal(t, tc.unknown, wrapper.OutcomeUnknown(err))
			assert.Equal(t, !tc.unknown, wrapper.NotSent(err))
		})
	}
}

func TestRequestBodyCannotBeReadAfterItsAttempt(t *testing.T) {
	var late *http.Request
	c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		late = r
		return nil, &net.OpError{Op: "dial", Err: errBoom}
	}), wrapper.Options{Retry: singleAttempt})
	_, err := reset(t.Context(), c)
	require.True(t, wrapper.NotSent(err))
	_, err = io.ReadAll(late.Body)
	assert.Error(t, err, "or the request would be sent after all")
}

func TestRequestThatIsCancelledDidNotTakeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, fmt.Errorf("%w: %w", errBoom, context.DeadlineExceeded) // not of the caller's context
		}), wrapper.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := reset(ctx, c)
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, errBoom)
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.NotContains(t, err.Error(), "timed out after")
		var request *url.Error
		require.ErrorAs(t, err, &request)
		assert.Equal(t, "Post https://slack.com/api/admin.users.session.reset", request.Op+" "+request.URL)
	})
}

func TestRequestErrorHidesOnlyContextErrorsOfOthers(t *testing.T) {
	c := newClient(t, transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("%w: %w", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, context.Canceled)
	}), wrapper.Options{Retry: singleAttempt})
	_, err := reset(t.Context(), c)
	assert.NotErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, syscall.ECONNRESET)
	var op *net.OpError
	assert.ErrorAs(t, err, &op)
}

func TestRequestSendsAndKeepsCookiesOfTheJar(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "proxy", Value: "passed"}) //nolint:gosec // of a test
		_, _ = io.WriteString(w, okBody)
	}))
	defer server.Close()
	hc := server.Client()
	var err error
	hc.Jar, err = cookiejar.New(nil)
	require.NoError(t, err)
	c := newClient(t, nil, wrapper.Options{BaseURL: server.URL, HTTPClient: hc})
	for range 2 {
		_, err := reset(t.Context(), c)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"", "proxy=passed"}, got)
}

func TestCallNeedsAClientAndAContext(t *testing.T) {
	refused := failure(0, "", notSent, "invalid_options").withCauses(wrapper.ErrInvalidOptions)
	for name, call := range map[string]func() (*wrapper.Response, error){
		"zero client": func() (*wrapper.Response, error) { return reset(t.Context(), new(wrapper.Client)) },
		"nil client":  func() (*wrapper.Response, error) { return reset(t.Context(), nil) },
		"nil client for another workspace": func() (*wrapper.Response, error) {
			return reset(t.Context(), (*wrapper.Client)(nil).WithTokenSource(wrapper.StaticToken(token)))
		},
		"nil context": func() (*wrapper.Response, error) {
			return reset(nil, newClient(t, slacktest.New(), wrapper.Options{})) //nolint:staticcheck // that is the mistake
		},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := call()
			refused.assertIs(t, resp, err)
		})
	}
}
