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

// fewestDigits is how many digits a number with an exponent must have to be taken for exact. Spreadsheets and %g round to
// 6, single-precision floats to 9.
const fewestDigits = 10

// wholeNumber reads a whole number, also in the form that other programs give it who take all numbers for floats:
// 847288190092.0, 8.47288190092e+11.
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
	case zeros > 0 && len(digits) < fewestDigits:
		return 0, errRounded
	}
	return strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
}
