package slacktest

import (
	"encoding/json"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

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

// tokenIn returns the token that a form may have in place of the Authorization header.
func tokenIn(given []argument) (token string, found bool) {
	for _, a := range given {
		if a.name == "token" && !a.json {
			return a.value, true
		}
	}
	return "", false
}
