package untrusted

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"unicode/utf8"
)

// The functions here take valid JSON without blanks around, and time that grows with its length alone. Unlike
// encoding/json they neither fold the case of names, as structs do, nor hide repeated ones, as maps do.

// Fields are the names and values of the object that a value is; none where it is no object.
func Fields(value []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if value[0] != '{' {
			return
		}
		var name []byte
		for element := range elements(value) {
			switch {
			case name == nil:
				name = element
			case !yield(String(name), element):
				return
			default:
				name = nil
			}
		}
	}
}

// List are the elements of the list that a value is; none where it is no list.
func List(value []byte) iter.Seq[[]byte] {
	if value[0] != '[' {
		return func(func([]byte) bool) {}
	}
	return elements(value)
}

// elements are the elements of a list, or the names and values of an object, whichever value is.
func elements(value []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := value[1 : len(value)-1]
		for {
			if rest = bytes.TrimLeft(rest, " \t\r\n,:"); len(rest) == 0 {
				return
			}
			n := length(rest)
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// length is how long the value is that stands first in the inside of a list or an object.
func length(inside []byte) int {
	if !strings.ContainsRune(`{["`, rune(inside[0])) { // a number or a word
		if end := bytes.IndexAny(inside, ", \t\r\n"); end >= 0 {
			return end
		}
		return len(inside)
	}
	depth, quoted := 0, false
	for i := 0; ; i++ {
		switch c := inside[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth == 0 && !quoted {
			return i + 1
		}
	}
}

// String is the string that a value is, or "".
func String(value []byte) string {
	switch {
	case value[0] != '"':
		return ""
	case bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value): // nothing to decode
		return string(value[1 : len(value)-1])
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}
