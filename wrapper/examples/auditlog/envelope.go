package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// mostNested is how deep entries are looked for: Elastic's hits within an array take four.
const mostNested = 8

// envelope is a page of the Audit Logs API, or what programs that collect logs wrap around entries.
type envelope struct {
	Entries  []json.RawMessage `json:"entries"`
	Metadata struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`

	Raw      json.RawMessage `json:"_raw"`     // Splunk, in a result: the entry as text
	Source   json.RawMessage `json:"_source"`  // Elastic, in a hit
	Original json.RawMessage `json:"original"` // Elastic Common Schema, in event: the entry as text
	Result   json.RawMessage `json:"result"`   // Splunk, a line of an export
	Results  json.RawMessage `json:"results"`  // Splunk, all of an export
	Event    json.RawMessage `json:"event"`    // Splunk's HTTP Event Collector, Elastic Common Schema
	Hits     json.RawMessage `json:"hits"`     // Elastic, twice in each other
	Total    json.RawMessage `json:"total"`    // Elastic, beside hits
}

// object is an entry, or what is around entries.
type object struct {
	entry
	envelope
}

// inner returns what is wrapped and its field; nil for an entry. Some programs add fields of the entry beside it, so what holds the whole
// entry goes first.
func (o *object) inner() (value json.RawMessage, field string) {
	switch {
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
	}
	return nil, ""
}

func holds(value json.RawMessage) bool { return value != nil && string(value) != "null" }

// count notes whether Elastic gave all hits. A search without a size gives ten.
func (r *reader) count(e envelope) {
	var hits []json.RawMessage
	if e.Hits == nil || json.Unmarshal(e.Hits, &hits) != nil {
		return
	}
	r.hits += len(hits)
	total := struct{ Value int }{}
	if json.Unmarshal(e.Total, &total.Value) == nil || json.Unmarshal(e.Total, &total) == nil {
		r.total = max(r.total, total.Value)
	}
}

// text reads what is JSON within a JSON string.
func (r *reader) text(value json.RawMessage, at place) error {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	inner := bytes.TrimSpace([]byte(text))
	if !json.Valid(inner) {
		return errors.New("an entry is wrapped in text that is not JSON; export it as Slack gave it")
	}
	return r.value(inner, at.within(" | fromjson"))
}

// flattened is a field of an entry as programs name it that make one level of all.
var flattened = regexp.MustCompile(`\b(actor|context)[._]`)

// errFlattened says that an entry without an actor is flattened; nil = it is not.
func errFlattened(o object, value json.RawMessage) error {
	if o.Actor.User.ID != "" {
		return nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(value, &fields) // what is no object has none
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if flattened.MatchString(field) {
			return fmt.Errorf("the fields are flattened (%.60q); export the raw event, as Slack gave it", field)
		}
	}
	return nil
}

// errNoEntry says what a value has in place of an entry.
func errNoEntry(value json.RawMessage) error {
	const no = "neither an entry of the audit log nor a page of them"
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil || len(object) == 0 {
		return errors.New(no + "; get the log anew, as JSON")
	}
	keys := slices.Sorted(maps.Keys(object))
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%.40q", key)
	}
	return fmt.Errorf("%s but an object with %s; if one of these holds the entries, unwrap them: jq -c '.KEY' FILE",
		no, strings.Join(keys[:min(len(keys), 10)], ", "))
}
