package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// check returns an error if the log has no entries, or none with a value of --action or --user that was given.
func (p *plan) check() error {
	if p.entries == 0 {
		return errors.New("no entries in the log; check how it was exported")
	}
	err := p.checkValues("--user", p.filter.users, p.users)
	if p.filter.defaultAction {
		return err
	}
	return cmp.Or(p.checkValues("--action", p.filter.actions, p.actions), err)
}

// checkValues returns an error if no value of a flag is in the log, and warns if some are not. A mistyped value matches
// nothing, which looks like a log in which nothing happened.
func (p *plan) checkValues(flag string, values []string, inLog tally) error {
	absent := slices.DeleteFunc(slices.Clone(values), func(value string) bool { return value == anyAction || inLog[value] > 0 })
	if len(absent) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s %s is in no entry of the log%s, which has %s", flag, quoted(absent), p.span(), inLog)
	if len(absent) == len(values) {
		return errors.New(text + "; correct it, or get another log")
	}
	p.warnings = append(p.warnings, "WARNING: "+text+".")
	return nil
}

// list returns the plan for package runner.
func (p *plan) list() *runner.List[wrapper.InvalidateOptions] {
	p.doubtRivals()
	l := &runner.List[wrapper.InvalidateOptions]{Out: "ended", Items: p.items, Header: header, Notes: p.timeNotes(), Warnings: p.warnings}
	if p.filter.empty() {
		l.Notes = append(l.Notes, "No filter: every user_login of the log matches.")
	}
	if unseen := p.filter.unseen(); len(unseen) > 0 && len(p.filter.networks) > 1 {
		l.Warnings = append(l.Warnings, fmt.Sprintf("WARNING: no entry of the log is from --ip %s.", strings.Join(unseen, ", ")))
	}
	if p.unnamed > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("Entries that may match and name neither user nor session: %d.", p.unnamed))
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
		l.Warnings = append(l.Warnings, fmt.Sprintf("Users with entries that name no session: %d. To end all their sessions: %s",
			len(users), p.command(users, " (first remove the rows that are not doubtful)")))
	}
	if p.ends > 0 {
		remove := ""
		if len(p.items) > p.ends {
			remove = " (first remove the rows that are doubtful)"
		}
		l.Warnings = append(l.Warnings, "The users of these sessions may have others. To end all their sessions: "+p.command(p.usersOfSessions(), remove))
	}
	return l
}

// timeNotes returns the notes on what is in the log, and when.
func (p *plan) timeNotes() []string {
	first := fmt.Sprintf("Entries: %d, of which %d match. Sessions to end: %d.", p.entries, p.matches, p.ends)
	if p.first.IsZero() {
		return []string{first}
	}
	notes := []string{fmt.Sprintf("%s The log is%s.", first, p.span())}
	if len(p.timeForms) > 0 {
		notes = append(notes, fmt.Sprintf("Entries whose date_create is not in seconds, and was converted: %s.", p.timeForms))
	}
	f := p.filter
	if !f.since.IsZero() {
		notes = append(notes, fmt.Sprintf("--since is %s.", utc(f.since)))
		if gap := p.first.Sub(f.since); gap > 24*time.Hour {
			notes = append(notes, fmt.Sprintf("The log begins %s after --since; it does not show what happened before.", rough(gap)))
		}
		if p.last.Before(f.since) {
			notes = append(notes, fmt.Sprintf("The log ends %s, before --since: export a newer one.", utc(p.last)))
		} else if gap := time.Since(p.last); gap > time.Hour && f.until.IsZero() {
			notes = append(notes, fmt.Sprintf("The log ends %s before now; it does not show what happened since.", rough(gap)))
		}
	}
	if !f.until.IsZero() {
		notes = append(notes, fmt.Sprintf("--until is %s.", utc(f.until)))
		if gap := f.until.Sub(p.last); gap > 24*time.Hour {
			notes = append(notes, fmt.Sprintf("The log ends %s before --until; it does not show what happened after.", rough(gap)))
		}
	}
	return notes
}

// span tells from when to when the log is, "" if no entry has a time.
func (p *plan) span() string {
	if p.first.IsZero() {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", utc(p.first), utc(p.last))
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// rough returns a duration in whole hours, or days.
func rough(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
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
