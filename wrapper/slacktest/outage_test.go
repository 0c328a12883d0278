package slacktest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestASlackIsDownForAsLongAsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		at := inMemory(slack)
		start := time.Now()
		slack.Down(start.Add(time.Minute), 2*time.Minute, slacktest.Outage(503))
		slack.Down(start.Add(2*time.Minute), 30*time.Second, slacktest.Outage(500))
		slack.Down(start.Add(time.Hour), time.Minute, slacktest.Outage(502))
		for _, tc := range []struct {
			after  time.Duration
			status int
		}{
			{0, 200},
			{time.Minute - 1, 200},
			{time.Minute, 503},
			{2*time.Minute - 1, 503},
			{2 * time.Minute, 500}, // the outage that was planned last counts
			{150 * time.Second, 503},
			{3*time.Minute - 1, 503},
			{3 * time.Minute, 200},
			{time.Hour, 502},
			{time.Hour + time.Minute, 200},
		} {
			time.Sleep(tc.after - time.Since(start))
			assert.Equal(t, tc.status, at.reset(t, "W1").status, tc.after)
		}
	})
}

func TestAnOutageLeavesScriptLimitAndSessionsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(reset, slacktest.SlidingWindow(1, time.Hour))
		slack.AddUser(slacktest.User{ID: "W1", Sessions: []slacktest.Session{phone}})
		slack.Script(slacktest.Refused("internal_error"))
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{}.With("X-Test", "1") })
		slack.Down(time.Now(), time.Minute, slacktest.Outage(503))
		at := inMemory(slack)
		for range 2 {
			a := at.reset(t, "W1")
			assert.Equal(t, 503, a.status)
			assert.Empty(t, a.header.Get("X-Test"))
		}
		for _, call := range slack.Calls() {
			assert.True(t, call.Scripted)
			assert.False(t, call.Effect)
			assert.Equal(t, "W1", call.UserID)
		}
		assert.Len(t, slack.Sessions("W1"), 1)
		time.Sleep(time.Minute)
		assert.Equal(t, "internal_error", at.reset(t, "W1").Error)
		a := at.reset(t, "W1")
		assert.True(t, a.OK)
		assert.Equal(t, "1", a.header.Get("X-Test"))
		assert.Equal(t, "ratelimited", at.reset(t, "W1").Error)
	})
}

func TestPagesStandInForSlack(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer slacktest.Answer
		status int
		header map[string]string
		title  string
	}{
		{"outage", slacktest.Outage(503), 503, map[string]string{"X-Slack-Req-Id": "00000000000000000000000000000001"}, "Slack is having trouble"},
		{"login", slacktest.Proxy(302), 302, map[string]string{"Location": "https://proxy.test/login", "X-Slack-Req-Id": ""}, "Sign in to the network"},
		{"credentials", slacktest.Proxy(407), 407, map[string]string{"Proxy-Authenticate": `Basic realm="proxy"`, "Location": ""}, "Sign in to the network"},
		{"forbidden", slacktest.Proxy(403), 403, map[string]string{"Proxy-Authenticate": ""}, "Sign in to the network"},
		{"login page", slacktest.Proxy(200), 200, map[string]string{"Location": ""}, "Sign in to the network"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
				at.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				slack.Down(time.Now(), time.Hour, tc.answer)
				a := at.reset(t, "W1")
				assert.Equal(t, tc.status, a.status)
				assert.Equal(t, "<!DOCTYPE html><title>"+tc.title+"</title>", a.body)
				assert.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
				for key, value := range tc.header {
					assert.Equal(t, value, a.header.Get(key), key)
				}
			})
		})
	}
}

func TestAHangingSlackAnswersNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Second, slacktest.Hanging())
		at := inMemory(slack)
		at.Timeout = time.Hour
		start := time.Now()
		_, err := at.do(t, at.request(t, reset, form, "user_id=W1"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Hour, time.Since(start))
		call := slack.Calls()[0]
		assert.False(t, call.NotSent)
		assert.False(t, call.Effect)
		assert.True(t, at.reset(t, "W1").OK)
	})
}

// body tells what a client can learn from the body of its request.
type body struct {
	io.Reader
	read, closed bool
}

