package wrapper_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// nextStep says what to do about one user. The order of the questions matters: a user who may be signed out comes first.
func nextStep(err error) string {
	var step string
	switch {
	case err == nil:
		step = "close the ticket: signed out"
	case wrapper.OutcomeUnknown(err):
		step = "repeat: may be signed out: " + wrapper.Reason(err)
	case wrapper.Retryable(err):
		step = "repeat later: not signed out: " + wrapper.Reason(err)
	default:
		step = "hand to a person: not signed out: " + wrapper.Reason(err)
	}
	if wrapper.StopsRun(err) {
		step += "; stop, the next user would fail too"
	}
	return step
}

// A playbook needs no list of Slack's codes. Four questions to the error say what comes next, and Reason says why.
func Example_playbook() {
	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MaxAttempts: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, answer := range []slacktest.Answer{
		{}, // the fake grants the request
		slacktest.Outage(http.StatusBadGateway),
		slacktest.Refused("user_session_reset_failed"),
		slacktest.ConnectionRefused(),
		slacktest.Refused("user_not_found"),
		slacktest.Refused("token_revoked"),
	} {
		slack.Script(answer)
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
		fmt.Println(nextStep(err))
	}
	// Output:
	// close the ticket: signed out
	// repeat: may be signed out: http_502
	// repeat later: not signed out: user_session_reset_failed
	// repeat later: not signed out: no_answer
	// hand to a person: not signed out: user_not_found
	// hand to a person: not signed out: token_revoked; stop, the next user would fail too
}
