package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

type item = runner.Item[wrapper.InvalidateOptions]

// plan is what is to be done about a log.
type plan struct {
	signout          string // the command that ends all sessions of users
	entries, matches int
	first, last      time.Time // of all entries; zero: none has a time
	sessions         []item    // each once, in the order of the log
	doubts           []item    // entries that match, or may, and do not say which session to end

	owner     map[int64]string // by session, the user whom the first of all entries with it names
	rivals    []entry          // of all entries, those that name another user
	listed    map[int64]bool
	doubted   map[string]bool // IDs of such entries
	misdated  string          // command to turn dates into seconds as the first doubt about a date needs it; "" = there is none
	noSession tally           // users of entries that match and do not say which session to end
	actions   tally           // of all entries
	users     tally           // of all entries, with --user
	missed    tally           // by flag, entries that match all flags but this
	unmatched tally           // by flag, entries that do not match it
	unwatched tally           // actions of those that match all but --action
	elsewhere map[int64]bool  // sessions of those
}

func newPlan() *plan {
	return &plan{
		signout: "signout --live ",
		owner:   map[int64]string{}, listed: map[int64]bool{}, doubted: map[string]bool{},
		noSession: tally{}, actions: tally{}, users: tally{}, missed: tally{}, unmatched: tally{}, unwatched: tally{},
		elsewhere: map[int64]bool{},
	}
}

// add takes an entry in.
func (p *plan) add(f filter, e entry) {
	p.entries++
	p.actions[e.Action]++
	if len(f.users) > 0 {
		p.users[e.Actor.User.ID]++
	}
	if when, err := e.time(); err == nil {
		if p.first.IsZero() || when.Before(p.first) {
			p.first = when
		}
		if when.After(p.last) {
			p.last = when
		}
	}
	p.claim(e)
	misses, err := f.misses(e)
	for _, flag := range misses {
		p.unmatched[flag]++
	}
	switch {
	case len(misses) == 1 && err == nil:
		p.missed[misses[0]]++
		if misses[0] == "--action" {
			p.unwatched[e.Action]++
			if id, err := e.session(); err == nil {
				p.elsewhere[id] = true
			}
		}
	case len(misses) > 0: // not meant
	case err != nil:
		if p.misdated == "" && errors.As(err, new(*dateError)) {
			p.misdated = e.at.seconds()
		}
		p.doubt(e, err.Error())
	default:
		p.matches++
		if err := p.end(e); err != nil {
			p.doubt(e, err.Error()+p.remedy(e))
		}
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
	if p.listed[id] {
		return nil
	}
	p.listed[id] = true
	session := strconv.FormatInt(id, 10)
	p.sessions = append(p.sessions, item{
		ID:      session,
		Name:    e.Actor.User.Name,
		Address: e.Actor.User.Email,
		Label:   strings.TrimRight(fmt.Sprintf("%-14s  %-12s  %-20s  %-15s  %.60s", session, user, e.when(), e.Context.IPAddress, e.Actor.User.Name), " "),
		Options: wrapper.InvalidateOptions{SessionID: id, UserID: user},
		Columns: e.columns(session),
	})
	return nil
}

// header names the columns of an entry in the report.
var header = []string{"session_id", "user_id", "name", "email", "entry_time", "ip_address", "user_agent", "action", "entry_id"}

func (e entry) columns(session string) []string {
	user := e.Actor.User
	agent, action := unique.Make(e.Context.UA), unique.Make(e.Action) // the same in many entries
	return []string{session, user.ID, user.Name, user.Email, e.when(), e.Context.IPAddress, agent.Value(), action.Value(), e.ID}
}
