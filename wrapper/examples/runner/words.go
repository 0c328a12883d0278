package runner

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// printable keeps what others wrote from steering the terminal or a spreadsheet.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
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

// clock returns day and time, with the zone.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// minute returns a time of today, with the zone.
func minute(t time.Time) string { return t.Local().Format("15:04 MST") }

func roundUp(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// roughly rounds to minutes what is longer than a few.
func roughly(d time.Duration) string {
	if d < 5*time.Minute {
		return roundUp(d).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
