package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// envelope is a page of the Audit Logs API, or what programs that collect logs wrap around entries.
type envelope struct {
	Entries  json.RawMessage `json:"entries"` // of a page
	Metadata struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`

	Raw      json.RawMessage `json:"_raw"`     // Splunk, in a result: the entry as text
	Source   json.RawMessage `json:"_source"`  // Elastic, in a hit
	Original json.RawMessage `json:"original"` // Elastic Common Schema, in event: the entry as text
	Result   json.RawMessage `json:"result"`   // Splunk, a line of an export
	Results  json.RawMessage `json:"results"`  // Splunk, all of an export
	Event    json.RawMessage `json:"event"`    // Splunk's HTTP Event Collector, Elastic Common Schema
	Hits     json.RawMessage `json:"hits"`     // Elastic: hits.hits
	Message  json.RawMessage `json:"message"`  // Elastic, in _source: the entry as text
	Total    json.RawMessage `json:"total"`    // Elastic, beside hits

	TimedOut json.RawMessage `json:"timed_out"` // Elastic, around hits
	Shards   json.RawMessage `json:"_shards"`   // Elastic, around hits
	Preview  json.RawMessage `json:"preview"`   // Splunk, beside result and results
	Messages json.RawMessage `json:"messages"`  // Splunk, beside results
}

// object is an entry, or what is around entries.
type object struct {
	entry
	envelope
}

// inner returns the value that an object wraps, and its field; nil if the object is an entry. Some programs add fields of the entry beside it,
// so what holds the whole entry goes first.
func (o *object) inner() (value json.RawMessage, field string) {
	switch {
	case holds(o.Entries):
		return o.Entries, ".entries"
	case holds(o.Raw):
		return o.Raw, "._raw"
	case holds(o.Source):
		return o.Source, "._source"
	case holds(o.Original):
		return o.Original, ".original"
	case o.Action != "":
		return nil, ""
	case holds(o.Result):
		return o.Result, ".result"
	case holds(o.Results):
		return o.Results, ".results"
	case holds(o.Event):
		return o.Event, ".event"
	case holds(o.Hits):
		return o.Hits, ".hits"
	case bytes.HasPrefix(o.Message, []byte(`"{`)):
		return o.Message, ".message"
	}
	return nil, ""
}

func holds(value json.RawMessage) bool { return value != nil && string(value) != "null" }

// text reads what is JSON within a JSON string.
func (r *reader) text(value json.RawMessage, at place) error {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	return r.value(bytes.TrimSpace([]byte(text)), at)
}

// errNoEntry describes a value that is no entry.
func errNoEntry(value json.RawMessage, at place) error {
	const no = "neither an entry of the audit log nor a page of them"
	var answer struct {
		OK    *bool
		Error string
	}
	if json.Unmarshal(value, &answer) == nil && answer.OK != nil && !*answer.OK {
		return fmt.Errorf("no log, but an error of Slack: %.60q; get the log again", answer.Error)
	}
	names := fields(value)
	if len(names) == 0 {
		return errors.New(no + "; export the log as JSON")
	}
	next := "or if one of these fields holds the entries, unwrap them: jq -c '.FIELD' FILE"
	ofOneEntry := func(name string) bool { return name == "fields" || strings.Contains(name, ".") }
	if slices.ContainsFunc(names, ofOneEntry) || strings.HasSuffix(at.path, ".event") {
		next = "which other programs keep in the field _raw, event.original or message"
		if at.path != "" {
			next += "; the object is in " + at.path
		}
	}
	return fmt.Errorf("%s but an object with %s. An entry has action and actor: export the raw events, as Slack gave them, %s",
		no, quoted(names), next)
}

// fields returns the names of an object's fields in order, none if value is no object.
func fields(value json.RawMessage) []string {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(value, &object)
	return slices.Sorted(maps.Keys(object))
}
