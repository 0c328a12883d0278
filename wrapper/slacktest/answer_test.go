package slacktest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestAScriptedAnswerIsGivenOnce(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := io.WriteString(z, `{"ok":true}`)
	require.NoError(t, err)
	require.NoError(t, z.Close())

	for _, tc := range []struct {
		name   string
		answer slacktest.Answer
		status int // 0: no answer
		header map[string]string
		body   string
		cut    bool
		effect bool
	}{
		{name: "the state's", status: 200, body: `{"ok":true}`, effect: true},
		{name: "the state's with a header", answer: slacktest.Answer{}.With("X-Test", "1"), status: 200, header: map[string]string{"X-Test": "1"}, body: `{"ok":true}`, effect: true},
		{name: "the state's, cut", answer: slacktest.Answer{Cut: true}, status: 200, body: `{"ok"`, cut: true, effect: true},
		{name: "refused", answer: slacktest.Refused("new_code"), status: 200, body: `{"ok":false,"error":"new_code"}`},
		{name: "refused without a code", answer: slacktest.Refused(""), status: 200, body: `{"ok":false}`},
		{name: "limited in HTTP 200", answer: slacktest.Refused("ratelimited"), status: 200, header: map[string]string{"Retry-After": ""}, body: `{"ok":false,"error":"ratelimited"}`},
		{name: "limited", answer: slacktest.RateLimited(6100 * time.Millisecond), status: 429, header: map[string]string{"Retry-After": "7"}, body: `{"ok":false,"error":"ratelimited"}`},
		{name: "limited, who knows how long", answer: slacktest.RateLimited(0).With("retry-after", "soon"), status: 429, header: map[string]string{"Retry-After": "soon"}, body: `{"ok":false,"error":"ratelimited"}`},
		{name: "limited, no word how long", answer: slacktest.RateLimited(0).With("Retry-After"), status: 429, header: map[string]string{"Retry-After": ""}, body: `{"ok":false,"error":"ratelimited"}`},
		{name: "outage", answer: slacktest.Outage(503).With("Retry-After", "3"), status: 503, header: map[string]string{"Retry-After": "3", "Content-Type": "text/html; charset=utf-8"}, body: "<!DOCTYPE html><title>Slack is having trouble</title>"},
		{name: "nothing", answer: slacktest.Answer{Status: 200}, status: 200},
		{name: "no content", answer: slacktest.Answer{Status: 204}, status: 204},
		{name: "a body", answer: slacktest.Answer{Body: "[]"}, status: 200, body: "[]"},
		{name: "no type", answer: slacktest.Answer{Body: "<html>"}.With("Content-Type"), status: 200, header: map[string]string{"Content-Type": ""}, body: "<html>"},
		{name: "a lot, cut, after the effect", answer: slacktest.Answer{Body: strings.Repeat(" ", 5<<20), Cut: true, Effect: true}, status: 200, body: strings.Repeat(" ", 5<<19), cut: true, effect: true},
		{name: "compressed", answer: slacktest.Answer{Body: zipped.String()}.With("Content-Encoding", "gzip"), status: 200, body: `{"ok":true}`},
		{name: "as if compressed", answer: slacktest.Answer{Body: `{"ok":true}`}.With("Content-Encoding", "gzip"), status: 200, cut: true},
		{name: "closed", answer: slacktest.Answer{Err: io.EOF}},
		{name: "closed after the effect", answer: slacktest.Answer{Err: io.EOF, Effect: true}, effect: true},
		{name: "reset", answer: slacktest.Answer{Err: syscall.ECONNRESET}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
				slack.AddUser(slacktest.User{ID: "W1", Sessions: []slacktest.Session{phone}})
				slack.Script(tc.answer)
				a, err := at.do(t, at.request(t, reset, form, "user_id=W1"))
				switch {
				case tc.status == 0:
					require.ErrorIs(t, err, tc.answer.Err)
				case tc.cut:
					require.Error(t, err)
				default:
					require.NoError(t, err)
				}
				assert.Equal(t, tc.status, a.status)
				assert.Equal(t, tc.body, a.body)
				for key, value := range tc.header {
					assert.Equal(t, value, a.header.Get(key))
				}
				call := slack.Calls()[0]
				assert.Equal(t, tc.status, call.Status)
				assert.Equal(t, a.Error, call.Error)
				assert.Equal(t, a.header.Get("Retry-After"), call.RetryAfter)
				assert.Equal(t, tc.effect, call.Effect)
				assert.Equal(t, tc.effect, len(slack.Sessions("W1")) == 0)
				assert.Equal(t, tc.answer.Status != 0 || tc.answer.Body != "" || tc.answer.Err != nil, call.Scripted)

				assert.True(t, at.reset(t, "W1").OK, "the state answers again")
			})
		})
	}
}

