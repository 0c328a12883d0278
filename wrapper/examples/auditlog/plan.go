package main

import "time"

// plan collects what to do about the entries of a log that match a filter.
type plan struct {
	filter  *filter
	near    nearMisses
	signout string // command that ends all sessions of the users that follow
	report  string // file of --report; "" if there is none

	items    []*item            // sessions to end, and entries that match, or may, without a session to end
	ends     int                // number of sessions to end
	warnings []string           // of values of flags that are not in the log
	sessions map[int64]*session // of all entries
	rivals   []*entry           // entries that name another user of a session than an earlier entry
	doubted  map[string]bool    // IDs of the entries in items

	entries, matches int       // numbers of all entries, and of those that match
	unnamed          int       // number of entries that may match, and name neither a user nor a session
	first, last      time.Time // times of all entries; zero if none has a time
	actions          tally     // by action, all entries
	users            tally     // by user, all entries
	timeForms        tally     // by form of date_create, entries whose date is not in seconds
	unmatched        tally     // by flag, entries that do not match it
	without          tally     // by flag but --action, entries that match all flags but this
	noSession        tally     // by user, entries that match without a session
}

// session is what the entries tell about a session.
type session struct {
	user     string // in the first entry with the session
	listed   bool   // it is to end
	nearMiss bool   // an entry with it matches all flags but --action
}

func newPlan(f *filter, signout string) *plan {
	return &plan{
		filter: f, signout: signout, near: nearMisses{actions: tally{}, users: map[string]bool{}},
		sessions: map[int64]*session{}, doubted: map[string]bool{},
		actions: tally{}, users: tally{}, timeForms: tally{}, unmatched: tally{}, without: tally{}, noSession: tally{},
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
	case len(misses) == 0 && e.unnamed():
		p.unnamed++
	case len(misses) == 0:
		p.doubt(e, err.Error())
	case len(misses) == 1 && misses[0] == "--action":
		p.near.add(e, known, err)
	case len(misses) == 1 && err == nil:
		p.without[misses[0]]++
	}
}

// count counts an entry, whether or not it matches.
func (p *plan) count(e *entry) {
	p.entries++
	p.actions[e.Action]++
	if len(p.filter.users) > 0 { // else nothing needs it
		p.users[e.Actor.User.ID]++
	}
	if e.timeErr != nil {
		return
	}
	if e.timeForm != "" {
		p.timeForms[e.timeForm]++
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
		return &session{} // not kept
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
		p.doubtSession(e)
	case !known.listed:
		known.listed = true
		p.ends++
		p.items = append(p.items, e.item(e.session))
	}
}
