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

// world is who is signed in according to a log: by user, the sessions, false for those that ended.
type world map[string]map[int64]bool

func (w world) add(e *entry) {
	user := e.Actor.User.ID
	if e.userErr != nil {
		return
	}
	if w[user] == nil {
		w[user] = map[int64]bool{}
	}
	if e.sessionErr == nil {
		w[user][e.session] = e.Action != "user_logout"
	}
}

// slack returns a Slack in memory with these users and sessions.
func (w world) slack() *slacktest.Slack {
	slack := slacktest.New()
	slack.KeepCalls(0)
	for user, sessions := range w {
		u := slacktest.User{ID: user}
		for id, lives := range sessions {
			if lives {
				u.Sessions = append(u.Sessions, slacktest.Session{ID: id})
			}
		}
		slack.AddUser(u)
	}
	return slack
}

func (s *settings) demo(*runner.List[wrapper.InvalidateOptions]) *slacktest.Slack {
	return s.world.slack()
}
