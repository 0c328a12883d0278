package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var errNoTime = errors.New("has no date_create")

// farFuture is the year 2100 as a Unix time. A later date_create is likely in milliseconds.
const farFuture = 4102444800

// dateError describes a date_create that is not a number of seconds.
type dateError struct {
	text        string
	convertible bool // by the command of seconds
}

func (e *dateError) Error() string {
	if e.convertible {
		return e.text
	}
	return e.text + "; jq cannot convert this form: export date_create as a number"
}

// unixTime reads a date_create.
func unixTime(text string) (time.Time, error) {
	if text == "" || text == "null" || text == "0" {
		return time.Time{}, errNoTime
	}
	wrong := func(format string, args ...any) (time.Time, error) {
		return time.Time{}, &dateError{text: fmt.Sprintf("date_create "+format, args...), convertible: convertible(strings.Trim(text, `"`))}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text[0] == '"':
		return wrong("is the text %.60s, and not a number of seconds since 1970", text)
	case err != nil:
		return wrong("%.60s is not a whole number of seconds since 1970", text)
	case seconds < 0:
		return wrong("%d is a time before 1970", seconds)
	case seconds >= farFuture:
		return wrong("%d is in the far future: it looks like milliseconds, and Slack gives seconds", seconds)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// convertible reports whether the command of seconds converts a date. The function fromdate of jq takes UTC only.
func convertible(date string) bool {
	_, err := time.Parse("2006-01-02T15:04:05Z", date)
	return err == nil || float.MatchString(date)
}

// seconds returns a command that writes the entries of a log, unwrapped, to a file, with the dates of other programs
// converted to those of Slack. It works with jq 1.6, where |= drops a date for which // has to choose.
func (p place) seconds() (command, file string) {
	filter := `.date_create = (.date_create | if type == "string" then (tonumber? // (sub("\\.[0-9]+"; "") | fromdate)? // .) else . end` +
		` | if type == "number" then until(. < 4102444800; . / 1000) | floor else . end)`
	if p.path != "" {
		filter = "." + strings.TrimPrefix(p.path, ".") + " | " + filter
	}
	from, to := "FILE", "seconds.jsonl"
	if p.file != standardInput {
		from, to = shellWord(p.file), shellWord(p.file+".seconds.jsonl")
	}
	return "jq -c '" + filter + "' " + from + " > " + to, to
}

var plainWord = regexp.MustCompile(`^[\w./:@%+=-]+$`)

// shellWord quotes a text for a shell where that is necessary.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
