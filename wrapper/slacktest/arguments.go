package slacktest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// arguments are those of a request in the order sent.
type arguments []argument

type argument struct {
	name  string
	value string
	json  bool // the value is JSON, else text out of a form
}

// setters know the arguments of the methods. A setter reports whether the value is of the right type.
var setters = map[string]map[string]func(*Call, argument) bool{
	MethodReset: {
		"user_id":     setText(func(c *Call) *string { return &c.UserID }),
		"mobile_only": setFlag(func(c *Call) *bool { return &c.MobileOnly }),
		"web_only":    setFlag(func(c *Call) *bool { return &c.WebOnly }),
	},
	MethodInvalidate: {
		"user_id":    setText(func(c *Call) *string { return &c.UserID }),
		"team_id":    setText(func(c *Call) *string { return &c.TeamID }),
		"session_id": setSessionID,
	},
}

func setText(field func(*Call) *string) func(*Call, argument) bool {
	return func(c *Call, a argument) bool {
		if !a.json {
			*field(c) = a.value
			return true
		}
		return strings.HasPrefix(a.value, `"`) && json.Unmarshal([]byte(a.value), field(c)) == nil
	}
}

func setFlag(field func(*Call) *bool) func(*Call, argument) bool {
	return func(c *Call, a argument) bool {
		*field(c) = a.value == "true" || a.value == "1" && !a.json
		return *field(c) || a.value == "false" || a.value == "0" && !a.json
	}
}

func setSessionID(c *Call, a argument) bool {
	id, err := strconv.ParseInt(a.value, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != a.value {
		return false
	}
	c.SessionID = id
	return true
}

// fill puts the arguments into the record, and objects to those that the method does not take as they are.
func (r *request) fill(given arguments) {
	var messages, seen []string
	for _, a := range given {
		set, known := setters[r.call.Method][a.name]
		switch {
		case slices.Contains(seen, a.name):
			messages = append(messages, "[ERROR] repeated argument: "+a.name)
		case a.name == "token" && !a.json:
		case !known:
			messages = append(messages, "[ERROR] unknown argument: "+a.name)
		case !set(&r.call, a):
			messages = append(messages, "[ERROR] invalid value: "+a.name)
		}
		seen = append(seen, a.name)
	}
	need := func(names ...string) {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(seen, name) }) {
			messages = append(messages, "[ERROR] missing required field: "+strings.Join(names, " or "))
		}
	}
	switch r.call.Method {
	case MethodReset:
		need("user_id")
	case MethodInvalidate:
		need("user_id", "team_id")
		need("session_id")
	}
	if r.call.MobileOnly && r.call.WebOnly {
		messages = append(messages, "[ERROR] mobile_only and web_only exclude each other")
	}
	if len(messages) > 0 {
		r.object("invalid_arguments", messages...)
	}
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

// parseForm decodes a form and, unlike net/url, lets nothing pass that is not one.
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

// parseJSON decodes an object key by key: a map would hide repeated ones.
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
