package slacktest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// method is a method that the fake serves.
type method struct {
	arguments map[string]func(*Call, argument) condition
	required  [][]string // names; of each list at least one must be given
	do        func(*Slack, *request) (code string)
}

// condition is what an argument does: only sessions that meet it end. An argument whose value is not valid has
// none, so no argument is accepted that does nothing.
type condition func(*User, Session) bool

var methods = map[string]method{
	MethodReset: {
		arguments: map[string]func(*Call, argument) condition{
			"user_id":     userID,
			"mobile_only": only(Mobile, func(c *Call) *bool { return &c.MobileOnly }),
			"web_only":    only(Web, func(c *Call) *bool { return &c.WebOnly }),
		},
		required: [][]string{{"user_id"}},
		do:       (*Slack).reset,
	},
	MethodInvalidate: {
		arguments: map[string]func(*Call, argument) condition{
			"user_id":    userID,
			"team_id":    teamID,
			"session_id": sessionID,
		},
		required: [][]string{{"user_id", "team_id"}, {"session_id"}},
		do:       (*Slack).invalidate,
	},
}

func userID(c *Call, a argument) condition {
	if !a.text(&c.UserID) {
		return nil
	}
	return func(u *User, _ Session) bool { return u.ID == c.UserID }
}

func teamID(c *Call, a argument) condition {
	if !a.text(&c.TeamID) {
		return nil
	}
	return func(u *User, _ Session) bool { return u.in(c.TeamID) }
}

func sessionID(c *Call, a argument) condition {
	id, err := strconv.ParseInt(a.value, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != a.value {
		return nil
	}
	c.SessionID = id
	return func(_ *User, n Session) bool { return n.ID == id }
}

func only(d Device, field func(*Call) *bool) func(*Call, argument) condition {
	return func(c *Call, a argument) condition {
		flag := field(c)
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

// arguments are those of a request in the order sent.
type arguments []argument

// fill puts the arguments into the record, and objects to those that the method does not take as they are.
func (r *request) fill(given arguments) {
	m := methods[r.call.Method]
	var messages, seen []string
	for _, a := range given {
		read, known := m.arguments[a.name]
		switch {
		case slices.Contains(seen, a.name):
			messages = append(messages, "[ERROR] repeated argument: "+a.name)
		case a.name == "token" && !a.json:
		case !known:
			messages = append(messages, "[ERROR] unknown argument: "+a.name)
		default:
			does := read(&r.call, a)
			if does == nil {
				messages = append(messages, "[ERROR] invalid value: "+a.name)
			}
			r.conditions = append(r.conditions, does)
		}
		seen = append(seen, a.name)
	}
	for _, names := range m.required {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(seen, name) }) {
			messages = append(messages, "[ERROR] missing required field: "+strings.Join(names, " or "))
		}
	}
	if r.call.MobileOnly && r.call.WebOnly {
		messages = append(messages, "[ERROR] mobile_only and web_only exclude each other")
	}
	if len(messages) > 0 {
		r.object("invalid_arguments", messages...)
	}
}

// ends reports whether a session meets all conditions of the request.
func (r *request) ends(u *User, n Session) bool {
	return !slices.ContainsFunc(r.conditions, func(met condition) bool { return !met(u, n) })
}

// token finds the token that a form may carry instead of the Authorization header.
func (given arguments) token() (token string, found bool) {
	for _, a := range given {
		if a.name == "token" && !a.json {
			return a.value, true
		}
	}
	return "", false
}

// parseForm decodes a form. It is stricter than net/url: a pair without "=" and text that is not UTF-8 are errors.
func parseForm(body string) (given arguments, code string) {
	if body == "" {
		return nil, ""
	}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, found := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if !found || nameErr != nil || valueErr != nil || !utf8.ValidString(name+value) {
			return nil, "invalid_form_data"
		}
		given = append(given, argument{name: name, value: value})
	}
	return given, ""
}

// parseJSON decodes an object key by key, because a map would hide repeated keys.
func parseJSON(body string) (given arguments, code string) {
	if !json.Valid([]byte(body)) {
		return nil, "invalid_json"
	}
	d := json.NewDecoder(strings.NewReader(body))
	if start, _ := d.Token(); start != json.Delim('{') {
		return nil, "json_not_object"
	}
	for d.More() {
		key, _ := d.Token() // no errors: the JSON is valid
		name, _ := key.(string)
		var value json.RawMessage
		_ = d.Decode(&value)
		given = append(given, argument{name: name, value: string(value), json: true})
	}
	return given, ""
}
