package untrusted

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Token is a secret that a text might quote. A token shorter than 10 bytes is hidden nowhere: it might be an ordinary word.
type Token string

const hidden = "[token]"

func (t Token) short() bool { return len(t) < 10 }

// HideIn returns s without the token.
func (t Token) HideIn(s string) string {
	if t.short() {
		return s
	}
	return strings.ReplaceAll(s, string(t), hidden)
}

// HideInAll takes the token out of the strings of list, and returns it.
func (t Token) HideInAll(list []string) []string {
	for i, s := range list {
		list[i] = t.HideIn(s)
	}
	return list
}

// HideInHeader takes the token out of the values of h, and returns it.
func (t Token) HideInHeader(h http.Header) http.Header {
	for _, values := range h {
		t.HideInAll(values)
	}
	return h
}

// HideInJSON returns a body without the token, also where JSON escapes some of its characters. Valid JSON stays valid: there,
// the token is hidden in strings alone.
func (t Token) HideInJSON(body []byte) []byte {
	if t.short() || len(body) < len(t) { // the usual answer is so short
		return body
	}
	valid, quoted := json.Valid(body), false
	var clean []byte
	kept := 0 // what comes before is in clean
	for i := 0; i < len(body); {
		n := 0
		if quoted || !valid {
			n = t.length(body[i:], valid)
		}
		if n > 0 {
			clean = append(append(clean, body[kept:i]...), hidden...)
			i += n
			kept = i
			continue
		}
		escaped := body[i] == '\\' && i+1 < len(body) && (valid || body[i+1] == '\\') // the next character begins nothing
		quoted = quoted != (body[i] == '"')
		if i++; escaped {
			i++
		}
	}
	if kept == 0 {
		return body
	}
	return append(clean, body[kept:]...)
}

// length is how many bytes at the start of body are the token, within a string where body is valid; 0: it does not stand there.
func (t Token) length(body []byte, valid bool) int {
	i := 0
	for _, want := range []byte(t) {
		c, n := unescape(body[i:])
		if c != want || valid && c == '"' && n == 1 {
			return 0
		}
		i += n
	}
	return i
}

// unescape reads one character of a JSON string; n is 0 where there is none.
func unescape(s []byte) (c byte, n int) {
	switch {
	case len(s) == 0:
		return 0, 0
	case len(s) >= 6 && s[0] == '\\' && s[1] == 'u' && bytes.HasPrefix(s[2:], []byte("00")):
		code, err := strconv.ParseUint(string(s[2:6]), 16, 8)
		if err != nil {
			return 0, 0
		}
		return byte(code), 6
	case len(s) >= 2 && s[0] == '\\' && strings.IndexByte(`"\/`, s[1]) >= 0:
		return s[1], 2
	}
	return s[0], 1
}
