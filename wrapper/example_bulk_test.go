package wrapper_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// A rate limit fails nobody: the run waits. Left over are the users whom Slack refuses.
func ExampleClient_BulkReset() {
	slack := slacktest.New()
	slack.AddUser(
		slacktest.User{ID: "W0000000001"},
		slacktest.User{ID: "W0000000002", Bot: true},
		slacktest.User{ID: "W0000000003"},
	)
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	users := slices.Values([]wrapper.ResetOptions{
		{UserID: "W0000000001"},
		{UserID: "W0000000002"},
		{UserID: "W0000000003"},
		{UserID: "W0000000004"},
	})
	for r := range client.BulkReset(context.Background(), users, wrapper.BulkOptions{}) {
		if r.Err != nil {
			fmt.Println(r.Options.UserID, "is not out:", wrapper.Reason(r.Err))
			continue
		}
		fmt.Println(r.Options.UserID, "is out")
	}
	// Unordered output:
	// W0000000001 is out
	// W0000000002 is not out: cannot_reset_bot
	// W0000000003 is out
	// W0000000004 is not out: user_not_found
}

// The run reads the file as it goes, so a file of any length fits into memory.
func ExampleClient_BulkReset_csv() {
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
	})
	if err != nil {
		log.Fatal(err)
	}

	file := csv.NewReader(strings.NewReader("W0000000001,Ana\nW0000000002,Bo\n\"W0000000003,Chen\n"))
	var unread error
	users := func(yield func(wrapper.ResetOptions) bool) {
		for {
			row, err := file.Read()
			if err != nil {
				unread = err
				return
			}
			if !yield(wrapper.ResetOptions{UserID: row[0]}) {
				return
			}
		}
	}
	out := 0
	for r := range client.BulkReset(context.Background(), users, wrapper.BulkOptions{}) {
		if r.Err == nil {
			out++
		}
	}
	fmt.Println("signed out:", out)
	if !errors.Is(unread, io.EOF) {
		fmt.Println("the rest of the file was not read:", unread)
	}
	// Output:
	// signed out: 2
	// the rest of the file was not read: parse error on line 3, column 19: extraneous or missing " in quoted-field
}

// A sequence that blocks watches the context, so that the run can end.
func ExampleClient_BulkReset_channel() {
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
	})
	if err != nil {
		log.Fatal(err)
	}

	leavers := make(chan string)
	go func() {
		defer close(leavers)
		for _, id := range []string{"W0000000001", "W0000000002"} {
			leavers <- id
		}
	}()
	ctx := context.Background()
	users := func(yield func(wrapper.ResetOptions) bool) {
		for {
			select {
			case id, ok := <-leavers:
				if !ok || !yield(wrapper.ResetOptions{UserID: id}) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
	for r := range client.BulkReset(ctx, users, wrapper.BulkOptions{}) {
		fmt.Println(r.Options.UserID, r.Err)
	}
	// Unordered output:
	// W0000000001 <nil>
	// W0000000002 <nil>
}

func ExampleClient_BulkInvalidate() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 101}, {ID: 102}, {ID: 103}}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	suspicious := slices.Values([]wrapper.InvalidateOptions{
		{UserID: "W0123456789", SessionID: 101},
		{UserID: "W0123456789", SessionID: 103},
	})
	for r := range client.BulkInvalidate(context.Background(), suspicious, wrapper.BulkOptions{Concurrency: 2}) {
		if r.Err != nil {
			fmt.Println(r.Options.SessionID, "goes on:", wrapper.Reason(r.Err))
		}
	}
	fmt.Println("left:", slack.Sessions("W0123456789"))
	// Output: left: [{102 }]
}

// A run ends by itself on an error for which StopsRun is true. Users that it did not take have no result.
func ExampleStopsRun() {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{}, slacktest.Refused("token_revoked"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	users := []wrapper.ResetOptions{{UserID: "W0000000001"}, {UserID: "W0000000002"}, {UserID: "W0000000003"}}
	results := 0
	for r := range client.BulkReset(context.Background(), slices.Values(users), wrapper.BulkOptions{Concurrency: 1}) {
		results++
		if wrapper.StopsRun(r.Err) {
			fmt.Println("the run ends:", wrapper.Reason(r.Err))
		}
	}
	fmt.Println("not tried:", len(users)-results)
	// Output:
	// the run ends: token_revoked
	// not tried: 1
}
