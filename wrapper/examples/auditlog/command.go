package main

import (
	"regexp"
	"slices"
	"strings"
)

const maxPasted = 20 // users of a command in a message

// command returns the command that ends all sessions of users. Of many it takes them from the report, after which it says
// which rows to remove.
func (p *plan) command(users []string, remove string) string {
	switch {
	case len(users) <= maxPasted:
		return p.signout + strings.Join(users, " ")
	case p.report == "":
		return "add --report FILE to the live run; then: " + p.signout + "FILE" + remove
	default:
		return p.signout + shellWord(p.report) + remove
	}
}

var plainWord = regexp.MustCompile(`^[\w./:@%+=-]+$`)

// shellWord quotes a text for a shell where that is necessary.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// usersOfSessions returns the users whose sessions are to end, in order; of many, only one more than fit into a message.
func (p *plan) usersOfSessions() (users []string) {
	for _, i := range p.items {
		if user := i.Options.UserID; i.Skip == nil && !slices.Contains(users, user) && len(users) <= maxPasted {
			users = append(users, user)
		}
	}
	slices.Sort(users)
	return users
}
