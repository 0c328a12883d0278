package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// userColumn finds the column that names the users: the chosen one, or else the one that has a usual name; -1 for none.
func (l *list) userColumn(header []string, chosen string) (int, error) {
	if chosen != "" {
		return onlyColumn(header, normal(chosen))
	}
	order := [][]string{idColumns, loginColumns}
	if l.members != nil {
		order = [][]string{idColumns, addressColumns, loginColumns}
	}
	for _, names := range order {
		if at, err := onlyColumn(header, names...); at >= 0 || err != nil {
			return at, err
		}
	}
	return -1, nil
}

// setColumns finds the columns of a header, and adds one for the IDs if there is none. users is the column that names the users.
func (l *list) setColumns(header []string, users int) {
	l.header = slices.Clone(header)
	l.id, l.name, l.address = firstColumn(header, idColumns...), firstColumn(header, nameColumns...), firstColumn(header, addressColumns...)
	l.surname, l.status = -1, -1
	if slices.Contains(header, "request_id") {
		l.status = slices.Index(header, "status")
	}
	if given := firstColumn(header, "firstname", "givenname"); l.name < 0 && given >= 0 {
		l.name, l.surname = given, firstColumn(header, "lastname", "surname", "familyname")
	}
	l.listID = l.id
	switch {
	case users >= 0 && users != l.id && l.members == nil:
		l.id = users
	case users >= 0 && users != l.id:
		l.id = -1
		if l.status >= 0 {
			l.id = idsOfReport(header)
		}
		l.address = users
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
