package slacktest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
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

// arguments decodes the body by its Content-Type and returns the arguments in the order of the body.
func (r *request) arguments(bodyErr error) []argument {
	if bodyErr != nil {
		r.refuse("request_timeout")
		return nil
	}
	if r.call.ContentType == "" && r.call.Body != "" {
		r.refuse("missing_post_type")
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(r.call.ContentType)
	if err != nil && r.call.ContentType != "" {
		r.refuse("invalid_post_type")
		return nil
	}
	charset, declared := parameters["charset"]
	if declared && !strings.EqualFold(charset, "utf-8") {
		r.refuse("invalid_charset")
		return nil
	}
	var given []argument
	switch mediaType {
	case "", "application/x-www-form-urlencoded":
		if declared {
			r.warning = "superfluous_charset"
		}
		given, r.code = parseForm(r.call.Body)
	case "application/json":
		if !declared {
			r.warning = "missing_charset"
		}
		given, r.code = parseJSON(r.call.Body)
	default:
		r.refuse("invalid_post_type")
	}
	return given
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

// tokenIn returns the token that a form may have in place of the Authorization header.
func tokenIn(given []argument) (token string, found bool) {
	for _, a := range given {
		if a.name == "token" && !a.json {
			return a.value, true
		}
	}
	return "", false
}

// parseForm decodes a form. It is stricter than net/url: a pair without "=" and text that is not UTF-8 are errors.
func parseForm(body string) (given []argument, code string) {
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
func parseJSON(body string) (given []argument, code string) {
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
