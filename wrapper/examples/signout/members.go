package main

import (
	"errors"
	"fmt"
	"regexp"
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
	var id, address int
	t, likely, err := newTable(name, data, func(header []string) (bool, error) {
		var twice [2]error
		id, twice[0] = named(header, idColumns...)
		address, twice[1] = named(header, addressColumns...)
		return id >= 0 && address >= 0, errors.Join(twice[:]...)
	})
	if err != nil {
		return nil, err
	}
	if t.header == nil {
		return nil, t.at(max(t.line, 1), "is no member list: it needs one column userid and one email, and has "+quoted(likely, ", ")+
			"; export the member list from Slack's admin pages")
	}
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

// errAddress is an address that does not name one member.
type errAddress struct {
	status string // in the report
	text   string
}

func (e *errAddress) Error() string { return e.text }

// find returns the one member with an address. Of several it prefers the only one that is active, and says so in note.
func (m *members) find(address string) (who member, note string, err error) {
	switch found := m.with(address); len(found) {
	case 0:
		return who, "", &errAddress{"not found", fmt.Sprintf("%.60q is not in the member list; correct it, or export the list anew", address)}
	case 1:
		who = found[0]
	default:
		if who, note, err = choose(address, found); err != nil {
			return who, "", err
		}
	}
	if who.id, err = runner.UserID(who.id); err != nil {
		return who, "", fmt.Errorf("%.60q has no user ID in the member list: %w", address, err)
	}
	return who, note, nil
}

// choose returns the only active one of the members with an address.
func choose(address string, found []member) (who member, note string, err error) {
	var are []string
	active := 0
	for _, one := range found {
		are = append(are, fmt.Sprintf("%.40q (status %.40q)", one.id, one.status))
		if one.active() {
			who = one
			active++
		}
	}
	note = fmt.Sprintf("%.60q is %s in the member list", address, strings.Join(are, " and "))
	if active != 1 {
		return who, "", &errAddress{"ambiguous", note + "; give the ID of the one who is meant"}
	}
	return who, note + "; the only active one is taken.", nil
}

// known returns what the member list has of a user ID. The nil list has nothing.
func (m *members) known(id string) member {
	if m == nil {
		return member{id: id}
	}
	if m.byID == nil {
		m.byID = make(map[string]int, len(m.all))
		for at, who := range m.all {
			m.byID[who.id] = at
		}
	}
	if at, listed := m.byID[id]; listed {
		return m.all[at]
	}
	return member{id: id}
}

// inAddress finds the address in what mail programs and Slack write in its place: "Ana Ruiz <ana@example.com>",
// "<mailto:ana@example.com|ana@example.com>".
var inAddress = regexp.MustCompile(`^(?:[^<>]*<)?(?:mailto:)?([^\s<>@|:]+@[^\s<>@|:]+)(?:\|[^<>]*)?>?$`)

// addressIn returns the address that text names, "" for none.
func addressIn(text string) string {
	switch before, after, at := strings.Cut(text, "@"); {
	case !at || before == "" || after == "":
		return ""
	case !strings.ContainsAny(text, " <>|:/") && !strings.Contains(after, "@"):
		return text
	}
	found := inAddress.FindStringSubmatch(text)
	if found == nil || strings.Contains(found[1], "/") {
		return ""
	}
	return found[1]
}
