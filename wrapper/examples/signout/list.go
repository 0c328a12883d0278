package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// user is somebody to sign out.
type user struct {
	ID            string
	name, address string   // "" = not known
	columns       []string // of the user's line
}

// list is who is to be signed out, each once, in the order in which they came.
type list struct {
	header     []string
	column     int // of IDs, where those of the command line go
	users      []user
	duplicates int

	known   map[string]bool
	members members // nil: e-mail addresses are not looked up
}

const idColumn = "user_id"

func newList(m members) *list {
	return &list{header: []string{idColumn}, known: map[string]bool{}, members: m}
}

// read adds the users of a table. column is what --column says.
func (l *list) read(name, data, column string) error {
	var err error
	key := -1
	t, first, tableErr := newTable(name, data, func(header []string) bool {
		key, err = l.key(header, column)
		return key >= 0
	})
	switch {
	case tableErr != nil:
		return tableErr
	case err != nil:
		return t.at(t.skipped+1, err.Error())
	case len(first) > 1 && key < 0, column != "" && key < 0:
		return t.at(t.skipped+1, l.unnamed(first, column))
	}
	key = max(key, 0)
	byAddress := l.members != nil && (t.header == nil || plain(t.header[key]) != "userid")
	l.column = key
	if t.header != nil {
		l.header = t.header
	}
	if byAddress {
		l.header, l.column = append(slices.Clone(l.header), idColumn), len(l.header)
		if t.header == nil {
			l.header[0] = "email"
		}
	}
	var wrong problems
	for row, err := range t.rows() {
		var id string
		if err == nil {
			if id, err = l.id(trim(row.cells[key])); err != nil {
				err = t.at(row.line, err.Error())
			}
		}
		if err != nil {
			wrong.add(err)
			continue
		}
		if byAddress {
			row.cells = append(row.cells, id)
		}
		l.add(user{ID: id, columns: row.cells})
	}
	if err := wrong.err(); err != nil {
		return err
	}
	if len(l.users) == 0 {
		return fmt.Errorf("%s: no users in it", name)
	}
	return nil
}

// key is the column that tells who is meant, -1 for none.
func (l *list) key(header []string, column string) (int, error) {
	if column != "" {
		return named(header, plain(column))
	}
	at, err := named(header, "userid")
	if at < 0 && l.members != nil {
		return named(header, addressColumns...)
	}
	return at, err
}

// unnamed says what to do about a header without the column of IDs.
func (l *list) unnamed(header []string, column string) string {
	if column != "" {
		return fmt.Sprintf("no column is called %q; there are %s", column, quoted(header, ", "))
	}
	return fmt.Sprintf("no column is called user_id; --column NAME tells which of %s has the IDs, or the e-mail addresses with --members FILE", quoted(header, ", "))
}

// quoted names on one line what a file names, whatever that is.
func quoted(names []string, between string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%.40q", name)
	}
	return strings.Join(all, between)
}

// addUser adds a user of the command line.
func (l *list) addUser(who string) error {
	id, err := l.id(who)
	if err != nil {
		return fmt.Errorf("--user: %w", err)
	}
	columns := make([]string, len(l.header))
	columns[l.column] = id
	l.add(user{ID: id, columns: columns})
	return nil
}

func (l *list) add(u user) {
	if l.known[u.ID] {
		l.duplicates++
		return
	}
	l.known[u.ID] = true
	l.users = append(l.users, u)
}

var userID = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

// id is the ID of who is meant. It refuses what would only cost a request: addresses, names, headers.
func (l *list) id(who string) (string, error) {
	if l.members != nil && strings.Contains(who, "@") {
		return l.members.id(who)
	}
	switch {
	case who == "":
		return "", errors.New("nobody is named; fill it in or take the line out")
	case strings.Contains(who, "@"):
		return "", fmt.Errorf("%.60q is an e-mail address and no user ID; --members FILE looks it up in the member list that Slack exports", who)
	case !userID.MatchString(who):
		return "", fmt.Errorf("%.40q is no user ID, such as W0123456789", who)
	}
	return who, nil
}