func TestACompressedBodyIsLeftToAClientThatAskedForIt(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		slack.Script(slacktest.Answer{Body: "compressed"}.With("Content-Encoding", "gzip"))
		req := at.request(t, reset, form, "user_id=W1")
		req.Header.Set("Accept-Encoding", "gzip")
		a, err := at.do(t, req)
		require.NoError(t, err)
		assert.Equal(t, "gzip", a.header.Get("Content-Encoding"))
		assert.Equal(t, "compressed", a.body)
	})
}

func TestAReplacedAnswerTakesEffectOnlyIfTheStateGrantsIt(t *testing.T) {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "WBOT", Bot: true})
	slack.Script(slacktest.Answer{Status: 500, Effect: true})
	assert.Equal(t, 500, inMemory(slack).reset(t, "WBOT").status)
	assert.False(t, slack.Calls()[0].Effect)
}

func TestScriptedAnswersComeInOrder(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.RateLimited(time.Second), slacktest.Answer{})
	slack.Script(slacktest.Refused("internal_error"))
	slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Refused("fatal_error") })
	at := inMemory(slack)
	var codes []string
	for range 5 {
		codes = append(codes, at.reset(t, "W1").Error)
	}
	slack.Respond(nil)
	codes = append(codes, at.reset(t, "W1").Error)
	assert.Equal(t, []string{"ratelimited", "", "internal_error", "fatal_error", "fatal_error", ""}, codes)
}

func TestRespondSeesTheRequestAndMayUseTheSlack(t *testing.T) {
	slack := slacktest.New()
	slack.Respond(func(c slacktest.Call) slacktest.Answer {
		if c.UserID == "W2" && len(slack.Calls()) == 1 {
			return slacktest.Refused("user_session_reset_failed")
		}
		return slacktest.Answer{}
	})
	at := inMemory(slack)
	assert.True(t, at.reset(t, "W1").OK)
	assert.Equal(t, "user_session_reset_failed", at.reset(t, "W2").Error)
	assert.True(t, at.reset(t, "W2").OK)
}

func TestAStatusThatIsNotFinalIsNotFollowedByAnother(t *testing.T) {
	slack := slacktest.New()
	secure := httptest.NewUnstartedServer(slack)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	defer secure.Close()
	for protocol, at := range map[string]site{"HTTP/1.1": overLoopback(t, slack), "HTTP/2.0": {secure.Client(), secure.URL + "/"}} {
		for _, status := range []int{99, 100, 101, 103, 199} {
			slack.Script(slacktest.Answer{Status: status, Body: `{"ok":true}`})
			resp, err := at.Do(at.request(t, reset, form, "user_id=W1"))
			if status == http.StatusSwitchingProtocols && protocol == "HTTP/1.1" {
				require.NoError(t, err)
				assert.Equal(t, status, resp.StatusCode)
			} else {
				assert.Error(t, err, "%s %d", protocol, status)
			}
			if err == nil {
				assert.NoError(t, resp.Body.Close())
			}
		}
	}
}

func TestARedirectLeadsOn(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		slack.Script(slacktest.Answer{Status: http.StatusTemporaryRedirect}.With("Location", at.base+"moved/"+reset))
		assert.True(t, at.reset(t, "W1").OK)
		calls := slack.Calls()
		assert.Equal(t, at.base+reset, calls[0].URL)
		assert.Equal(t, at.base+"moved/"+reset, calls[1].URL)
	})
}

func TestAnAnswerIsDelayedAfterItsEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.Answer{Delay: time.Minute}, slacktest.Answer{Delay: time.Minute})
		at := inMemory(slack)
		start := time.Now()
		assert.True(t, at.reset(t, "W1").OK)
		assert.Equal(t, time.Minute, time.Since(start))

		at.Timeout = time.Second
		_, err := at.do(t, at.request(t, reset, form, "user_id=W1"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
		assert.True(t, slack.Calls()[1].Effect)
	})
}

