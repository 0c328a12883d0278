package runner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// printResult prints the line of an item, with --quiet if it is not out. With again the item is called for once more.
func (r *run[O]) printResult(i int, again bool) {
	if r.opts.JSON {
		if !again {
			r.emit(i)
		}
		return
	}
	o := r.outcomes[i]
	if r.opts.Quiet && o.Status == statusOut {
		return
	}
	fmt.Fprintln(r.out, strings.TrimRight(fmt.Sprintf("%-*s  %s  %s", max(10, len(r.label(statusOut))), r.label(o.Status), r.name(i), o.note()), " "))
}

// emit writes the outcome of an item as a line of JSON, once, if --json is given.
func (r *run[O]) emit(i int) {
	if !r.opts.JSON || r.outcomes[i].emitted {
		return
	}
	r.outcomes[i].emitted = true
	item, o := r.list.Items[i], r.reported(i)
	columns := map[string]string{}
	for c, name := range r.columns {
		columns[name] = item.Columns[c]
	}
	line, err := json.Marshal(struct {
		ID      string `json:"id"`
		Name    string `json:"name,omitempty"`
		Address string `json:"address,omitempty"`
		outcome
		Sessions string            `json:"sessions,omitempty"`
		Time     string            `json:"time,omitempty"`
		Input    map[string]string `json:"input,omitempty"`
	}{item.ID, item.Name, item.Address, o, r.list.About, o.when(), columns})
	if err == nil { // strings cannot fail
		_, _ = r.out.Write(append(line, '\n'))
	}
}

// reported is the outcome of an item in reports and JSON. In a demo its status says so.
func (r *run[O]) reported(i int) outcome {
	o := r.outcomes[i]
	if r.opts.Demo {
		o.Status = "demo: " + o.Status
	}
	return o
}

func (o outcome) when() string {
	if o.Time.IsZero() {
		return ""
	}
	return o.Time.UTC().Format(time.RFC3339)
}

// name returns what lines call an item.
func (r *run[O]) name(i int) string {
	item := r.list.Items[i]
	person := slices.DeleteFunc([]string{item.ID, item.Name, item.Address}, func(s string) bool { return s == "" })
	return printable(cmp.Or(item.Label, strings.Join(person, "  ")))
}

// upToThree names items in a sentence.
func (r *run[O]) upToThree(items []int) string {
	var names []string
	for _, i := range items[:min(len(items), 3)] {
		item := r.list.Items[i]
		name := item.ID
		if person := cmp.Or(item.Name, item.Address); person != "" {
			name += " (" + person + ")"
		}
		names = append(names, printable(name))
	}
	if more := len(items) - len(names); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

// label returns what lines call a status.
func (r *run[O]) label(s status) string {
	if s == statusOut {
		return cmp.Or(r.list.Out, r.Out)
	}
	return string(s)
}
