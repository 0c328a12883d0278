package main

import (
	_ "embed"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// sample is the log that is searched in a demo where none is given.
//
//go:embed sample.jsonl
var sample string

// world is who is signed in, as a log tells it: by user, the sessions that are not over.
type world map[string]map[int64]bool

func (w *world) add(e entry) {
	user, err := e.user()
	if err != nil {
		return
	}
	if *w == nil {
		*w = world{}
	}
	if (*w)[user] == nil {
		(*w)[user] = map[int64]bool{}
	}
	if id, err := e.session(); err == nil {
		(*w)[user][id] = e.Action != "user_logout"
	}
}

// slack is a Slack in memory in which they are.
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
