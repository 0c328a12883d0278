// Auditlog ends the Slack sessions that a search of the audit log brings up, each once, and leaves all others
// alone. Run it with -h for how to use it; package runner has what it does besides.
package main

import (
	"regexp"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const intro = `Usage: auditlog [flags] [FILE ...]

Ends the Slack sessions in which entries of the audit log were made. FILE is JSON:
entries, arrays of them or pages as the Audit Logs API returns them, also as Splunk
or Elastic wrap them; "-" is standard input. An entry has to match all flags below,
and of a repeated one any value.`

const examples = `  auditlog --dry-run --ip 198.51.100.0/24 --since 48h log.jsonl   look first
  auditlog --live --ip 198.51.100.0/24 --since 48h log.jsonl      then act
  auditlog --live --user W0123456789 --action anomaly log.jsonl
`

// program is auditlog for package runner.
func program() runner.Program[wrapper.InvalidateOptions] {
	s := &settings{world: world{}}
	return runner.Program[wrapper.InvalidateOptions]{
		Name:     "auditlog",
		Method:   slacktest.MethodInvalidate,
		Intro:    intro,
		Examples: examples,
		Item:     "session",
		Already:  wrapper.ErrSessionExpired,
		NotThere: wrapper.ErrSessionNotFound,
		NoneThere: "WARNING: no response of Slack shows that it has any of these sessions. All may have ended before; or the token is of another organisation " +
			"than the log, and nobody is signed out: check SLACK_TOKEN.",
		Line:  line,
		Flags: s,
		Load:  s.load,
		Call:  (*wrapper.Client).BulkInvalidate,
		Demo:  s.demo,
		Left: func(slack *slacktest.Slack, session wrapper.InvalidateOptions) (left int) {
			for _, other := range slack.Sessions(session.UserID) {
				if other.ID == session.SessionID {
					left++
				}
			}
			return left
		},
	}
}

// settings are what the command line says to auditlog alone.
type settings struct {
	Action          []string       `group:"Which entries:" short:"a" placeholder:"ACTION" help:"with this action, or any (user_login)"`
	User            []string       `group:"Which entries:" short:"u" placeholder:"ID" help:"of this user"`
	IP              []network      `group:"Which entries:" placeholder:"NETWORK" help:"from this address or network"`
	Since           moment         `group:"Which entries:" placeholder:"TIME" help:"of 2026-11-20 (UTC) or 2026-11-20T08:00 (local) or later; or 2d, 48h ago"`
	Until           moment         `group:"Which entries:" placeholder:"TIME" help:"before this time"`
	UserAgent       string         `group:"Which entries:" placeholder:"TEXT" help:"whose user agent has this text, in any case"`
	UserAgentRegexp *regexp.Regexp `group:"Which entries:" placeholder:"RE" help:"whose user agent matches"`

	world world // of a demo
}
