package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// check refuses what the command line says and the log does not have: a mistyped value matches nothing, which looks
// like a log where nothing happened.
func (p *plan) check(actions []string) error {
	if p.entries == 0 {
		return errors.New("no entries in the log; check how it was exported")
	}
	for _, action := range actions {
		if action != anyAction && p.actions[action] == 0 {
			return fmt.Errorf("--action %q occurs nowhere: the log has %s; give one of these, or any", action, p.actions)
		}
	}
	for _, user := range p.filter.users {
		if p.users[user] == 0 {
			return fmt.Errorf("--user %s occurs nowhere: the log has %s; give one of these", user, p.users)
		}
	}
	return nil
}

const mostPasted = 100 // users on a command line

// list returns the plan for package runner.
func (p *plan) list() *runner.List[wrapper.InvalidateOptions] {
	p.settle()
	l := &runner.List[wrapper.InvalidateOptions]{Out: "ended", Items: p.items, Header: header}
	note := fmt.Sprintf("Entries: %d, of which %d match. Sessions to end: %d.", p.entries, p.matches, p.ends)
	if !p.first.IsZero() {
		note += fmt.Sprintf(" The log is from %s to %s.", p.first.Format(time.RFC3339), p.last.Format(time.RFC3339))
	}
	l.Notes = append(l.Notes, note)
	more := 0
	for _, s := range p.sessions {
		if s.nearMiss && !s.listed {
			more++
		}
	}
	if n := p.missed["--action"]; n > 0 {
		match := "more entries match"
		if n == 1 {
			match = "more entry matches"
		}
		l.Notes = append(l.Notes, fmt.Sprintf("%d %s all but --action: %s. More sessions to end with --action any: %d.", n, match, p.unwatched, more))
		delete(p.missed, "--action")
	}
	if p.matches == 0 {
		l.Notes = append(l.Notes, p.whyNone()...)
	}
	switch users := slices.Sorted(maps.Keys(p.noSession)); {
	case len(users) > mostPasted:
		l.Warnings = append(l.Warnings, fmt.Sprintf("To end all sessions of the %d users whose entries do not say which, give signout the rows of the report that are doubtful.", len(users)))
	case len(users) > 1:
		l.Warnings = append(l.Warnings, "To end all sessions of the users whose entries do not say which: "+p.signout+strings.Join(users, " "))
	}
	if users := p.filter.users; len(users) > 0 {
		other := "These users may have other sessions"
		if more > 0 {
			other += fmt.Sprintf("; with --action any, %d more would end", more)
		}
		l.Warnings = append(l.Warnings, other+". To end all of them: "+p.signout+strings.Join(users, " "))
	}
	if p.misdated != "" {
		l.Warnings = append(l.Warnings, "To turn other forms of date_create into seconds, and then run auditlog on seconds.jsonl: "+p.misdated)
	}
	return l
}

// whyNone says which flags leave out all.
func (p *plan) whyNone() (notes []string) {
	for _, flag := range slices.Sorted(maps.Keys(p.unmatched)) {
		note := ""
		if n := p.missed[flag]; n > 0 {
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

// seconds is a command that writes the entries of a log, unwrapped, with the dates of other programs turned into those of Slack.
func (p place) seconds() string {
	filter := `.date_create |= (if type == "string" then tonumber? // (sub("\\.[0-9]+"; "") | fromdate)? // . else . end` +
		` | if type == "number" then until(. < 4102444800; . / 1000) | floor else . end)`
	if p.path != "" {
		filter = "." + strings.TrimPrefix(p.path, ".") + " | " + filter
	}
	return "jq -c '" + filter + "' FILE > seconds.jsonl"
}

// tally counts by name.
type tally map[string]int

const mostNamed = 10

// String names those with the highest counts first: "user_login 9, anomaly 1".
func (t tally) String() string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(t)), func(name string) bool { return name == "" })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(t[b], t[a]) })
	var words []string
	for _, name := range names[:min(len(names), mostNamed)] {
		words = append(words, fmt.Sprintf("%s %d", strings.Trim(strconv.Quote(name), `"`), t[name]))
	}
	if more := len(names) - mostNamed; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return cmp.Or(strings.Join(words, ", "), "none")
}
