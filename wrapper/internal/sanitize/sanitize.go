// Package sanitize makes text from a server or a proxy safe to show and to keep: it may contain the token, control
// characters, or more than anybody reads.
package sanitize

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxText = 200 // bytes that Printable keeps

// Printable returns s on one line of printable characters, cut to 200 bytes.
func Printable(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// Token is a secret that text may contain. A token shorter than 10 bytes is not redacted: it could be an ordinary word.
type Token string

const (
	minRedactLen = 10
	redacted     = "[token]"
)

// Redact returns s without the token.
func (t Token) Redact(s string) string {
	if len(t) < minRedactLen {
		return s
	}
	return strings.ReplaceAll(s, string(t), redacted)
}

// RedactBytes returns b without the token.
func (t Token) RedactBytes(b []byte) []byte {
	if len(t) < minRedactLen || !bytes.Contains(b, []byte(t)) {
		return b
	}
	return bytes.ReplaceAll(b, []byte(t), []byte(redacted))
}

// RedactAll redacts the elements of list, and returns it.
func (t Token) RedactAll(list []string) []string {
	for i, s := range list {
		list[i] = t.Redact(s)
	}
	return list
}

// RedactHeader returns h with its values redacted. It changes a copy, because a transport may share h between responses.
func (t Token) RedactHeader(h http.Header) http.Header {
	for name, values := range h {
		if slices.ContainsFunc(values, func(value string) bool { return t.Redact(value) != value }) {
			h = maps.Clone(h)
			h[name] = t.RedactAll(slices.Clone(values))
		}
	}
	return h
}