func TestAServerStopsWaitingWhenTheClientIsGone(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.Hanging(), slacktest.Answer{Drip: time.Hour})
	at := overLoopback(t, slack) // whose cleanup waits for the answers under way
	at.Timeout = 50 * time.Millisecond
	for range 2 {
		_, err := at.do(t, at.request(t, reset, form, "user_id=W1"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
}

func TestADripNeverEnds(t *testing.T) {
	drip := func(t *testing.T, slack *slacktest.Slack, at site, every time.Duration) string {
		slack.Script(slacktest.Answer{Drip: every})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		resp, err := at.Do(at.request(t, reset, form, "user_id=W1").WithContext(ctx))
		require.NoError(t, err)
		defer func() { assert.NoError(t, resp.Body.Close()) }()
		assert.EqualValues(t, -1, resp.ContentLength)
		body := make([]byte, 20)
		_, err = io.ReadFull(resp.Body, body)
		require.NoError(t, err)
		cancel()
		_, err = io.ReadAll(resp.Body)
		assert.ErrorIs(t, err, context.Canceled)
		return string(body)
	}
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			slack, start := slacktest.New(), time.Now()
			assert.Equal(t, `{"ok":true}         `, drip(t, slack, inMemory(slack), time.Second))
			assert.Equal(t, 20*time.Second, time.Since(start))
		})
	})
	t.Run("over loopback", func(t *testing.T) {
		slack := slacktest.New()
		assert.Equal(t, `{"ok":true}         `, drip(t, slack, overLoopback(t, slack), time.Millisecond))
	})
}

func TestAResetWithoutAConnectionAbortsTheHandler(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Err: syscall.ECONNRESET})
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+reset, nil)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { slack.ServeHTTP(httptest.NewRecorder(), req) })
}

func TestNothingArrivesThatCouldNotBeSent(t *testing.T) {
	gone, broken := errors.New("gone"), errors.New("broken")
	for name, tc := range map[string]struct {
		cancel error // of the context, before
		body   io.Reader
		err    error
	}{
		"context over":     {gone, strings.NewReader("user_id=W1"), gone},
		"body that fails":  {nil, reader{broken}, broken},
		"body that breaks": {nil, io.MultiReader(strings.NewReader("user"), reader{broken}), broken},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			slack.Script(slacktest.Refused("internal_error"), slacktest.Refused("fatal_error"))
			at := inMemory(slack)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if tc.cancel != nil {
				cancel(tc.cancel)
			}
			sent := &body{Reader: tc.body}
			req := at.request(t, reset, form, "").WithContext(ctx)
			req.Body, req.ContentLength = sent, 10
			_, err := slack.RoundTrip(req) //nolint:bodyclose // there is none
			assert.Equal(t, tc.err, err)
			assert.Equal(t, tc.cancel == nil, sent.read)
			assert.True(t, sent.closed)
			assert.Empty(t, slack.Calls())
			assert.Equal(t, "internal_error", at.reset(t, "W1").Error, "the script is as it was")
			assert.Equal(t, "fatal_error", at.reset(t, "W1").Error)
		})
	}
}

func TestABodyOfAnotherLengthThanAnnouncedDoesNotArrive(t *testing.T) {
	slack := slacktest.New()
	at := inMemory(slack)
	req := at.request(t, reset, form, "user_id=W1")
	req.ContentLength++
	_, err := at.do(t, req)
	assert.ErrorContains(t, err, "ContentLength is 11, the body has 10 bytes")
	assert.Empty(t, slack.Calls())
}

type reader struct{ err error }

func (r reader) Read([]byte) (int, error) { return 0, r.err }

func TestARequestMayHaveNoBody(t *testing.T) {
	at := inMemory(slacktest.New())
	req := at.request(t, reset, "", "")
	req.Body = nil
	a, err := at.do(t, req)
	require.NoError(t, err)
	assert.Equal(t, "invalid_arguments", a.Error)
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	first := slacktest.RateLimited(time.Second)
	second := first.With("Retry-After", "9")
	assert.Equal(t, "1", first.Header.Get("Retry-After"))
	assert.Equal(t, "9", second.Header.Get("Retry-After"))
}
