package wrapper

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

const (
	maxAnswer = 1 << 20 // bytes of an answer that are read
	maxList   = 100     // messages, and warnings, that are kept: more tell nobody anything
)

// verdict is what the body of an answer says.
type verdict struct {
	given, ok          bool // whether the body is an object with one boolean "ok", and which
	code               string
	needed, provided   string
	messages, warnings []string
	problem            string // why there is no verdict, or no code
}

// decode reads a body in time that grows with its length alone. The key must be spelt exactly "ok", which
// encoding/json does not ask of a struct's fields, and stand there once, which a map would hide. A field beside
// it that has an unexpected type is passed over, because it does not change the verdict.
func decode(body []byte) verdict {
	if len(body) > maxAnswer {
		return verdict{problem: "no verdict in the answer: longer than 1 MiB"}
	}
	if string(body) == `{"ok":true}` { // what Slack nearly always says
		return verdict{given: true, ok: true}
	}
	if body = bytes.TrimSpace(body); !json.Valid(body) || body[0] != '{' {
		return verdict{problem: "no verdict in the answer: not a JSON object"}
	}
	var v verdict
	var oks []string
	for name, value := range untrusted.Fields(body) {
		switch name {
		case "ok":
			oks = append(oks, string(value))
		case "error":
			v.code = untrusted.String(value)
		case "needed":
			v.needed = untrusted.String(value)
		case "provided":
			v.provided = untrusted.String(value)
		case "warning":
			v.warn(strings.SplitN(untrusted.String(value), ",", maxList+1))
		case "response_metadata":
			for name, value := range untrusted.Fields(value) {
				switch name {
				case "messages":
					v.messages = texts(value)
				case "warnings":
					v.warn(texts(value))
				}
			}
		}
	}
	if len(oks) != 1 || oks[0] != "true" && oks[0] != "false" {
		return verdict{problem: `no verdict in the answer: no boolean "ok"`}
	}
	v.given, v.ok = true, oks[0] == "true"
	if !v.ok && v.code == "" {
		v.problem = "refused without an error code"
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

// texts is the strings in the list that a value is.
func texts(value []byte) (list []string) {
	for element := range untrusted.List(value) {
		if s := untrusted.String(element); s != "" && len(list) < maxList {
			list = append(list, s)
		}
	}
	return list
}
