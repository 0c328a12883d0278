package runner

import (
	"fmt"
	"slices"
	"strings"
)

// reportColumns come after those of the list. "sessions" says which sessions of a user are meant.
var reportColumns = []string{"status", "sessions", "reason", "error", "attempts", "request_id", "time"}

// ownColumns are the reportColumns of a run. An item that is a session needs no column "sessions".
func (r *run[O]) ownColumns() []string {
	if r.list.About == "" {
		return slices.DeleteFunc(slices.Clone(reportColumns), func(name string) bool { return name == "sessions" })
	}
	return reportColumns
}

// isReport reports whether a header is that of an earlier report.
func isReport(header, own []string) bool {
	n := len(header) - len(own)
	return n >= 0 && slices.Equal(header[n:], own)
}

// unique returns the names of a list's columns for report and JSON: no two alike, and none like the report's own. If the
// list is an earlier report, its last columns are left out, because its items get new ones.
func unique(header, own []string) []string {
	if isReport(header, own) {
		header = header[:len(header)-len(own)]
	}
	taken := map[string]bool{}
	for _, name := range own {
		taken[name] = true
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = name
		if key := strings.ToLower(strings.TrimSpace(name)); slices.Contains(own, key) {
			columns[i] = "list_" + name
		}
		for n := 2; taken[strings.ToLower(strings.TrimSpace(columns[i]))]; n++ {
			columns[i] = fmt.Sprintf("%s_%d", name, n)
		}
		taken[strings.ToLower(strings.TrimSpace(columns[i]))] = true
	}
	return columns
}

// outInList counts the items to call for that are out in the list, if it is an earlier report.
func (r *run[O]) outInList() (n int) {
	own := r.ownColumns()
	if !isReport(r.list.Header, own) {
		return 0
	}
	for _, i := range r.todo {
		if status(r.list.Items[i].Columns[len(r.list.Header)-len(own)]) == statusOut {
			n++
		}
	}
	return n
}
