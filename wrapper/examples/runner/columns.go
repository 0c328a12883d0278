package runner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A column is one that the report adds to those of the list.
type column[O any] struct {
	name string
	cell func(item *Item[O], o outcome) string
}

// outcomeColumns returns the last columns of the report, without the column sessions if the items are sessions.
func (r *run[O]) outcomeColumns() []column[O] {
	columns := []column[O]{
		{"status", func(_ *Item[O], o outcome) string { return string(o.Status) }},
		{"sessions", func(*Item[O], outcome) string { return r.list.Sessions }},
		{"reason", func(_ *Item[O], o outcome) string { return o.Reason }},
		{"error", func(_ *Item[O], o outcome) string { return o.Error }},
		{"attempts", func(_ *Item[O], o outcome) string { return strings.TrimPrefix(strconv.Itoa(o.Attempts), "0") }},
		{"request_id", func(_ *Item[O], o outcome) string { return o.RequestID }},
		{"time", func(_ *Item[O], o outcome) string { return o.when() }},
	}
	if r.list.Sessions == "" {
		columns = slices.Delete(columns, 1, 2)
	}
	return columns
}

// ownColumns returns the names of the outcomeColumns.
func (r *run[O]) ownColumns() (names []string) {
	for _, column := range r.outcomeColumns() {
		names = append(names, column.name)
	}
	return names
}

// isReport reports whether the header is that of a report, which ends with own.
func isReport(header, own []string) bool {
	n := len(header) - len(own)
	return n >= 0 && slices.Equal(header[n:], own)
}

// uniqueColumns returns names for the list's columns in report and JSON that differ from each other and from own. Of a list
// that is a report it leaves the outcomes out, because the items get new ones.
func uniqueColumns(header, own []string) []string {
	if isReport(header, own) {
		header = header[:len(header)-len(own)]
	}
	key := func(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
	taken := map[string]bool{}
	for _, name := range own {
		taken[name] = true
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = name
		if slices.Contains(own, key(name)) {
			columns[i] = "list_" + name
		}
		for n := 2; taken[key(columns[i])]; n++ {
			columns[i] = fmt.Sprintf("%s_%d", name, n)
		}
		taken[key(columns[i])] = true
	}
	return columns
}

// outInReport returns how many items to call for are out in the list, if it is a report on the same sessions.
func (r *run[O]) outInReport() (n int) {
	own := r.ownColumns()
	if !isReport(r.list.Header, own) {
		return 0
	}
	sessions := slices.Index(own, "sessions")
	for _, i := range r.todo {
		cells := r.list.Items[i].Row.Cells()[len(r.columns):]
		if cells[0] == string(statusOut) && (sessions < 0 || cells[sessions] == r.list.Sessions) {
			n++
		}
	}
	return n
}
