package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// members are an organisation's members as the member list has them that Slack exports.
type members struct {
	all       []member
	byID      map[string]int // made by known
	byAddress map[string]int // the last with an address, in lower case
}

// member is what is known of a user. All but the ID may be "".
type member struct {
	id, name, address, status string

	before int // in all, who has the same address; -1 for none
}

// active reports whether the status says that the member can sign in.
func (m member) active() bool {
	switch plain(m.status) {
	case "", "deactivated", "inactive", "deleted", "disabled", "suspended":
		return false
	}
	return true
}

func readMembers(name, data string) (*members, error) {
	columns := func(header []string) (id, address int, err error) {
		id, idErr := named(header, idColumns...)
		address, addressErr := named(header, addressColumns...)
		return id, address, errors.Join(idErr, addressErr)
	}
	t, likely, err := newTable(name, data, func(header []string) (bool, error) {
		id, address, err := columns(header)
		return id >= 0 && address >= 0, err
	})
	if err != nil {
		return nil, err
	}
	if t.header == nil {
		return nil, t.at(max(t.line, 1), "is no member list: it needs one column userid and one email, and has "+cmp.Or(quoted(likely), "no header")+
			"; export the member list from Slack's admin pages")
	}
	id, address, _ := columns(t.header)
	fullName, status := first(t.header, nameColumns...), first(t.header, statusColumns...)
	m := newMembers(strings.Count(data, "\n"))
	var wrong screenful
	for row, err := range t.rows() {
		if err != nil {
			wrong.add(err.Error())
			continue
		}
		cell := func(at int) string {
			if at < 0 {
				return ""
			}
			return runner.Clean(row.cells[at])
		}
		m.add(member{id: cell(id), name: cell(fullName), address: cell(address), status: cell(status)})
	}
	return m, wrong.err()
}

// newMembers makes room for n members.
func newMembers(n int) *members {
	return &members{all: make([]member, 0, n), byAddress: make(map[string]int, n)}
}

func (m *members) add(who member) {
	at := len(m.all)
	who.before = -1
	if who.address != "" {
		key := strings.ToLower(who.address)
		if before, known := m.byAddress[key]; known {
			who.before = before
		}
		m.byAddress[key] = at
	}
	m.all = append(m.all, who)
}

// with returns the members with an address, each once.
func (m *members) with(address string) (found []member) {
	at, known := m.byAddress[strings.ToLower(address)]
	for known && at >= 0 {
		who := m.all[at]
		if who.id != "" && !slices.ContainsFunc(found, func(other member) bool { return other.id == who.id }) {
			found = append(found, who)
		}
		at = who.before
	}
	slices.Reverse(found)
	return found
}
