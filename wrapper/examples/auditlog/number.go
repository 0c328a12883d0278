package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var (
	errRounded = errors.New("rounded")
	float      = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]*))?(?:[eE]\+?([0-9]{1,2}))?$`)
)

// minDigits is the number of digits from which on a number with an exponent counts as exact. Spreadsheets and %g round to
// 6 digits, single-precision floats to 9.
const minDigits = 10

// wholeNumber reads a whole number, also as programs write it that convert all numbers to floats: 847288190092.0,
// 8.47288190092e+11.
func wholeNumber(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	parts := float.FindStringSubmatch(text)
	if parts == nil {
		return 0, strconv.ErrSyntax
	}
	exponent, _ := strconv.Atoi("0" + parts[3])
	fraction := strings.TrimRight(parts[2], "0")
	zeros := exponent - len(fraction)
	digits := parts[1] + fraction
	switch {
	case zeros < 0:
		return 0, strconv.ErrSyntax
	case zeros > 0 && len(digits) < minDigits:
		return 0, errRounded
	}
	return strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
}
