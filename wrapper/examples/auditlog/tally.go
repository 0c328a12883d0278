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
	for _, name := range names[:min(len(names), mostNamed)] {
		words = append(words, fmt.Sprintf("%s %d", strings.Trim(strconv.Quote(name), `"`), t[name]))
	}
	if more := len(names) - mostNamed; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return cmp.Or(strings.Join(words, ", "), "none")
}
