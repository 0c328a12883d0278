package wrapper_test

import (
	"cmp"
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

// The run waits out rate limits. The errors that remain are about one user each.
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
			fmt.Println(r.Options.UserID, "failed:", wrapper.Reason(r.Err))
			continue
		}
		fmt.Println(r.Options.UserID, "signed out")
	}
	// Unordered output:
	// W0000000001 signed out
	// W0000000002 failed: cannot_reset_bot
	// W0000000003 signed out
	// W0000000004 failed: user_not_found
}

// The run reads the file row by row, so the file may be larger than memory. The sequence and the body of the loop run on
// one goroutine, so they may share names without a lock.
func ExampleClient_BulkReset_csv() {
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
	})
	if err != nil {
		log.Fatal(err)
	}

	file := csv.NewReader(strings.NewReader("W0000000001,Ana\nW0000000002,Bo\n\"W0000000003,Chen\n"))
	var readErr error
	names := map[int]string{} // by the position of a user in the input
	users := func(yield func(wrapper.ResetOptions) bool) {
		for i := 0; ; i++ {
			row, err := file.Read()
			if err != nil {
				readErr = err
				return
			}
			names[i] = row[1]
			if !yield(wrapper.ResetOptions{UserID: row[0]}) {
				return
			}
		}
	}
	for r := range client.BulkReset(context.Background(), users, wrapper.BulkOptions{}) {
		if r.Err == nil {
			fmt.Println("signed out:", names[r.Index])
		}
		delete(names, r.Index)
	}
	if !errors.Is(readErr, io.EOF) {
		fmt.Println("the rest of the file was not read:", readErr)
	}
	// Unordered output:
	// signed out: Ana
	// signed out: Bo
	// the rest of the file was not read: parse error on line 3, column 19: extraneous or missing " in quoted-field
}

// A sequence that waits for the next user would delay the results of the others. So each run here signs out the users that
// are waiting in the channel, and ends when none is left. An error for which StopsRun is true ends the program, and ctx
// tells the sender.
func ExampleClient_BulkReset_channel() {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{}, slacktest.Refused("token_revoked"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	leavers := make(chan string)
	go func() {
		defer close(leavers)
		for _, id := range []string{"W0000000001", "W0000000002", "W0000000003"} {
			select {
			case leavers <- id:
			case <-ctx.Done():
				return
			}
		}
	}()
	for first := range leavers {
		waiting := func(yield func(wrapper.ResetOptions) bool) {
			if !yield(wrapper.ResetOptions{UserID: first}) {
				return
			}
			for {
				select {
				case id, ok := <-leavers:
					if !ok || !yield(wrapper.ResetOptions{UserID: id}) {
						return
					}
				default:
					return
				}
			}
		}
		stop := false
		for r := range client.BulkReset(ctx, waiting, wrapper.BulkOptions{Concurrency: 1}) {
			fmt.Println(r.Options.UserID, cmp.Or(wrapper.Reason(r.Err), "signed out"))
			stop = stop || wrapper.StopsRun(r.Err)
		}
		if stop {
			return
		}
	}
	// Output:
	// W0000000001 signed out
	// W0000000002 token_revoked
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
			fmt.Println(r.Options.SessionID, "failed:", wrapper.Reason(r.Err))
		}
	}
	fmt.Println("left:", slack.Sessions("W0123456789"))
	// Output: left: [{102 }]
}

// A run takes no more users after an error for which StopsRun is true. Users that it did not take have no result.
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
