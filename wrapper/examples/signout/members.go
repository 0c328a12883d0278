package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// members are the IDs of an organisation's members by their e-mail address in lower case, as the member list
// knows them that Slack exports.
type members map[string][]string

var addressColumns = []string{"email", "emailaddress", "mail"}

func readMembers(name, data string) (members, error) {
	id, address := -1, -1
	t, first, err := newTable(name, data, func(header []string) bool {
		var twice [2]error
		id, twice[0] = named(header, "userid")
		address, twice[1] = named(header, addressColumns...)
		return id >= 0 && address >= 0 && errors.Join(twice[:]...) == nil
	})
	if err != nil {
		return nil, err
	}
	if t.header == nil {
		return nil, t.at(t.skipped+1, "is no member list: it needs one column userid and one email, and has "+quoted(first, ", "))
	}
	m := members{}
	var wrong problems
	for row, err := range t.rows() {
		if err != nil {
			wrong.add(err)
			continue
		}
		who, key := trim(row.cells[id]), strings.ToLower(trim(row.cells[address]))
		if who != "" && key != "" && !slices.Contains(m[key], who) {
			m[key] = append(m[key], who)
		}
	}
	return m, wrong.err()
}

// id is the ID of the one member with an address.
func (m members) id(address string) (string, error) {
	switch ids := m[strings.ToLower(address)]; {
	case len(ids) == 0:
		return "", fmt.Errorf("%.60q is not in the member list", address)
	case len(ids) > 1:
		return "", fmt.Errorf("%.60q is %s in the member list; give the ID of the one who is meant", address, quoted(ids, " and "))
	case !userID.MatchString(ids[0]):
		return "", fmt.Errorf("%.60q is %.40q in the member list, which is no user ID", address, ids[0])
	default:
		return ids[0], nil
	}
}
