package main

import (
	"fmt"
	"strconv"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// plan is what is to be done about a log.
type plan struct {
	entries, matches int
	sessions         []runner.Item[wrapper.InvalidateOptions] // each once, in the order of the log
	doubts           []string                                 // entries that match, or may, and do not say which session to end
	owner            map[int64]string
}

// add takes an entry in, or why it cannot be read.
func (p *plan) add(f filter, e entry, err error) {
	p.entries++
	meant := false
	if err == nil {
		meant, err = f.match(e)
	}
	if meant {
		p.matches++
		err = p.end(e)
	}
	if err != nil {
		p.doubts = append(p.doubts, fmt.Sprintf("  %s  %-12s  %s", e.ID, e.Actor.User.ID, err))
	}
}

// end puts the session of an entry on the list, once.
func (p *plan) end(e entry) error {
	user, err := e.user()
	if err != nil {
		return err
	}
	id, err := e.session()
	if err != nil {
		return err
	}
	if owner, listed := p.owner[id]; listed {
		if owner != user {
			return fmt.Errorf("names session %d, which another entry says is of %s", id, owner)
		}
		return nil
	}
	if p.owner == nil {
		p.owner = map[int64]string{}
	}
	p.owner[id] = user
	p.sessions = append(p.sessions, runner.Item[wrapper.InvalidateOptions]{
		ID:      strconv.FormatInt(id, 10),
		Label:   fmt.Sprintf("%-14d  %-12s  %-20s  %-15s", id, user, e.when(), e.Context.IPAddress),
		Options: wrapper.InvalidateOptions{SessionID: id, UserID: user},
		Columns: []string{strconv.FormatInt(id, 10), user, e.when(), e.Context.IPAddress, e.Context.UA},
	})
	return nil
}

const mostDoubts = 20 // shown

// list is the plan for package runner.
func (p *plan) list() *runner.List[wrapper.InvalidateOptions] {
	l := &runner.List[wrapper.InvalidateOptions]{
		Items:  p.sessions,
		Header: []string{"session_id", "user_id", "entry_time", "ip_address", "user_agent"},
		Doubts: len(p.doubts),
		Notes:  []string{fmt.Sprintf("Entries: %d, of which %d match. Sessions to end: %d.", p.entries, p.matches, len(p.sessions))},
	}
	if l.Doubts > 0 {
		l.Warnings = append(l.Warnings, fmt.Sprintf("Look at what may be meant and cannot be acted on, %d:", l.Doubts))
		l.Warnings = append(l.Warnings, p.doubts[:min(l.Doubts, mostDoubts)]...)
		if more := l.Doubts - mostDoubts; more > 0 {
			l.Warnings = append(l.Warnings, fmt.Sprintf("  and %d more", more))
		}
	}
	return l
}
