package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// user is a user to sign out, or a line of the list that does not name one member.
type user = runner.Item[wrapper.ResetOptions]

// list is the users to sign out, each once, in the order of the list.
type list struct {
	header      []string
	comma       rune // separator of its cells; 0 for a plain list
	users       []*user
	duplicates  []int    // lines that name a user again; 0 for an argument
	comments    int      // number of lines left out as comments
	notes       []string // what was decided about the list
	warnings    []string
	known       map[string]bool      // IDs, and addresses of no member
	options     wrapper.ResetOptions // of each call, but for the user
	members     *members             // nil: e-mail addresses are not looked up
	skipUnknown bool                 // skip lines that do not name one member
	unknown     int                  // number of such lines

	id, name, surname, address int // columns of header, -1 for none
	listID                     int // column of IDs in the list as it is given, -1 for none
	personName, personAddress  int // columns of what the member list says
	rival                      int // another column of header that names members, -1 for none
	status                     int // column of header in a report, -1 for none
}

func newList(m *members) *list {
	l := &list{members: m, known: map[string]bool{}, rival: -1}
	l.setColumns(nil, -1)
	return l
}

// note adds what the reader of a run should know about the list.
func (l *list) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

const maxShown = 20 // lines of one kind that a screen shows

// firstTwenty returns the first of these lines, and how many more there are.
func firstTwenty(lines []string) []string {
	if more := len(lines) - maxShown; more > 0 {
		return append(slices.Clone(lines[:maxShown]), fmt.Sprintf("and %d more", more))
	}
	return lines
}

// addUser adds a user of the command line.
func (l *list) addUser(text string) error { return l.add(runner.Clean(text), 0, nil) }

// add adds the user that text names on a line with these cells.
func (l *list) add(text string, line int, cells []string) error {
	who, err := l.resolve(text)
	var unknown *unknownError
	if errors.As(err, &unknown) {
		l.unknown++
	}
	if err != nil && (unknown == nil || !l.skipUnknown) {
		return err
	}
	if l.known[cmp.Or(who.id, strings.ToLower(who.address))] {
		l.duplicates = append(l.duplicates, line)
		return nil
	}
	u := l.newUser(who, cells)
	if unknown != nil {
		u.Skip = &runner.Skip{Status: unknown.status, Why: unknown.text}
	}
	if key := cmp.Or(u.ID, strings.ToLower(who.address)); key != "" {
		l.known[key] = true
	}
	l.users = append(l.users, u)
	return nil
}
