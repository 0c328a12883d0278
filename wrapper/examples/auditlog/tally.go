package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tally counts by name.
type tally map[string]int

const mostNamed = 10

// String names those with the highest counts first: "user_login 9, anomaly 1".
func (t tally) String() string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(t)), func(name string) bool { return name == "" })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(t[b], t[a]) })
	var words []string
	for _, name := range names {
		words = append(words, fmt.Sprintf("%s %d", strings.Trim(strconv.Quote(name), `"`), t[name]))
	}
	return cmp.Or(firstOf(words), "none")
}

// quoted returns names for a message, each in quotes.
func quoted(names []string) string {
	var words []string
	for _, name := range names {
		words = append(words, fmt.Sprintf("%.40q", name))
	}
	return firstOf(words)
}

// firstOf joins words, and counts those that are too many for a message.
func firstOf(words []string) string {
	if more := len(words) - mostNamed; more > 0 {
		words = append(words[:mostNamed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}
