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
		fmt.Println(e.Code, "after attempt", e.Attempts)
		fmt.Println("the token needs", e.Needed, "and has", e.Provided)
		fmt.Println("for Slack support:", e.RequestID)
	}
	// Output:
	// missing_scope after attempt 1
	// the token needs admin.users:write and has users:read
	// for Slack support: 00000000000000000000000000000001
}

// Reason returns labels for metrics, from a bounded set. No label names a user.
func ExampleReason() {
	var mu sync.Mutex // several goroutines call Observe at once
	attempts := map[string]int{}
	slack := slacktest.New()
	slack.Script(slacktest.Outage(http.StatusServiceUnavailable), slacktest.Answer{}, slacktest.Refused("user_not_found"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
		Observe: func(_ context.Context, a wrapper.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			attempts[cmp.Or(wrapper.Reason(a.Err), "ok")]++
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range []string{"W0000000001", "W0000000002"} {
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: user})
		fmt.Println(user, "signed out:", err == nil)
	}
	fmt.Println(attempts)
	// Output:
	// W0000000001 signed out: true
	// W0000000002 signed out: false
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

// A repeated reset also ends sessions started since. This client does not repeat a reset that may have taken effect.
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
	fmt.Println("may be signed out:", wrapper.OutcomeUnknown(err))
	fmt.Println("attempts:", len(slack.Calls()))
	// Output:
	// may be signed out: true
	// attempts: 1
}
