package wrapper_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// The questions to an error say what a playbook does next. It needs no list of Slack's codes.
func Example_playbook() {
	next := func(err error) string {
		reason := wrapper.Reason(err)
		switch {
		case err == nil:
			return "close the task"
		case wrapper.StopsRun(err):
			return "stop, it is the same for every user: " + reason
		case wrapper.OutcomeUnknown(err):
			return "repeat, the user may or may not be out: " + reason
		case wrapper.Retryable(err):
			return "repeat later: " + reason
		case wrapper.NotSent(err):
			return "correct the input, Slack knows nothing of it: " + reason
		}
		return "ask an analyst, it is about this user: " + reason
	}

	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MaxAttempts: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, task := range []struct {
		user   string
		answer slacktest.Answer
	}{
		{user: "W0123456789"},
		{user: "W0123456789", answer: slacktest.Refused("token_revoked")},
		{user: "W0123456789", answer: slacktest.Outage(http.StatusBadGateway)},
		{user: "W0123456789", answer: slacktest.Refused("user_session_reset_failed")},
		{user: "W0123456789", answer: slacktest.ConnectionRefused()},
		{user: "W0123456789", answer: slacktest.Refused("user_not_found")},
		{user: ""},
	} {
		slack.Script(task.answer)
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: task.user})
		fmt.Println(next(err))
	}
	// Output:
	// close the task
	// stop, it is the same for every user: token_revoked
	// repeat, the user may or may not be out: http_502
	// repeat later: user_session_reset_failed
	// repeat later: no_answer
	// ask an analyst, it is about this user: user_not_found
	// correct the input, Slack knows nothing of it: invalid_options
}

func ExampleError() {
	slack := slacktest.New()
	slack.AddToken("xoxp-test-token", slacktest.Token{Scopes: []string{"users:read"}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	var e *wrapper.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, "after attempts:", e.Attempts)
		fmt.Println("the token needs", e.Needed, "and has", e.Provided)
		fmt.Println("for Slack's support:", e.RequestID)
	}
	// Output:
	// missing_scope after attempts: 1
	// the token needs admin.users:write and has users:read
	// for Slack's support: 00000000000000000000000000000001
}

// Reason makes labels for metrics: a bounded set, without a token or a user.
func ExampleReason() {
	var mu sync.Mutex // Observe is called by several goroutines at once
	requests := map[string]int{}
	slack := slacktest.New()
	slack.Script(slacktest.Outage(http.StatusServiceUnavailable), slacktest.Answer{}, slacktest.Refused("user_not_found"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
		Observe: func(_ context.Context, a wrapper.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			requests[cmp.Or(wrapper.Reason(a.Err), "ok")]++
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range []string{"W0000000001", "W0000000002"} {
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: user})
		fmt.Println(user, "is out:", err == nil)
	}
	fmt.Println(requests)
	// Output:
	// W0000000001 is out: true
	// W0000000002 is out: false
	// map[http_503:1 ok:1 user_not_found:1]
}

func ExampleLogAttempts() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "elapsed", "retry_in": // differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	slack := slacktest.New()
	slack.Script(slacktest.Refused("user_session_reset_failed"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
		Observe:    wrapper.LogAttempts(logger),
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=WARN msg="slack request failed" method=admin.users.session.reset attempt=1 status=200 reason=user_session_reset_failed error="slack: admin.users.session.reset: user_session_reset_failed (request 00000000000000000000000000000001)" request_id=00000000000000000000000000000001
	// level=INFO msg="slack request" method=admin.users.session.reset attempt=2 request_id=00000000000000000000000000000002
}

// A repeated reset also ends the sessions that began in between. This client leaves it to its caller to repeat one
// that may have taken effect.
func ExampleRetryOptions() {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Err: io.ErrUnexpectedEOF, Effect: true})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry: wrapper.RetryOptions{
			Retryable: func(err error) bool { return wrapper.Retryable(err) && !wrapper.OutcomeUnknown(err) },
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	fmt.Println("may be out:", wrapper.OutcomeUnknown(err))
	fmt.Println("requests:", len(slack.Calls()))
	// Output:
	// may be out: true
	// requests: 1
}
