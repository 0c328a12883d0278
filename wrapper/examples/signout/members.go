package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unique"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// members is the member list of an organisation, as Slack exports it.
type members struct {
	byAddress []*member // members with an address, sorted by it
	byID      []*member // all members, sorted by ID
}

// member is a line of the member list. All but the ID may be "".
type member struct {
	id, name, status string
	address          string // in lower case
}

// active reports whether the status says that the member can sign in.
func (m member) active() bool {
	switch normal(m.status) {
	case "", "deactivated", "inactive", "deleted", "disabled", "suspended":
		return false
	}
	return true
}

func readMembers(name, data string) (*members, error) {
	columns := func(header []string) (id, address int, err error) {
		id, idErr := onlyColumn(header, idColumns...)
		address, addressErr := onlyColumn(header, addressColumns...)
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
		return nil, t.at(max(t.line, 1), "is not a member list: it needs a column userid and a column email, and has "+cmp.Or(quoted(likely), "no header")+
			"; export the member list from Slack's admin pages")
	}
	id, address, _ := columns(t.header)
	fullName, status := firstColumn(t.header, nameColumns...), firstColumn(t.header, statusColumns...)
	all := make([]member, 0, strings.Count(data, "\n"))
	var wrong []string
	for row, err := range t.rows() {
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		cell := func(at int) string {
			if at < 0 {
				return ""
			}
			return strings.Clone(runner.Clean(row.cells[at])) // a part of the row would keep all of it in memory
		}
		all = append(all, member{id: cell(id), name: cell(fullName), status: unique.Make(cell(status)).Value(), address: strings.ToLower(cell(address))})
	}
	if len(wrong) > 0 {
		return nil, errors.New(strings.Join(firstTwenty(wrong), "\n"))
	}
	return newMembers(all), nil
}

func newMembers(all []member) *members {
	m := &members{byID: make([]*member, 0, len(all)), byAddress: make([]*member, 0, len(all))}
	for i := range all {
		m.byID = append(m.byID, &all[i])
		if all[i].address != "" {
			m.byAddress = append(m.byAddress, &all[i])
		}
	}
	slices.SortStableFunc(m.byID, func(a, b *member) int { return strings.Compare(a.id, b.id) })
	slices.SortStableFunc(m.byAddress, func(a, b *member) int { return strings.Compare(a.address, b.address) })
	return m
}

// with returns the members with an address, each once.
func (m *members) with(address string) (found []member) {
	address = strings.ToLower(address)
	at, _ := slices.BinarySearchFunc(m.byAddress, address, func(who *member, address string) int { return strings.Compare(who.address, address) })
	for _, who := range m.byAddress[at:] {
		if who.address != address {
			break
		}
		if who.id != "" && !slices.ContainsFunc(found, func(other member) bool { return other.id == who.id }) {
			found = append(found, *who)
		}
	}
	return found
}

// rivalOf finds the cell with the address of another member than address belongs to; -1 for none.
func (m *members) rivalOf(address string, cells []string) int {
	named := m.with(addressIn(address))
	return slices.IndexFunc(cells, func(cell string) bool {
		others := m.with(addressIn(runner.Clean(cell)))
		return len(named) > 0 && len(others) > 0 && !slices.ContainsFunc(others, func(who member) bool { return slices.Contains(named, who) })
	})
}

// known returns the member with an ID, and whether there is one. In a nil list there is none.
func (m *members) known(id string) (member, bool) {
	if m == nil {
		return member{id: id}, false
	}
	at, found := slices.BinarySearchFunc(m.byID, id, func(who *member, id string) int { return strings.Compare(who.id, id) })
	if !found {
		return member{id: id}, false
	}
	return *m.byID[at], true
}
