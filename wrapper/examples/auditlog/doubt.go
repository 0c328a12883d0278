package main

import (
	"cmp"
	"fmt"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// doubt puts an entry on the list for which no call is made, once.
func (p *plan) doubt(e *entry, why string) {
	if e.ID != "" && p.doubted[e.ID] {
		return
	}
	p.doubted[e.ID] = true
	i := e.item(0)
	i.ID, i.Skip = cmp.Or(e.ID, e.at.String()), &runner.Skip{Status: "doubtful", Why: why}
	p.items = append(p.items, i)
}

// doubtSession puts an entry without a session on the list.
func (p *plan) doubtSession(e *entry) {
	p.noSession[e.Actor.User.ID]++
	p.doubt(e, fmt.Sprintf("%v; to end all sessions of the user: %s%s", e.sessionErr, p.signout, e.Actor.User.ID))
}

// doubtRivals puts on the list each entry that names a session to end, but another user than the first entry with it,
// whether or not it matches. The call names the user of the first entry; Slack finds no session if it is the wrong one.
func (p *plan) doubtRivals() {
	for _, e := range p.rivals {
		if known := p.sessions[e.session]; known.listed {
			p.doubt(e, fmt.Sprintf("names session %d, which another entry says is of %s; to end all sessions of both: %s%s %s",
				e.session, known.user, p.signout, known.user, e.Actor.User.ID))
		}
	}
}
