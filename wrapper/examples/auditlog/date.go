package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var errNoTime = errors.New("has no date_create")

// farFuture is the year 2100 as a Unix time. A later date_create is likely in milliseconds.
const farFuture = 4102444800

// dateError describes a date_create that is not a number of seconds.
type dateError struct{ text string }

func (e *dateError) Error() string { return e.text }

func dateErrorf(format string, args ...any) error { return &dateError{fmt.Sprintf(format, args...)} }

// unixTime reads a date_create.
func unixTime(text string) (time.Time, error) {
	if text == "" || text == "null" || text == "0" {
		return time.Time{}, errNoTime
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text[0] == '"':
		return time.Time{}, dateErrorf("date_create is the text %.60s, and not a number of seconds since 1970", text)
	case err != nil:
		return time.Time{}, dateErrorf("date_create %.60s is not a whole number of seconds since 1970", text)
	case seconds < 0:
		return time.Time{}, dateErrorf("date_create %d is a time before 1970", seconds)
	case seconds >= farFuture:
		return time.Time{}, dateErrorf("date_create %d is in the far future: it looks like milliseconds, and Slack gives seconds", seconds)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// seconds returns a command that writes the entries of a log, unwrapped, with the dates of other programs converted to
// those of Slack. It works with jq 1.6, where |= drops a date for which // has to choose.
func (p place) seconds() string {
	filter := `.date_create = (.date_create | if type == "string" then (tonumber? // (sub("\\.[0-9]+"; "") | fromdate)? // .) else . end` +
		` | if type == "number" then until(. < 4102444800; . / 1000) | floor else . end)`
	if p.path != "" {
		filter = "." + strings.TrimPrefix(p.path, ".") + " | " + filter
	}
	return "jq -c '" + filter + "' FILE > seconds.jsonl"
}
