package main

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// sample is the list that is signed out in a demo where none is given.
//
//go:embed sample.csv
var sample string

// Two of the sample that the embedded Slack refuses.
const (
	sampleGone = "W0LEFT0009" // deleted
	sampleBot  = "W0BOT00011"
)

// demo is a Slack in memory that knows all users but one and limits the rate once. Like Slack it takes a while
// to answer.
func demo(l *runner.List[wrapper.ResetOptions]) http.RoundTripper {
	slack := slacktest.New()
	slack.KeepCalls(0)
	for _, u := range l.Items {
		if u.ID != sampleGone {
			slack.AddUser(slacktest.User{
				ID:       u.ID,
				Bot:      u.ID == sampleBot,
				Sessions: []slacktest.Session{{ID: 1, Device: slacktest.Mobile}, {ID: 2, Device: slacktest.Web}},
			})
		}
	}
	const latency = 80 * time.Millisecond
	slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: latency} })
	for range 8 { // more than are in flight at first, so that some are out when the limit is met
		slack.Script(slacktest.Answer{Delay: latency})
	}
	limited := slacktest.RateLimited(2 * time.Second)
	limited.Delay = latency
	slack.Script(limited)
	return slack
}
