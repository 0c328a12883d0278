package slacktest

import (
	"net/http"
	"slices"
	"strings"
)

// request is a request as far as it could be read, and what is wrong with it.
type request struct {
	call       Call
	conditions []condition // conditions of the arguments
	code       string      // code that it must be refused with; "" if it is well formed
	messages   []string    // with code
	warning    string
}

// read parses a request. body is its body as far as it arrived; bodyErr is nil if all of it did.
func read(req *http.Request, body []byte, bodyErr error) request {
	r := request{call: Call{
		Method:      req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:],
		HTTPMethod:  req.Method,
		URL:         address(req),
		Header:      req.Header.Clone(),
		ContentType: req.Header.Get("Content-Type"),
		Body:        string(body),
	}}
	given := r.arguments(bodyErr)
	r.call.Token, r.call.TokenInForm = tokenIn(given)
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		r.call.Token = token
	}
	if r.code == "" {
		r.fill(given)
	}
	switch {
	case req.Method != http.MethodPost:
		// Slack does not document a code for this.
		r.refuse("invalid_post_type", "[ERROR] POST expected: "+req.Method)
	case req.URL.RawQuery != "":
		r.refuse("invalid_arguments", "[ERROR] arguments belong in the body, not in the URL")
	}
	return r
}

func (r *request) refuse(code string, messages ...string) {
	r.code, r.messages = code, messages
}

// fill puts the arguments into the record and refuses those that the method does not accept.
func (r *request) fill(given []argument) {
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
			condition, valid := read(&r.call.Arguments, a)
			if !valid {
				messages = append(messages, "[ERROR] invalid value: "+a.name)
			}
			if condition != nil {
				r.conditions = append(r.conditions, condition)
			}
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
		r.refuse("invalid_arguments", messages...)
	}
}

// address is the URL of a request with scheme and host, which a server has outside req.URL.
func address(req *http.Request) string {
	u := *req.URL
	if u.Host == "" {
		u.Host = req.Host
		u.Scheme = "http"
		if req.TLS != nil {
			u.Scheme = "https"
		}
	}
	return u.String()
}
