package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// read adds the users of a table. chosen is the value of --column.
func (l *list) read(name, data, chosen string) error {
	t, likely, err := newTable(name, data, func(header []string) (bool, error) {
		column, err := l.userColumn(header, chosen)
		return column >= 0, err
	})
	column := 0
	switch {
	case err != nil:
		return err
	case t.header == nil && (len(likely) > 1 || chosen != "" || firstColumn(likely, addressColumns...) >= 0):
		return t.at(max(t.line, 1), errNoIDs(likely, chosen, l.members != nil).Error())
	case chosen == "" && isMemberList(t.header):
		return t.at(t.line, "is Slack's member list, which names everybody; to look addresses up in it, give it with --members before the list; to sign out all who are in it, add --column userid")
	case t.header != nil:
		column, _ = l.userColumn(t.header, chosen)
		l.setColumns(t.header, column)
		l.comma = t.csv.Comma
	}
	if t.titled {
		l.note("%s: header found on line %d.", name, t.line)
	}
	if t.header != nil {
		l.note("Column with the users: %.40q.", t.header[column])
	}
	var wrong []string
	for row, err := range t.rows() {
		if err == nil {
			if err = l.addRow(t, row, column); err != nil {
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
	guessed := false
	if t.header != nil && !slices.Contains(idColumns, normal(t.header[column])) { // columns of IDs have only this meaning
		guessed = chosen == ""
		if err := l.checkColumn(t, column, guessed); err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		problems := firstTwenty(wrong)
		if guessed {
			problems = append(problems, fmt.Sprintf("The users are taken from the column %.40q. Choose another with --column NAME: IDs, or e-mail addresses with --members FILE", t.header[column]))
		}
		if l.unknown > 0 && !l.skipUnknown {
			problems = append(problems, fmt.Sprintf("Lines that do not name one member: %d. --skip-unknown skips these, and no others; to list them: --skip-unknown --dry-run --json", l.unknown))
		}
		return errors.New(strings.Join(problems, "\n"))
	}
	if len(l.users) == 0 {
		return fmt.Errorf("%s: no users in it; put a user ID on each line", name)
	}
	return nil
}

// checkColumn refuses a guessed column that may be the wrong one, such as that of who filled in a form, and warns of one that
// the user has chosen.
func (l *list) checkColumn(t *table, column int, guessed bool) error {
	mostlyDuplicates := len(l.duplicates) > len(l.users)
	switch {
	case guessed && l.rival >= 0:
		return t.at(t.line, fmt.Sprintf("the columns %.40q and %.40q both name members, and not the same ones; choose one with --column NAME", t.header[column], t.header[l.rival]))
	case guessed && mostlyDuplicates:
		return t.at(t.line, fmt.Sprintf("most lines name a user again in the column %.40q; choose a column with --column NAME", t.header[column]))
	case mostlyDuplicates:
		l.warnings = append(l.warnings, fmt.Sprintf("WARNING: most lines name a user again. Is %.40q the right column? Choose another with --column NAME.", t.header[column]))
	}
	return nil
}

// addRow adds the user of a line.
func (l *list) addRow(t *table, row row, column int) error {
	cells := row.cells
	text := runner.Clean(cells[column])
	switch {
	case t.header == nil:
		cells = nil
	case l.members != nil && column == l.id && l.address >= 0:
		address := runner.Clean(cells[l.address])
		if err := l.members.contradiction(text, address); err != nil {
			return err
		}
		text = cmp.Or(text, address)
	case l.members != nil && l.listID >= 0: // the report has the ID too, and may be the next list
		if err := l.members.contradiction(runner.Clean(cells[l.listID]), text); err != nil {
			return fmt.Errorf("%w, or remove the column %.40q", err, t.header[l.listID])
		}
	}
	if l.members != nil && l.rival < 0 {
		l.rival = l.members.rivalOf(text, cells)
	}
	before := len(l.users)
	if skip := l.skippedBefore(t.header, cells, column); text == "" && skip != nil {
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
