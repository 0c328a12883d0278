package wrapper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// Without HTTPClient the client talks to Slack. Here an in-memory Slack responds.
func Example() {
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		fmt.Println("not signed out:", err)
		return
	}
	fmt.Println("signed out")
	// Output: signed out
}

// A phone is lost: its sessions end, and the user's web sessions go on.
func ExampleClient_ResetSessions() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{
		{ID: 1, Device: slacktest.Mobile},
		{ID: 2, Device: slacktest.Web},
	}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	resp, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{
		UserID:     "W0123456789",
		MobileOnly: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("attempts:", resp.Attempts)
	fmt.Println("still signed in:", slack.Sessions("W0123456789"))
	// Output:
	// attempts: 1
	// still signed in: [{2 web}]
}

// If the next wait would exceed the deadline of ctx, the call returns immediately.
func ExampleClient_ResetSessions_deadline() {
	slack := slacktest.New()
	slack.Script(slacktest.RateLimited(time.Minute))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
	fmt.Println("rate limited:", errors.Is(err, wrapper.ErrRateLimited))
	fmt.Println("deadline too close:", errors.Is(err, context.DeadlineExceeded))
	// Output:
	// rate limited: true
	// deadline too close: true
}

// A session that Slack does not find may have ended, or the ID may be wrong: only a nil error confirms that it ended.
func ExampleClient_InvalidateSession() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 847288190092}}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	session := wrapper.InvalidateOptions{UserID: "W0123456789", SessionID: 847288190092}
	for range 2 {
		_, err = client.InvalidateSession(context.Background(), session)
		switch {
		case err == nil:
			fmt.Println("ended")
		case errors.Is(err, wrapper.ErrSessionNotFound), errors.Is(err, wrapper.ErrSessionExpired):
			fmt.Println("no such session:", wrapper.Reason(err))
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// ended
	// no such session: session_not_found
}

// An entry of the audit log has the session's ID as a string, or has none.
func ExampleInvalidateOptions() {
	entries := []string{
		`{"action": "user_login", "actor": {"user": {"id": "W0123456789"}}, "context": {"session_id": "847288190092"}}`,
		`{"action": "user_login_failed", "actor": {"user": {"id": "W0123456789"}}, "context": {"session_id": null}}`,
	}
	for _, text := range entries {
		var entry struct {
			Actor struct {
				User struct{ ID string }
			}
			Context struct {
				SessionID string `json:"session_id"`
			}
		}
		if err := json.Unmarshal([]byte(text), &entry); err != nil {
			log.Fatal(err)
		}
		id, err := strconv.ParseInt(entry.Context.SessionID, 10, 64)
		if err != nil {
			fmt.Println("no session in this entry")
			continue
		}
		fmt.Printf("%+v\n", wrapper.InvalidateOptions{UserID: entry.Actor.User.ID, SessionID: id})
	}
	// Output:
	// {SessionID:847288190092 UserID:W0123456789 TeamID:}
	// no session in this entry
}

// A response keeps warnings, and fields that this module does not know.
func ExampleResponse_Fields() {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Body: `{"ok": true, "enqueued": 3, "warning": "superfluous_charset"}`})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Fields()["enqueued"], resp.Warnings)
	// Output: 3 [superfluous_charset]
}
