// Signout signs the users of a list out of Slack: all their sessions, or the mobile or the web ones only.
// Run it with -h for how to use it; package runner has what it shares with other programs.
package main

import (
	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const intro = `Usage: signout [flags] [FILE | ID ...]

Signs users out of Slack. FILE is a CSV with a column of user IDs or e-mail
addresses, or a list with one on each line; "-" is standard input. Addresses need
--members. The whole list is checked before the first user is signed out.`

const examples = `  signout --dry-run leavers.csv                    check the list
  signout --live W0123456789                       one user, now
  signout --live --mobile-only W0123456789         a phone is lost
  signout --live --journal 2026-11-24.journal --report out.csv leavers.csv
  signout --live --members members.csv --column "Work e-mail" hr.csv
`

// program returns signout for package runner.
func program() runner.Program[wrapper.ResetOptions] {
	s := &settings{}
	return runner.Program[wrapper.ResetOptions]{
		Name:         "signout",
		Method:       slacktest.MethodReset,
		Intro:        intro,
		Examples:     examples,
		Item:         "user",
		ReadsReports: true,
		Flags:        s,
		Load:         s.load,
		Call:         (*wrapper.Client).BulkReset,
		Demo:         demo,
		Left: func(slack *slacktest.Slack, user wrapper.ResetOptions) int {
			return len(slack.Sessions(user.UserID))
		},
	}
}

// settings are the flags of signout alone.
type settings struct {
	User        []string `group:"Which users:" short:"u" placeholder:"ID" help:"this user, besides those of FILE"`
	Members     string   `group:"Which users:" placeholder:"FILE" help:"look addresses up in Slack's member list (CSV)"`
	Column      string   `group:"Which users:" placeholder:"NAME" help:"column of the IDs or addresses"`
	SkipUnknown bool     `group:"Which users:" help:"skip lines that do not name one member"`
	MobileOnly  bool     `group:"Which users:" xor:"sessions" help:"end the sessions on mobile devices only"`
	WebOnly     bool     `group:"Which users:" xor:"sessions" help:"end the web sessions only, maybe desktop apps too"`
}