func (b *body) Read(p []byte) (int, error) {
	b.read = true
	return b.Reader.Read(p)
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestWithoutAConnectionNothingIsSent(t *testing.T) {
	for name, tc := range map[string]struct {
		err     error
		notSent bool
	}{
		"connection refused":    {slacktest.ConnectionRefused().Err, true},
		"no route to the proxy": {&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}}, true},
		"no such host":          {&net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}, true},
		"untrusted certificate": {&tls.CertificateVerificationError{Err: errors.New("not trusted")}, true},
		"unknown authority":     {x509.UnknownAuthorityError{}, true},
		"another host":          {x509.HostnameError{Host: "slack.com"}, true},
		"expired certificate":   {x509.CertificateInvalidError{Reason: x509.Expired}, true},
		"reset":                 {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, false},
		"closed":                {io.EOF, false},
	} {
		for _, by := range []string{"Script", "Down", "Respond"} {
			t.Run(name+" by "+by, func(t *testing.T) {
				slack := slacktest.New()
				slack.Limit(reset, slacktest.SlidingWindow(1, time.Hour))
				answer := slacktest.Answer{Err: tc.err, Effect: tc.notSent}
				switch by {
				case "Script":
					slack.Script(answer)
				case "Down":
					slack.Down(time.Now(), time.Hour, answer)
				case "Respond":
					slack.Respond(func(c slacktest.Call) slacktest.Answer {
						answer.Effect = false
						assert.Equal(t, "W1", c.UserID)
						return answer
					})
				}
				sent := &body{Reader: strings.NewReader("user_id=W1")}
				req := inMemory(slack).request(t, reset, form, "")
				req.Body, req.ContentLength = sent, 10
				_, err := slack.RoundTrip(req) //nolint:bodyclose // there is none
				assert.Equal(t, tc.err, err)
				notSent := tc.notSent && by != "Respond" // who cannot choose before the body is read
				assert.Equal(t, !notSent, sent.read)
				assert.True(t, sent.closed)

				call := slack.Calls()[0]
				assert.Equal(t, notSent, call.NotSent)
				assert.Equal(t, map[bool]string{true: "", false: "user_id=W1"}[notSent], call.Body)
				assert.Equal(t, map[bool]string{true: "", false: "W1"}[notSent], call.UserID)
				assert.Equal(t, reset, call.Method)
				assert.Equal(t, "xoxp-test-token", call.Token)
				assert.True(t, call.Scripted)
				assert.False(t, call.Effect)
				assert.Zero(t, call.Status)
				taken, _ := slack.Take(reset, 2)
				assert.Equal(t, 1, taken, "the rate limit is as it was")
			})
		}
	}
}

// halting sends what it has, then waits until it may fail.
type halting struct {
	io.Reader
	halted, fail chan struct{}
}

func (h *halting) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err != nil {
		close(h.halted)
		<-h.fail
		return 0, os.ErrClosed
	}
	return n, nil
}

func TestARequestCancelledHalfWayHasNoEffect(t *testing.T) {
	for name, tc := range map[string]struct {
		http2   bool
		sent    string
		records int
	}{
		"HTTP/1.1":                      {false, "user_id=W1", 1},
		"HTTP/2":                        {true, "user_id=W1", 1},
		"HTTP/2, of which nothing came": {true, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			done := make(chan struct{})
			arrived := make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				defer close(done)
				close(arrived)
				slack.ServeHTTP(w, req)
			}))
			server.EnableHTTP2 = tc.http2
			server.StartTLS()
			t.Cleanup(server.Close)
			at := site{server.Client(), server.URL + "/"}
			req := at.request(t, reset, form, "")
			half := &halting{strings.NewReader(tc.sent), make(chan struct{}), make(chan struct{})}
			req.Body, req.ContentLength = io.NopCloser(half), -1
			go func() {
				<-half.halted
				<-arrived
				close(half.fail)
			}()
			_, err := at.do(t, req)
			require.ErrorIs(t, err, os.ErrClosed)
			<-done
			require.Len(t, slack.Calls(), tc.records)
			for _, call := range slack.Calls() {
				assert.Equal(t, "request_timeout", call.Error)
				assert.False(t, call.Effect)
			}
		})
	}
}
