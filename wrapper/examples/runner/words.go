package runner

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// printable replaces the control characters of text from elsewhere, which could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// dateTime returns date and time of day, with the zone.
func dateTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// timeOfDay returns hour and minute, with the zone.
func timeOfDay(t time.Time) string { return t.Local().Format("15:04 MST") }

func roundUp(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// roughly rounds a duration, to minutes if it is long.
func roughly(d time.Duration) string {
	if d < 5*time.Minute {
		return roundUp(d).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
