package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// nearMisses are the entries that match, or may match, all flags but --action.
type nearMisses struct {
	entries  int
	doubtful int             // number of the entries that may match
	actions  tally           // by action
	users    map[string]bool // users of entries with which no session can end
}

// add adds an entry with what is known of its session. err says why it is not certain that the entry matches.
func (n *nearMisses) add(e *entry, known *session, err error) {
	n.entries++
	n.actions[e.Action]++
	if err != nil {
		n.doubtful++
	}
	switch {
	case cmp.Or(err, e.userErr, e.sessionErr) == nil:
		known.nearMiss = true
	case e.userErr == nil && e.Action != "user_login_failed": // a failed login makes no session
		n.users[e.Actor.User.ID] = true
	}
}

// nearMissNote tells what --action leaves out, "" for nothing. act reports whether there is something to act on.
func (p *plan) nearMissNote() (note string, act bool) {
	n := &p.near
	if n.entries == 0 {
		return "", false
	}
	sessions := 0
	for _, s := range p.sessions {
		if s.nearMiss && !s.listed {
			sessions++
		}
	}
	notListed := maps.Clone(n.users)
	for _, i := range p.items {
		delete(notListed, i.Options.UserID)
	}
	match := "more entries match"
	if n.entries == 1 {
		match = "more entry matches"
	}
	if n.doubtful > 0 {
		match += ", or may match,"
	}
	note = fmt.Sprintf("%d %s all but --action: %s. More sessions to end with --action any: %d.", n.entries, match, n.actions, sessions)
	switch users := slices.Sorted(maps.Keys(notListed)); {
	case len(users) > maxPasted:
		note += fmt.Sprintf(" Users with entries for which it would end no session: %d; it lists them.", len(users))
	case len(users) > 0:
		note += fmt.Sprintf(" Users with entries for which it would end no session: %d. To end all their sessions: %s", len(users), p.command(users, ""))
	}
	return note, sessions > 0 || len(notListed) > 0
}
