package gen_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/seed70860981/slack-admin-sessions/gen"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// A call without package wrapper: the caller adds the token, and checks the HTTP status and "ok".
func Example() {
	client, err := gen.NewClientWithResponses("https://slack.com/api",
		gen.WithHTTPClient(&http.Client{Transport: slacktest.New()}),
		gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer xoxp-test-token")
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := client.AdminUsersSessionResetWithFormdataBodyWithResponse(context.Background(),
		gen.ResetRequest{UserID: "W0123456789"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Status(), answer.JSON200.Ok)
	// Output: 200 OK true
}
