package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// plan is what to do about the entries of a log that match a filter.
type plan struct {
	filter      filter
	signout     string    // the command that ends all sessions of users
	entries     int       // number of entries
	matches     int       // number of entries that match
	first, last time.Time // of all entries; zero if none has a time

	items    []*item            // sessions to end, and entries that match, or may, without saying which session to end
	ends     int                // number of sessions to end
	sessions map[int64]*session // of all entries
	rivals   []*entry           // entries that name another user of a session than an earlier one
	doubted  map[string]bool    // IDs of the entries in items
	misdated string             // command that turns dates into seconds, for the first date that is in doubt; "" if none is

	noSession tally // by user, entries that match and do not say which session to end
	actions   tally // by action, all entries
	users     tally // by user, all entries, with --user
	unmatched tally // by flag, entries that do not match it
	missed    tally // by flag, entries that match all flags but this
	unwatched tally // by action, entries that match all flags but --action
}

// session is what entries say about a session.
type session struct {
	user     string // in the first entry that names the session
	listed   bool   // it is to end
	nearMiss bool   // an entry that matches all flags but --action names it
}

func newPlan(f filter) *plan {
	return &plan{
		filter: f, signout: "signout --live ",
		sessions: map[int64]*session{}, doubted: map[string]bool{},
		noSession: tally{}, actions: tally{}, users: tally{}, unmatched: tally{}, missed: tally{}, unwatched: tally{},
	}
}

// add plans what to do about one more entry.
func (p *plan) add(e *entry) {
	p.count(e)
	known := p.session(e)
	misses, err := p.filter.misses(e)
	for _, flag := range misses {
		p.unmatched[flag]++
	}
	switch {
	case len(misses) == 0 && err == nil:
		p.matches++
		p.end(e, known)
	case len(misses) == 0:
		if p.misdated == "" && errors.As(err, new(*dateError)) {
			p.misdated = e.at.seconds()
		}
		p.doubt(e, err.Error())
	case len(misses) == 1 && err == nil:
		p.missed[misses[0]]++
		if misses[0] == "--action" {
			p.unwatched[e.Action]++
			known.nearMiss = true
		}
	}
}

// count counts an entry, whether or not it matches.
func (p *plan) count(e *entry) {
	p.entries++
	p.actions[e.Action]++
	if len(p.filter.users) > 0 {
		p.users[e.Actor.User.ID]++
	}
	if e.timeErr != nil {
		return
	}
	if p.first.IsZero() || e.time.Before(p.first) {
		p.first = e.time
	}
	if e.time.After(p.last) {
		p.last = e.time
	}
}

// session returns what is known of the session that an entry names.
func (p *plan) session(e *entry) *session {
	if e.userErr != nil || e.sessionErr != nil {
		return &session{} // of nobody
	}
	known := p.sessions[e.session]
	if known == nil {
		known = &session{user: e.Actor.User.ID}
		p.sessions[e.session] = known
	} else if known.user != e.Actor.User.ID {
		rival := *e
		p.rivals = append(p.rivals, &rival)
	}
	return known
}

// end puts the session of an entry on the list, once.
func (p *plan) end(e *entry, known *session) {
	switch {
	case e.userErr != nil:
		p.doubt(e, e.userErr.Error())
	case e.sessionErr != nil:
		p.doubt(e, e.sessionErr.Error()+p.remedy(e))
	case !known.listed:
		known.listed = true
		p.ends++
		p.items = append(p.items, e.item(e.session))
	}
}

// settle puts the entries on the list that name another user of a session to end than the first entry with it does,
// whether or not they match.
func (p *plan) settle() {
	for _, e := range p.rivals {
		if known := p.sessions[e.session]; known.listed {
			p.doubt(e, fmt.Sprintf("names session %d, which another entry says is of %s", e.session, known.user)+p.remedy(e))
		}
	}
}

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

// remedy says how to end the session that an entry does not name.
func (p *plan) remedy(e *entry) string {
	p.noSession[e.Actor.User.ID]++
	return "; to end all sessions of the user: " + p.signout + e.Actor.User.ID
}
