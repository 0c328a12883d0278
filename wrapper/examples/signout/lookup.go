package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// Statuses of users that are skipped.
const (
	notFound  = "not found"
	ambiguous = "ambiguous"
)

// unknownError describes a text that does not name one member.
type unknownError struct {
	status string // of the user in the report
	text   string
}

func (e *unknownError) Error() string { return e.text }

// resolve returns the member that text names.
func (l *list) resolve(text string) (member, error) {
	address := addressIn(text)
	switch {
	case address == "":
		id, err := runner.UserID(text)
		switch {
		case err == nil || l.members == nil || strings.HasPrefix(text, "#"): // # may begin a comment, or the error of a formula
		case text == "":
			err = &unknownError{notFound, "no e-mail address and no user ID; fill one in, or delete the line"}
		case looksLikeID.MatchString(text):
			err = &unknownError{notFound, err.Error()}
		default:
			err = &unknownError{notFound, fmt.Sprintf("%.60q is neither an e-mail address nor a user ID; replace it with one, or delete the line", text)}
		}
		if err != nil {
			return member{}, err
		}
		who, found := l.members.known(id)
		if !found && l.members != nil {
			l.note("%s is not in the member list.", id)
		}
		return who, nil
	case l.members == nil:
		return member{}, fmt.Errorf("%.60q is an e-mail address, not a user ID; to look it up, add --members FILE, the member list that Slack exports", address)
	}
	who, note, err := l.members.find(address)
	if err != nil {
		return member{address: address}, err
	}
	if note != "" {
		l.notes = append(l.notes, note)
	}
	return who, nil
}

// find returns the member with an address. If there are several, it returns the only one that is active, and a note.
func (m *members) find(address string) (who member, note string, err error) {
	switch found := m.with(address); len(found) {
	case 0:
		return who, "", &unknownError{notFound, fmt.Sprintf("%.60q is not in the member list; correct it, or export the member list again", address)}
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
	var names []string
	active := 0
	for _, one := range found {
		names = append(names, fmt.Sprintf("%.40q (status %.40q)", one.id, one.status))
		if one.active() {
			who = one
			active++
		}
	}
	note = fmt.Sprintf("%.60q is %s in the member list", address, strings.Join(names, " and "))
	if active != 1 {
		return who, "", &unknownError{ambiguous, note + "; use the ID of the right one"}
	}
	return who, note + "; the only active one is used.", nil
}

// contradiction returns an error if the ID and the address of a line belong to different members.
func (m *members) contradiction(id, address string) error {
	found := m.with(addressIn(address))
	if id, err := runner.UserID(id); err == nil && len(found) > 0 && !slices.ContainsFunc(found, func(who member) bool { return who.id == id }) {
		person := func(who member) string { return fmt.Sprintf("%.60q", cmp.Or(who.name, who.address, who.id)) }
		who, known := m.known(id)
		if !known {
			return fmt.Errorf("the ID %s is not in the member list, and the address belongs to %s; correct the wrong one", id, person(found[0]))
		}
		return fmt.Errorf("the ID belongs to %s and the address to %s; correct the wrong one", person(who), person(found[0]))
	}
	return nil
}

// inAddress finds the address in the forms of mail programs and Slack: "Ana Ruiz <ana@example.com>",
// "<mailto:ana@example.com|ana@example.com>".
var inAddress = regexp.MustCompile(`^(?:[^<>]*<)?(?:mailto:)?([^\s<>@|:]+@[^\s<>@|:]+)(?:\|[^<>]*)?>?$`)

// addressIn returns the address in text, "" for none.
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
