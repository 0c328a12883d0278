package slacktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// offboard stands for your code: it signs people out and returns those whose sign-out Slack did not confirm. user_not_found
// confirms nothing: a token of another organisation finds no user.
func offboard(ctx context.Context, client *wrapper.Client, userIDs []string) (open []string) {
	for _, id := range userIDs {
		_, err := client.ResetSessions(ctx, wrapper.ResetOptions{UserID: id})
		if err != nil {
			open = append(open, id)
		}
	}
	return open
}

// A test of your code: the fake takes the place of the network, and the test looks at the sessions that are left.
func Example() {
	slack := slacktest.New()
	slack.AddUser(
		slacktest.User{ID: "W1", Sessions: []slacktest.Session{{ID: 1, Device: slacktest.Mobile}, {ID: 2, Device: slacktest.Web}}},
		slacktest.User{ID: "W2", PrimaryOwner: true, Sessions: []slacktest.Session{{ID: 3, Device: slacktest.Web}}},
	)
	slack.Script(slacktest.Outage(503)) // the first attempt fails and is repeated

	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("open:", offboard(context.Background(), client, []string{"W1", "W2", "W404"}))

	fmt.Println("sessions of W1:", len(slack.Sessions("W1")))
	fmt.Println("sessions of W2:", len(slack.Sessions("W2")))
	for _, call := range slack.Calls() {
		fmt.Printf("%s %d %q\n", call.UserID, call.Status, call.Error)
	}

	// Output:
	// open: [W2 W404]
	// sessions of W1: 0
	// sessions of W2: 1
	// W1 503 ""
	// W1 200 ""
	// W2 200 "cannot_reset_primary_owner"
	// W404 200 "user_not_found"
}

// Responses that Slack has been seen to send and does not document. An Answer can be any response.
func ExampleSlack_Script() {
	slack := slacktest.New()
	slack.Script(
		slacktest.RateLimited(43*time.Second),
		slacktest.Answer{Status: 429, Body: `{"retry_after":1,"ok":false,"error":"rate_limited"}`}.With("Retry-After", "1"),
		slacktest.Answer{Status: 429, Body: "You are sending too many requests. Please relax."}.With("Content-Type", "text/plain"),
		slacktest.Answer{Status: 429}.With("Retry-After", "3600"),
		slacktest.RateLimited(0).With("Retry-After"),
		slacktest.Answer{Body: `{"ok":false,"error":"invalid_arguments","detail":"no such user","errors":["bad user"],"arg":"user_id"}`},
		slacktest.Outage(502).With("X-Slack-Req-Id").With("X-Slack-Unique-Id", "the only id"),
	)
	for range 7 {
		req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/"+slacktest.MethodReset, nil)
		resp, err := slack.RoundTrip(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		fmt.Printf("%d %q %#q\n", resp.StatusCode, resp.Header.Get("Retry-After"), body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			fmt.Println(err)
		}
	}

	// Output:
	// 429 "43" `{"ok":false,"error":"ratelimited"}`
	// 429 "1" `{"retry_after":1,"ok":false,"error":"rate_limited"}`
	// 429 "" `You are sending too many requests. Please relax.`
	// 429 "3600" ``
	// 429 "" `{"ok":false,"error":"ratelimited"}`
	// 200 "" `{"ok":false,"error":"invalid_arguments","detail":"no such user","errors":["bad user"],"arg":"user_id"}`
	// 502 "" `<!DOCTYPE html><title>Slack is having trouble</title>`
}

// Slack cannot be reached for an hour. Calls records the attempts, none of which reached it.
func ExampleSlack_Down() {
	slack := slacktest.New()
	slack.Down(time.Now(), time.Hour, slacktest.ConnectionRefused())

	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MaxAttempts: 2, MinDelay: time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W1"})
	fmt.Println(errors.Is(err, syscall.ECONNREFUSED), wrapper.OutcomeUnknown(err))
	for _, call := range slack.Calls() {
		fmt.Println(call.NotSent)
	}

	// Output:
	// true false
	// true
	// true
}
