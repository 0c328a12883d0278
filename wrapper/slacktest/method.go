package slacktest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The methods that a [Slack] serves, at any path that ends in "/" and the method's name.
const (
	MethodReset      = "admin.users.session.reset"
	MethodInvalidate = "admin.users.session.invalidate"
)

// Arguments are the arguments of a request, to either method. An argument that is missing or not valid has the zero
// value.
type Arguments struct {
	UserID     string
	TeamID     string
	SessionID  int64
	MobileOnly bool
	WebOnly    bool
}

// method is a method that the fake serves.
type method struct {
	arguments map[string]readArgument
	required  [][]string // at least one name of each list must be given
	do        func(*Slack, *request) (code string)
}

// readArgument reads the value of an argument into the record and reports whether it is valid. An argument that
// decides which sessions end returns a condition. One that decides nothing about that, such as a boolean that has the
// user notified, returns nil.
type readArgument func(*Arguments, argument) (only condition, valid bool)

// condition says which sessions an argument is about. A request ends the sessions that meet all of its conditions.
type condition func(*User, Session) bool

var methods = map[string]method{
	MethodReset: {
		arguments: map[string]readArgument{
			"user_id":     userID,
			"mobile_only": only(Mobile, func(to *Arguments) *bool { return &to.MobileOnly }),
			"web_only":    only(Web, func(to *Arguments) *bool { return &to.WebOnly }),
		},
		required: [][]string{{"user_id"}},
		do:       (*Slack).reset,
	},
	MethodInvalidate: {
		arguments: map[string]readArgument{
			"user_id":    userID,
			"team_id":    teamID,
			"session_id": sessionID,
		},
		required: [][]string{{"user_id", "team_id"}, {"session_id"}},
		do:       (*Slack).invalidate,
	},
}

func userID(to *Arguments, a argument) (condition, bool) {
	return func(u *User, _ Session) bool { return u.ID == to.UserID }, a.text(&to.UserID)
}

func teamID(to *Arguments, a argument) (condition, bool) {
	return func(u *User, _ Session) bool { return u.in(to.TeamID) }, a.text(&to.TeamID)
}

func sessionID(to *Arguments, a argument) (condition, bool) {
	id, err := strconv.ParseInt(a.value, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != a.value {
		return nil, false
	}
	to.SessionID = id
	return func(_ *User, n Session) bool { return n.ID == id }, true
}

func only(d Device, field func(*Arguments) *bool) readArgument {
	return func(to *Arguments, a argument) (condition, bool) {
		flag := field(to)
		return func(_ *User, n Session) bool { return !*flag || n.Device == d }, a.flag(flag)
	}
}

// argument is an argument of a request.
type argument struct {
	name  string
	value string
	json  bool // value is JSON, else a value of a form
}

// text reads a string and reports whether the value is one.
func (a argument) text(to *string) bool {
	if !a.json {
		*to = a.value
		return true
	}
	return strings.HasPrefix(a.value, `"`) && json.Unmarshal([]byte(a.value), to) == nil
}

// flag reads a boolean and reports whether the value is one.
func (a argument) flag(to *bool) bool {
	*to = a.value == "true" || a.value == "1" && !a.json
	return *to || a.value == "false" || a.value == "0" && !a.json
}
