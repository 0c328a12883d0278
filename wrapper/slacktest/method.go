package slacktest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The methods that a [Slack] serves, under any path that ends in "/" and their name.
const (
	MethodReset      = "admin.users.session.reset"
	MethodInvalidate = "admin.users.session.invalidate"
)

// Arguments are those of the methods. A request has the zero value where it does not give one, or none that is valid.
type Arguments struct {
	UserID     string
	TeamID     string
	SessionID  int64
	MobileOnly bool
	WebOnly    bool
}

// method is a method that the fake serves.
type method struct {
	arguments map[string]func(*Arguments, argument) condition
	required  [][]string // names; of each list at least one must be given
	do        func(*Slack, *request) (code string)
}

// condition is what an argument does: only sessions that meet it end. An argument whose value is not valid has
// none, so no argument is accepted that does nothing.
type condition func(*User, Session) bool

var methods = map[string]method{
	MethodReset: {
		arguments: map[string]func(*Arguments, argument) condition{
			"user_id":     userID,
			"mobile_only": only(Mobile, func(to *Arguments) *bool { return &to.MobileOnly }),
			"web_only":    only(Web, func(to *Arguments) *bool { return &to.WebOnly }),
		},
		required: [][]string{{"user_id"}},
		do:       (*Slack).reset,
	},
	MethodInvalidate: {
		arguments: map[string]func(*Arguments, argument) condition{
			"user_id":    userID,
			"team_id":    teamID,
			"session_id": sessionID,
		},
		required: [][]string{{"user_id", "team_id"}, {"session_id"}},
		do:       (*Slack).invalidate,
	},
}

func userID(to *Arguments, a argument) condition {
	if !a.text(&to.UserID) {
		return nil
	}
	return func(u *User, _ Session) bool { return u.ID == to.UserID }
}

func teamID(to *Arguments, a argument) condition {
	if !a.text(&to.TeamID) {
		return nil
	}
	return func(u *User, _ Session) bool { return u.in(to.TeamID) }
}

func sessionID(to *Arguments, a argument) condition {
	id, err := strconv.ParseInt(a.value, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != a.value {
		return nil
	}
	to.SessionID = id
	return func(_ *User, n Session) bool { return n.ID == id }
}

func only(d Device, field func(*Arguments) *bool) func(*Arguments, argument) condition {
	return func(to *Arguments, a argument) condition {
		flag := field(to)
		if !a.flag(flag) {
			return nil
		}
		return func(_ *User, n Session) bool { return !*flag || n.Device == d }
	}
}

// argument is an argument of a request.
type argument struct {
	name  string
	value string
	json  bool // the value is JSON, else text out of a form
}

// text reads a text, and reports whether the value is one.
func (a argument) text(to *string) bool {
	if !a.json {
		*to = a.value
		return true
	}
	return strings.HasPrefix(a.value, `"`) && json.Unmarshal([]byte(a.value), to) == nil
}

// flag reads a boolean, and reports whether the value is one.
func (a argument) flag(to *bool) bool {
	*to = a.value == "true" || a.value == "1" && !a.json
	return *to || a.value == "false" || a.value == "0" && !a.json
}
