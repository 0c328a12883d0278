package wrapper_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// The source is called before every attempt, so a new token in the vault is used at once. Recipes under wrapper/examples keep
// a token for a while, and renew one that rotates.
func ExampleTokenSource() {
	var vault atomic.Value
	vault.Store("xoxp-test-monday")
	source := func(context.Context) (string, error) {
		return vault.Load().(string), nil
	}
	slack := slacktest.New()
	client, err := wrapper.New(source, wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
	if err != nil {
		log.Fatal(err)
	}

	for _, user := range []string{"W0000000001", "W0000000002"} {
		if _, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: user}); err != nil {
			log.Fatal(err)
		}
		slack.AddToken("xoxp-test-monday", slacktest.Token{Expires: time.Now()})
		slack.AddToken("xoxp-test-tuesday", slacktest.Token{})
		vault.Store("xoxp-test-tuesday")
	}
	for _, call := range slack.Calls() {
		fmt.Println(call.UserID, call.Token)
	}
	// Output:
	// W0000000001 xoxp-test-monday
	// W0000000002 xoxp-test-tuesday
}

// Slack limits the rate of each workspace separately, so each workspace gets a client. The clients share all settings but
// the token.
func ExampleClient_WithTokenSource() {
	slack := slacktest.New()
	slack.AddToken("xoxp-test-emea", slacktest.Token{})
	slack.AddToken("xoxp-test-apac", slacktest.Token{Refusal: "token_revoked"})
	emea, err := wrapper.New(wrapper.StaticToken("xoxp-test-emea"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}
	apac := emea.WithTokenSource(wrapper.StaticToken("xoxp-test-apac"))

	_, err = emea.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0000000001"})
	fmt.Println("emea:", err)
	_, err = apac.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0000000002"})
	fmt.Println("apac:", wrapper.Reason(err))
	// Output:
	// emea: <nil>
	// apac: token_revoked
}

func ExampleOptions_govSlack() {
	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		BaseURL:    wrapper.GovSlackBaseURL,
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(slack.Calls()[0].URL)
	// Output: https://slack-gov.com/api/admin.users.session.reset
}

func ExampleEncoding() {
	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		Encoding:   wrapper.JSON,
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"}); err != nil {
		log.Fatal(err)
	}
	sent := slack.Calls()[0]
	fmt.Println(sent.ContentType)
	fmt.Println(sent.Body)
	// Output:
	// application/json; charset=utf-8
	// {"user_id":"W0123456789"}
}

// budget permits a number of attempts, and then fails.
type budget struct{ left atomic.Int64 }

func (b *budget) Wait(context.Context) error {
	if b.left.Add(-1) < 0 {
		return errors.New("no attempts left today")
	}
	return nil
}

// Two clients share one limiter. An error of the limiter fails the call and ends a bulk run. Package fleet under
// wrapper/examples has a limiter that several processes share.
func ExampleLimiter() {
	var today budget
	today.left.Store(2)
	emea, err := wrapper.New(wrapper.StaticToken("xoxp-test-emea"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
		Limiter:    &today,
	})
	if err != nil {
		log.Fatal(err)
	}
	apac := emea.WithTokenSource(wrapper.StaticToken("xoxp-test-apac"))

	for _, client := range []*wrapper.Client{emea, apac, emea} {
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
	// slack: admin.users.session.reset: limiter: no attempts left today
}
