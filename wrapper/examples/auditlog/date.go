package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var errNoTime = errors.New("has no date_create")

// The beginnings of the years 2000 and 2100 as Unix times. A number that is between them in one unit is not in another.
const (
	year2000 = 946684800
	year2100 = 4102444800
)

// unixTime reads a date_create. Slack gives seconds; form names what another program made of them, "" for seconds.
func unixTime(text string) (t time.Time, form string, err error) {
	date := strings.Trim(text, `"`)
	if date == "" || date == "null" || date == "0" {
		return time.Time{}, "", errNoTime
	}
	doubt := func(why string) (time.Time, string, error) {
		return time.Time{}, "", fmt.Errorf("date_create %.60s %s", text, why)
	}
	const outside = "is not in the years 2000 to 2099; check how it was exported"
	whole, fraction, _ := strings.Cut(date, ".")
	number, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err == nil && strings.Trim(fraction, "0123456789") == "":
		for _, unit := range []string{"", "milliseconds", "microseconds", "nanoseconds"} {
			if year2000 <= number && number < year2100 {
				return time.Unix(number, 0).UTC(), unit, nil
			}
			number /= 1000
		}
		return doubt(outside)
	case strings.ContainsAny(date, "eE") && float.MatchString(date):
		return doubt("may be rounded; export it with all its digits")
	}
	t, err = time.Parse(time.RFC3339, date)
	switch {
	case err != nil:
		return doubt("is neither a Unix time nor a time with a zone, such as 2026-11-17T08:00:00Z; export it as one of them")
	case t.Unix() < year2000 || t.Unix() >= year2100:
		return doubt(outside)
	}
	return t.UTC(), "RFC 3339", nil
}
