package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// who finds the column that names the users, -1 for none.
func (l *list) who(header []string, column string) (int, error) {
	if column != "" {
		return named(header, normal(column))
	}
	order := [][]string{idColumns, loginColumns}
	if l.members != nil {
		order = [][]string{idColumns, addressColumns, loginColumns}
	}
	for _, names := range order {
		if at, err := named(header, names...); at >= 0 || err != nil {
			return at, err
		}
	}
	return -1, nil
}

// lay finds the columns of a header, and adds one for the IDs if there is none. who is the column that names the users.
func (l *list) lay(header []string, who int) {
	l.header = slices.Clone(header)
	l.id, l.name, l.address = first(header, idColumns...), first(header, nameColumns...), first(header, addressColumns...)
	l.surname, l.status = -1, -1
	if slices.Contains(header, "request_id") {
		l.status = slices.Index(header, "status")
	}
	if given := first(header, "firstname", "givenname"); l.name < 0 && given >= 0 {
		l.name, l.surname = given, first(header, "lastname", "surname", "familyname")
	}
	l.ownID = l.id
	switch {
	case who >= 0 && who != l.id && l.members == nil:
		l.id = who
	case who >= 0 && who != l.id:
		l.id = -1
		if l.status >= 0 {
			l.id = idsOfReport(header)
		}
		if l.address < 0 {
			l.address = who
		}
	}
	if l.id < 0 {
		l.id = l.column(idColumn, nil)
	}
	if l.members != nil {
		l.personName, l.personAddress = l.column("person_name", l.header), l.column("person_address", l.header)
	}
}

// column returns the place of a column in names, or adds it to the header.
func (l *list) column(name string, names []string) int {
	if at := slices.Index(names, name); at >= 0 {
		return at
	}
	l.header = append(l.header, name)
	return len(l.header) - 1
}

// newUser returns the user of a line with these cells. The member list goes before the cells: it is Slack's.
func (l *list) newUser(who member, cells []string) *user {
	inList := len(cells) > 0
	cells = append(slices.Clone(cells), make([]string, len(l.header))...)[:len(l.header)]
	cells[l.id] = who.id
	if l.members != nil {
		cells[l.personName], cells[l.personAddress] = who.name, who.address
		if who.id == "" && inList { // the address stands in the list, where it can be corrected
			cells[l.personAddress] = ""
		}
	}
	u := &user{Options: l.options, Row: runner.NewRow(cells...)}
	cells = u.Row.Cells() // all texts of the user share the memory of the row
	cell := func(column int) string {
		if column < 0 || column == l.id {
			return ""
		}
		return runner.Clean(cells[column])
	}
	u.ID, u.Options.UserID = cells[l.id], cells[l.id]
	u.Name = cmp.Or(who.name, strings.TrimSpace(cell(l.name)+" "+cell(l.surname)))
	u.Address = cmp.Or(who.address, addressIn(cell(l.address)))
	return u
}
