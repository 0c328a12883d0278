// Package untrusted handles what a server or a proxy sent, which may be wrong, malicious or endless: JSON whose names are
// taken as they are spelt, texts for people, and a token that they might quote.
package untrusted

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxText = 200 // bytes: what others wrote does not fill a screen

// Printable returns s on one line of printable characters, of bounded length.
func Printable(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
