package wrapper

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// answer is what the body of an answer says.
type answer struct {
	verdict, ok        bool // whether it is an object with a boolean "ok", and which
	code               string
	needed, provided   string
	messages, warnings []string
	problem            string // why there is no verdict, or no code
}

// decode reads a body. Only a key spelt exactly "ok", once, with a boolean makes a verdict. A field
// beside it that has an unexpected type is passed over, for it does not change the verdict.
func decode(body []byte) answer {
	if len(body) > maxAnswer {
		return answer{problem: "no verdict in the answer: longer than 1 MiB"}
	}
	switch string(body) {
	case `{"ok":true}`, `{"ok": true}`: // what Slack nearly always says
		return answer{verdict: true, ok: true}
	}
	var a answer
	var verdicts []json.RawMessage
	err := eachField(body, func(key string, value json.RawMessage) {
		switch key {
		case "ok":
			verdicts = append(verdicts, value)
		case "error":
			a.code = text(value)
		case "needed":
			a.needed = text(value)
		case "provided":
			a.provided = text(value)
		case "warning":
			a.warn(strings.Split(text(value), ",")...)
		case "response_metadata":
			_ = eachField(value, func(key string, value json.RawMessage) {
				switch key {
				case "messages":
					a.messages = texts(value)
				case "warnings":
					a.warn(texts(value)...)
				}
			})
		}
	})
	switch {
	case err != nil:
		return answer{problem: "no verdict in the answer: not a JSON object"}
	case len(verdicts) != 1 || json.Unmarshal(verdicts[0], &a.ok) != nil || string(verdicts[0]) == "null":
		return answer{problem: "no verdict in the answer: no boolean \"ok\""}
	case !a.ok && a.code == "":
		a.problem = "refused without an error code"
	}
	a.verdict = true
	return a
}

func (a *answer) warn(codes ...string) {
	for _, code := range codes {
		if code = strings.TrimSpace(code); code != "" && !slices.Contains(a.warnings, code) {
			a.warnings = append(a.warnings, code)
		}
	}
}

// eachField calls f for every field of the JSON object that data is, and fails where it is none. It
// differs from decoding into a struct, whose field names match in any case, and into a map, which
// hides repeated keys.
func eachField(data []byte, f func(key string, value json.RawMessage)) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("not an object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		f(key.(string), value)
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than an object")
	}
	return nil
}

// text is the string that value is, or "".
func text(value json.RawMessage) string {
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}

// texts is the strings in the list that value is, or nil.
func texts(value json.RawMessage) []string {
	var list []json.RawMessage
	_ = json.Unmarshal(value, &list)
	var out []string
	for _, v := range list {
		if s := text(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}
