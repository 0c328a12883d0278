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
	ownID                      int // column of IDs that the list has itself, -1 for none
	personName, personAddress  int // columns of what the member list says
	rival                      int // another column of header that names members, -1 for none
	status                     int // column of header in a report, -1 for none
}

func newList(m *members) *list {
	l := &list{members: m, known: map[string]bool{}, rival: -1}
	l.lay(nil, -1)
	return l
}

// read adds the users of a table. column is the value of --column.
func (l *list) read(name, data, column string) error {
	t, likely, err := newTable(name, data, func(header []string) (bool, error) {
		who, err := l.who(header, column)
		return who >= 0, err
	})
	who := 0
	switch {
	case err != nil:
		return err
	case t.header == nil && (len(likely) > 1 || column != "" || first(likely, addressColumns...) >= 0):
		return t.at(max(t.line, 1), errNoIDs(likely, column, l.members != nil).Error())
	case column == "" && isMemberList(t.header):
		return t.at(t.line, "is Slack's member list, which names everybody; to look addresses up in it, give it with --members before the list; to sign out all who are in it, add --column userid")
	case t.header != nil:
		who, _ = l.who(t.header, column)
		l.lay(t.header, who)
		l.comma = t.csv.Comma
	}
	if t.titled {
		l.note("%s: header found on line %d.", name, t.line)
	}
	if t.header != nil {
		l.note("Column with the users: %.40q.", t.header[who])
	}
	var wrong []string
	for row, err := range t.rows() {
		if err == nil {
			if err = l.take(t, row, who); err != nil {
				err = t.at(row.line, err.Error())
			}
		}
		if err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	l.comments += t.comments
	if l.members == nil && slices.ContainsFunc(l.users, func(u *user) bool { return u.Address != "" }) {
		l.note("Addresses are those of the list, unchecked: Slack gets the IDs alone. To check them, add --members FILE.")
	}
	doubtful := t.header != nil && !slices.Contains(idColumns, normal(t.header[who])) // columns of IDs have only this meaning
	guessed := doubtful && column == ""
	mostlyDuplicates := len(l.duplicates) > len(l.users)
	switch {
	case guessed && l.rival >= 0:
		return t.at(t.line, fmt.Sprintf("the columns %.40q and %.40q both name members, and not the same ones; choose one with --column NAME", t.header[who], t.header[l.rival]))
	case guessed && mostlyDuplicates:
		return t.at(t.line, fmt.Sprintf("most lines name a user again in the column %.40q; choose a column with --column NAME", t.header[who]))
	case doubtful && mostlyDuplicates:
		l.warnings = append(l.warnings, fmt.Sprintf("WARNING: most lines name a user again. Is %.40q the right column? Choose another with --column NAME.", t.header[who]))
	}
	if len(wrong) > 0 {
		err := errors.New(strings.Join(firstTwenty(wrong), "\n"))
		if guessed {
			err = fmt.Errorf("%w\nThe users are taken from the column %.40q. Choose another with --column NAME: IDs, or e-mail addresses with --members FILE", err, t.header[who])
		}
		if l.unknown > 0 && !l.skipUnknown {
			err = fmt.Errorf("%w\nLines that do not name one member: %d. --skip-unknown skips them; to list all of them: --skip-unknown --dry-run --json", err, l.unknown)
		}
		return err
	}
	if len(l.users) == 0 {
		return fmt.Errorf("%s: no users in it; put a user ID on each line", name)
	}
	return nil
}

// take adds the user of a line.
func (l *list) take(t *table, row row, who int) error {
	cells := row.cells
	text := runner.Clean(cells[who])
	switch {
	case t.header == nil:
		cells = nil
	case l.members != nil && who == l.id && l.address >= 0:
		address := runner.Clean(cells[l.address])
		if err := l.members.contradiction(text, address); err != nil {
			return err
		}
		text = cmp.Or(text, address)
	case l.members != nil && l.ownID >= 0: // the report has the ID too, and may be the next list
		if err := l.members.contradiction(runner.Clean(cells[l.ownID]), text); err != nil {
			return fmt.Errorf("%w, or remove the column %.40q", err, t.header[l.ownID])
		}
	}
	if l.members != nil && l.rival < 0 {
		l.rival = l.members.rivalOf(text, cells)
	}
	before := len(l.users)
	if skip := l.skippedBefore(t.header, cells, who); text == "" && skip != nil {
		u := l.newUser(member{}, cells)
		u.Skip = skip
		l.users = append(l.users, u)
	} else if err := l.add(text, row.line, cells); err != nil || len(l.users) == before {
		return err
	}
	if skip := l.users[before].Skip; skip != nil {
		skip.Why = t.at(row.line, skip.Why).Error()
	}
	return nil
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
