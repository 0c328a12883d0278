package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// lay finds out what the columns of a header have, and adds those that the member list fills. who is the column that
// tells who is meant.
func (l *list) lay(header []string, who int) {
	l.header = slices.Clone(header)
	l.id, l.name, l.address = first(header, idColumns...), first(header, nameColumns...), first(header, addressColumns...)
	l.surname = -1
	if given := first(header, "firstname", "givenname"); l.name < 0 && given >= 0 {
		l.name, l.surname = given, first(header, "lastname", "surname", "familyname")
	}
	switch {
	case who >= 0 && who != l.id && l.members == nil:
		l.id = who
	case who >= 0 && who != l.id:
		l.id = -1
		if l.address < 0 {
			l.address = who
		}
	}
	add := func(column *int, name string) {
		if *column < 0 {
			*column = len(l.header)
			l.header = append(l.header, name)
		}
	}
	add(&l.id, idColumn)
	if l.members != nil {
		add(&l.name, nameColumn)
		add(&l.address, addressColumn)
	}
}

// fill completes the columns of a user with what is known, and what is known with the columns.
func (l *list) fill(u *user) {
	u.columns[l.id] = u.member.id
	cell := func(column int) string {
		if column < 0 || column == l.id {
			return ""
		}
		return runner.Clean(u.columns[column])
	}
	u.member.address = cmp.Or(u.member.address, addressIn(cell(l.address)))
	u.member.name = cmp.Or(u.member.name, strings.TrimSpace(cell(l.name)+" "+cell(l.surname)))
	if l.members == nil {
		return
	}
	for column, known := range map[int]string{l.name: u.member.name, l.address: u.member.address} {
		if cell(column) == "" && l.surname < 0 {
			u.columns[column] = known
		}
	}
}
