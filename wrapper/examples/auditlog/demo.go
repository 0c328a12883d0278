package main

import (
	_ "embed"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// sample is the log of a demo that is given none.
//
//go:embed sample.jsonl
var sample string

// sampleEnded is the session in the sample that the embedded Slack does not have, because its user signed out.
const sampleEnded = 847288210046

// demo returns a Slack in memory that has the sessions of a list.
func demo(l *runner.List[wrapper.InvalidateOptions]) *slacktest.Slack {
	slack := slacktest.New()
	slack.KeepCalls(0)
	sessions := map[string][]slacktest.Session{} // by user
	for _, i := range l.Items {
		user, session := i.Options.UserID, slacktest.Session{ID: i.Options.SessionID}
		if i.Skip == nil && session.ID != sampleEnded {
			sessions[user] = append(sessions[user], session)
		}
		slack.AddUser(slacktest.User{ID: user, Sessions: sessions[user]})
	}
	return slack
}
