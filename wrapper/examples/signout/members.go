package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// members are an organisation's members as the member list has them that Slack exports.
type members struct {
	all       []member
	byID      map[string]int
	byAddress map[string][]int // in lower case
}

// member is what is known of a user. All but the ID may be "".
type member struct {
	id, name, address, status string
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
	m := &members{byID: map[string]int{}, byAddress: map[string][]int{}}
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
		m.add(member{cell(id), cell(fullName), cell(address), cell(status)})
	}
	return m, wrong.err()
}

// add adds a member, once.
func (m *members) add(who member) {
	if _, known := m.byID[who.id]; known || who.id == "" {
		return
	}
	m.byID[who.id] = len(m.all)
	if who.address != "" {
		key := strings.ToLower(who.address)
		m.byAddress[key] = append(m.byAddress[key], len(m.all))
	}
	m.all = append(m.all, who)
}

// errAddress is an address that does not name one member.
type errAddress struct {
	status string // in the report
	text   string
}

func (e *errAddress) Error() string { return e.text }

// find returns the one member with an address. Of several it prefers the only one that is active, and says so in note.
func (m *members) find(address string) (who member, note string, err error) {
	var found, active []member
	var all []string
	for _, at := range m.byAddress[strings.ToLower(address)] {
		who := m.all[at]
		found = append(found, who)
		all = append(all, fmt.Sprintf("%.40q (status %.40q)", who.id, who.status))
		if who.active() {
			active = append(active, who)
		}
	}
	are := fmt.Sprintf("%.60q is %s in the member list", address, strings.Join(all, " and "))
	switch {
	case len(found) == 0:
		return who, "", &errAddress{"not found", fmt.Sprintf("%.60q is not in the member list; correct it, or export the list anew", address)}
	case len(found) == 1:
		who = found[0]
	case len(active) == 1:
		who, note = active[0], are+"; the only active one is taken."
	default:
		return who, "", &errAddress{"ambiguous", are + "; give the ID of the one who is meant"}
	}
	id, err := runner.UserID(who.id)
	if err != nil {
		return who, "", fmt.Errorf("%.60q is %.40q in the member list, which is no user ID; export the list anew", address, who.id)
	}
	who.id = id
	return who, note, nil
}

// known returns what the member list has of a user ID. The nil list has nothing.
func (m *members) known(id string) member {
	if m != nil {
		if at, listed := m.byID[id]; listed {
			return m.all[at]
		}
	}
	return member{id: id}
}

// inAddress finds the address in what mail programs and Slack write in its place: "Ana Ruiz <ana@example.com>",
// "<mailto:ana@example.com|ana@example.com>".
var inAddress = regexp.MustCompile(`^(?:[^<>]*<)?(?:mailto:)?([^\s<>@|:]+@[^\s<>@|:]+)(?:\|[^<>]*)?>?$`)

// addressIn returns the address that text names, "" for none.
func addressIn(text string) string {
	if !strings.Contains(text, "@") {
		return ""
	}
	found := inAddress.FindStringSubmatch(text)
	if found == nil || strings.Contains(found[1], "/") {
		return ""
	}
	return found[1]
}
