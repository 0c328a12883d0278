package wrapper

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const (
	maxBody = 1 << 20 // bytes of a response that are read
	maxList = 100     // messages, and warnings, that are kept
)

// verdict is what the body of a response says.
type verdict struct {
	hasOK, ok          bool // whether the body is an object with one boolean "ok", and its value
	code               string
	needed, provided   string
	messages, warnings []string
	malformed          string // why there is no verdict, or no code
}

// parseVerdict reads the keys one by one, because encoding/json matches the keys of a struct case-insensitively, and a map
// hides duplicates. Fields beside "ok" that have an unexpected type are ignored: they do not change the verdict.
func parseVerdict(body []byte) verdict {
	switch {
	case string(body) == `{"ok":true}`: // nearly every response, and ten times as fast
		return verdict{hasOK: true, ok: true}
	case len(body) > maxBody:
		return verdict{malformed: "no verdict in the response: longer than 1 MiB"}
	case !json.Valid(body) || bytes.TrimSpace(body)[0] != '{':
		return verdict{malformed: "no verdict in the response: not a JSON object"}
	}
	var v verdict
	var oks []string
	d := json.NewDecoder(bytes.NewReader(body))
	_, _ = d.Token() // errors are ruled out: the body is valid
	for d.More() {
		name, _ := d.Token()
		var value json.RawMessage
		_ = d.Decode(&value)
		switch name {
		case "ok":
			oks = append(oks, string(value))
		case "error":
			v.code = stringIn(value)
		case "needed":
			v.needed = stringIn(value)
		case "provided":
			v.provided = stringIn(value)
		case "warning":
			v.warn(strings.SplitN(stringIn(value), ",", maxList+1))
		case "response_metadata":
			var metadata struct{ Messages, Warnings any }
			_ = json.Unmarshal(value, &metadata)
			v.messages = stringsIn(metadata.Messages)
			v.warn(stringsIn(metadata.Warnings))
		}
	}
	if len(oks) != 1 || oks[0] != "true" && oks[0] != "false" {
		return verdict{malformed: `no verdict in the response: no boolean "ok"`}
	}
	v.hasOK, v.ok = true, oks[0] == "true"
	if !v.ok && v.code == "" {
		v.malformed = "refused without an error code"
	}
	return v
}

func (v *verdict) warn(codes []string) {
	for _, code := range codes[:min(len(codes), maxList)] {
		if code = strings.TrimSpace(code); code != "" && !slices.Contains(v.warnings, code) && len(v.warnings) < maxList {
			v.warnings = append(v.warnings, code)
		}
	}
}

// stringIn returns the string that a JSON value is, "" if it is something else.
func stringIn(value []byte) (s string) {
	_ = json.Unmarshal(value, &s)
	return s
}

// stringsIn returns the first strings of a JSON list.
func stringsIn(value any) (list []string) {
	elements, _ := value.([]any)
	for _, element := range elements {
		if s, _ := element.(string); s != "" && len(list) < maxList {
			list = append(list, s)
		}
	}
	return list
}
