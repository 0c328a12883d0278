package slacktest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// offboard stands for code of yours: it signs people out and says who still is signed in.
func offboard(ctx context.Context, client *wrapper.Client, userIDs []string) (left []string) {
	for _, id := range userIDs {
		_, err := client.ResetSessions(ctx, wrapper.ResetOptions{UserID: id})
		if err != nil && !errors.Is(err, wrapper.ErrUserNotFound) {
			left = append(left, id)
		}
	}
	return left
}

// Testing one's own code: the fake takes the place of the network, and the test looks at what became of the
// users.
func Example() {
	slack := slacktest.New()
	slack.AddUser(
		slacktest.User{ID: "W1", Sessions: []slacktest.Session{{ID: 1, Device: slacktest.Mobile}, {ID: 2, Device: slacktest.Web}}},
		slacktest.User{ID: "W2", PrimaryOwner: true, Sessions: []slacktest.Session{{ID: 3, Device: slacktest.Web}}},
	)
	slack.Script(slacktest.Outage(503)) // the first request meets trouble and is tried again

	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("left:", offboard(context.Background(), client, []string{"W1", "W2", "W404"}))

	fmt.Println("sessions of W1:", len(slack.Sessions("W1")))
	fmt.Println("sessions of W2:", len(slack.Sessions("W2")))
	for _, call := range slack.Calls() {
		fmt.Printf("%s %d %q\n", call.UserID, call.Status, call.Error)
	}

	// Output:
	// left: [W2]
	// sessions of W1: 0
	// sessions of W2: 1
	// W1 503 ""
	// W1 200 ""
	// W2 200 "cannot_reset_primary_owner"
	// W404 200 "user_not_found"
}
