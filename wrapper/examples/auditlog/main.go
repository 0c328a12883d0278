// Auditlog ends the Slack sessions that a search of the audit log brings up, each once, and leaves all others
// alone. Run it with -h for how to use it; package runner has what it shares with other programs.
package main

import (
	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const intro = `Usage: auditlog [flags] [FILE ...]

Ends the Slack sessions in which entries of the audit log were made. FILE is JSON:
entries, arrays of them or pages of the Audit Logs API, also as Splunk or Elastic
wrap them; "-" is standard input. An entry must match every flag given; of a flag
given several times, any value.`

const examples = `  auditlog --dry-run --ip 198.51.100.0/24 --action any log.jsonl   look first
  auditlog --live --ip 198.51.100.0/24 --action any log.jsonl      then act
  auditlog --live --user W0123456789 --since 48h log.jsonl         by login
`

// program returns auditlog for package runner.
func program() runner.Program[wrapper.InvalidateOptions] {
	s := &settings{}
	return runner.Program[wrapper.InvalidateOptions]{
		Name:     "auditlog",
		Method:   slacktest.MethodInvalidate,
		Intro:    intro,
		Examples: examples,
		Item:     "session",
		Already:  wrapper.ErrSessionExpired,
		NotThere: wrapper.ErrSessionNotFound,
		NoneThere: "WARNING: Slack found none of these sessions. If you ended them before, this is normal. Otherwise they ended by themselves, or " +
			"the token belongs to another organisation than the log: check SLACK_TOKEN.",
		Line:  line,
		Flags: s,
		Load:  s.load,
		Call:  (*wrapper.Client).BulkInvalidate,
		Demo:  demo,
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

// settings are the flags of auditlog alone.
type settings struct {
	Action          []string `group:"Which entries:" sep:"none" short:"a" placeholder:"ACTION,..." help:"entries with this action (user_login), or any"`
	User            []string `group:"Which entries:" sep:"none" short:"u" placeholder:"ID,..." help:"entries of this user"`
	IP              []string `group:"Which entries:" sep:"none" placeholder:"NETWORK,..." help:"entries from this address or network"`
	Since           moment   `group:"Which entries:" placeholder:"TIME" help:"not before 2026-11-20 (UTC), 2026-11-20T08:00 (local), 2d or 48h ago"`
	Until           moment   `group:"Which entries:" placeholder:"TIME" help:"before this time"`
	UserAgent       []string `group:"Which entries:" sep:"none" placeholder:"TEXT" help:"user agent contains this text, in any case"`
	UserAgentRegexp []string `group:"Which entries:" sep:"none" placeholder:"RE" help:"user agent matches; (?i) ignores case"`
}
