package main

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// sample is the list of a demo that is given none.
//
//go:embed sample.csv
var sample string

// Users of the sample that the embedded Slack does not sign out at once.
const (
	sampleGone    = "W0LEFT0009" // deleted
	sampleBot     = "W0BOT00011"
	sampleUnclear = "W0EVA00005" // signed out, but the first responses are 503
)

const (
	latency         = 80 * time.Millisecond
	requestsAllowed = 8 // number of requests before the rate limit
	unclearRequests = 5 // number of attempts of one call
)

// demo returns a Slack in memory that has all users but one and limits the rate once. It responds about as fast as Slack.
func demo(l *runner.List[wrapper.ResetOptions]) *slacktest.Slack {
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
	requests, unclear := 0, 0
	slack.Respond(func(c slacktest.Call) slacktest.Answer {
		requests++
		a := slacktest.Answer{}
		switch {
		case requests == requestsAllowed+1:
			a = slacktest.RateLimited(2 * time.Second)
		case c.UserID == sampleUnclear && unclear < unclearRequests:
			unclear++
			a = slacktest.Outage(http.StatusServiceUnavailable)
			a.Effect = true
		}
		a.Delay = latency
		return a
	})
	return slack
}
