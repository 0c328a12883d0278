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
	doubts           []runner.Item[wrapper.InvalidateOptions] // entries that match, or may, and do not say which session to end
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
		p.doubts = append(p.doubts, runner.Item[wrapper.InvalidateOptions]{
			ID: e.ID, Label: fmt.Sprintf("%s  %-12s", e.ID, e.Actor.User.ID), Skip: "doubtful", Why: err.Error(),
			Columns: []string{"", e.Actor.User.ID, e.when(), e.Context.IPAddress, e.Context.UA},
		})
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

// list is the plan for package runner.
func (p *plan) list() *runner.List[wrapper.InvalidateOptions] {
	return &runner.List[wrapper.InvalidateOptions]{
		Items:  append(p.sessions, p.doubts...),
		Header: []string{"session_id", "user_id", "entry_time", "ip_address", "user_agent"},
		Notes:  []string{fmt.Sprintf("Entries: %d, of which %d match. Sessions to end: %d.", p.entries, p.matches, len(p.sessions))},
	}
}
