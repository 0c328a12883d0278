package main

import (
	"encoding/json"
	"fmt"
	"slices"
)

// noteSearch records what an envelope says about entries that are not in it. A search of Elastic without a size gives ten
// hits.
func (r *reader) noteSearch(e envelope, entries int) {
	if e.Entries != nil {
		r.pages++
		if e.Metadata.NextCursor != "" {
			r.cursors++
		}
	}
	if e.Preview != nil { // results that are final may follow
		r.preview = string(e.Preview) == "true"
	}
	if string(e.TimedOut) == "true" {
		r.failed("Elastic's search timed out")
	}
	var shards struct{ Failed int }
	if _ = json.Unmarshal(e.Shards, &shards); shards.Failed > 0 {
		r.failed(fmt.Sprintf("%d shards of Elastic failed", shards.Failed))
	}
	var messages []struct{ Type, Text string }
	_ = json.Unmarshal(e.Messages, &messages)
	for _, m := range messages {
		if m.Type == "WARN" || m.Type == "ERROR" || m.Type == "FATAL" {
			r.failed(fmt.Sprintf("Splunk says %.200q", m.Text))
		}
	}
	if e.Total == nil {
		return
	}
	var total struct{ Value int }
	if json.Unmarshal(e.Total, &total.Value) == nil || json.Unmarshal(e.Total, &total) == nil {
		r.hits += entries
		r.total = max(r.total, total.Value)
	}
}

// failed records what failed in a search, once.
func (r *reader) failed(what string) {
	if !slices.Contains(r.failures, what) {
		r.failures = append(r.failures, what)
	}
}

// warnings tell why entries may be missing in the logs.
func (r *reader) warnings() (warnings []string) {
	const rest = "the log goes on, and sessions of the rest are not in this run."
	warn := func(format string, args ...any) {
		warnings = append(warnings, "WARNING: "+fmt.Sprintf(format, args...))
	}
	if r.pages > 0 && r.pages == r.cursors { // the last page has none, wherever it stands
		warn("each page has a next_cursor: %s Get all pages.", rest)
	}
	if r.total > r.hits {
		warn("Elastic found %d hits and gave %d: %s Search with a size, or page by page.", r.total, r.hits, rest)
	}
	if r.preview {
		warn("Splunk had not finished the search (preview): entries may be missing. Export again when it has finished.")
	}
	for _, failure := range r.failures {
		warn("%s: entries may be missing. Search again.", failure)
	}
	return warnings
}
