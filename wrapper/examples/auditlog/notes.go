package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// check returns an error if a value of --action or --user is not in the log. A mistyped value matches nothing, which looks
// like a log in which nothing happened.
func (p *plan) check() error {
	if p.entries == 0 {
		return errors.New("no entries in the log; check how it was exported")
	}
	for _, action := range p.filter.actions {
		if action != anyAction && p.actions[action] == 0 && !p.filter.defaultAction {
			return fmt.Errorf("--action %q is not in the log, which has %s; give one of these, or any", action, p.actions)
		}
	}
	for _, user := range p.filter.users {
		if p.users[user] == 0 {
			return fmt.Errorf("--user %s made no entry of the log, which has entries of %s", user, p.users)
		}
	}
	return nil
}

// list returns the plan for package runner.
func (p *plan) list() *runner.List[wrapper.InvalidateOptions] {
	p.doubtRivals()
	l := &runner.List[wrapper.InvalidateOptions]{Out: "ended", Items: p.items, Header: header, Notes: p.timeNotes()}
	if p.filter.empty() {
		l.Notes = append(l.Notes, "No filter: every user_login of the log matches.")
	}
	if unseen := p.filter.unseen(); len(unseen) > 0 && len(p.filter.networks) > 1 {
		l.Warnings = append(l.Warnings, fmt.Sprintf("WARNING: no entry of the log is from --ip %s.", strings.Join(unseen, ", ")))
	}
	if note, act := p.nearMissNote(); act && p.filter.defaultAction {
		l.Partial = true
		l.Warnings = append(l.Warnings, "WARNING: "+note)
	} else if note != "" {
		l.Notes = append(l.Notes, note)
	}
	if p.matches == 0 {
		l.Notes = append(l.Notes, p.whyNone()...)
	}
	if users := slices.Sorted(maps.Keys(p.noSession)); len(users) > 1 {
		warning := fmt.Sprintf("Users with entries that name no session: %d. To end all their sessions: %s", len(users), p.command(users))
		if len(users) > maxPasted {
			warning += " (first remove the rows that are not doubtful)"
		}
		l.Warnings = append(l.Warnings, warning)
	}
	if p.ends > 0 {
		l.Warnings = append(l.Warnings, "The users of these sessions may have others. To end all their sessions: "+p.command(p.usersOfSessions()))
	}
	return l
}

const maxPasted = 20 // users of a command in a message

// command returns the command that ends all sessions of users. Of many it takes them from the report.
func (p *plan) command(users []string) string {
	switch {
	case len(users) <= maxPasted:
		return p.signout + strings.Join(users, " ")
	case p.report == "":
		return "add --report FILE to this run; then: " + p.signout + "FILE"
	default:
		return p.signout + shellWord(p.report)
	}
}

var plainWord = regexp.MustCompile(`^[\w./:@%+=-]+$`)

// shellWord quotes a text for a shell where that is necessary.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// usersOfSessions returns the users whose sessions are to end, in order; of many, only one more than fit into a message.
func (p *plan) usersOfSessions() (users []string) {
	for _, i := range p.items {
		if user := i.Options.UserID; i.Skip == nil && !slices.Contains(users, user) && len(users) <= maxPasted {
			users = append(users, user)
		}
	}
	slices.Sort(users)
	return users
}

// timeNotes returns the notes on what is in the log, and when.
func (p *plan) timeNotes() []string {
	first := fmt.Sprintf("Entries: %d, of which %d match. Sessions to end: %d.", p.entries, p.matches, p.ends)
	if p.first.IsZero() {
		return []string{first}
	}
	utc := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	notes := []string{first + fmt.Sprintf(" The log is from %s to %s.", utc(p.first), utc(p.last))}
	if len(p.timeForms) > 0 {
		notes = append(notes, fmt.Sprintf("Entries whose date_create is not in seconds, and was converted: %s.", p.timeForms))
	}
	f := p.filter
	if !f.since.IsZero() {
		notes = append(notes, fmt.Sprintf("--since is %s.", utc(f.since)))
		if gap := p.first.Sub(f.since); gap > 24*time.Hour {
			notes = append(notes, fmt.Sprintf("The log begins %d days after --since; it does not show what happened before.", int(gap.Hours()/24)))
		}
		if p.last.Before(f.since) {
			notes = append(notes, fmt.Sprintf("The log ends %s, before --since: export a newer one.", utc(p.last)))
		}
	}
	if !f.until.IsZero() {
		notes = append(notes, fmt.Sprintf("--until is %s.", utc(f.until)))
		if gap := f.until.Sub(p.last); gap > 24*time.Hour {
			notes = append(notes, fmt.Sprintf("The log ends %d days before --until; it does not show what happened after.", int(gap.Hours()/24)))
		}
	}
	return notes
}

// whyNone tells which flags leave all entries out.
func (p *plan) whyNone() (notes []string) {
	for _, flag := range slices.Sorted(maps.Keys(p.unmatched)) {
		note := ""
		if n := p.without[flag]; n > 0 {
			note = fmt.Sprintf("Without %s, %d would match. ", flag, n)
		}
		if p.unmatched[flag] == p.entries {
			note += fmt.Sprintf("No entry of the log matches %s.", flag)
		}
		if note != "" {
			notes = append(notes, strings.TrimSpace(note))
		}
	}
	return notes
}
