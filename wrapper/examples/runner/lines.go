package runner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// printResult prints the line of an item after its call, unless it was not tried; with --quiet only if it is not out. The line
// of JSON waits until the outcome is final.
func (r *run[O]) printResult(i int, final bool) {
	if r.opts.JSON {
		if final {
			r.printJSON(i)
		}
		return
	}
	o := r.outcomes[i]
	if r.opts.Quiet && o.Status == statusOut || o.Status == statusNotTried {
		return
	}
	width := max(len("signed out"), len(r.text(statusOut)))
	line := fmt.Sprintf("%-*s  %s  %s", width, r.text(o.Status), r.name(i), o.note())
	fmt.Fprintln(r.out, strings.TrimRight(line, " "))
}

// printJSON prints the outcome of an item as a line of JSON, once. It is a no-op without --json.
func (r *run[O]) printJSON(i int) {
	if !r.opts.JSON || r.outcomes[i].printed {
		return
	}
	r.outcomes[i].printed = true
	item, o := r.list.Items[i], r.reported(i)
	columns, cells := map[string]string{}, item.Row.Cells()
	for c, name := range r.columns {
		columns[name] = cells[c]
	}
	line, err := json.Marshal(struct {
		ID      string `json:"id"`
		Name    string `json:"name,omitempty"`
		Address string `json:"address,omitempty"`
		outcome
		Sessions   string            `json:"sessions,omitempty"`
		Time       string            `json:"time,omitempty"`
		EarlierRun bool              `json:"earlier_run,omitempty"`
		Input      map[string]string `json:"input,omitempty"`
	}{item.ID, item.Name, item.Address, o, r.list.Sessions, o.when(), o.fromJournal, columns})
	if err == nil { // always, because all values are strings and numbers
		_, _ = r.out.Write(append(line, '\n'))
	}
}

// reported returns the outcome of an item for report and JSON, where the status shows that a run is a demo.
func (r *run[O]) reported(i int) outcome {
	o := r.outcomes[i]
	if r.opts.Demo {
		o.Status = "demo: " + o.Status
	}
	return o
}

// name returns the text for an item in lines.
func (r *run[O]) name(i int) string {
	item := r.list.Items[i]
	if r.Line != nil {
		return printable(r.Line(item))
	}
	person := slices.DeleteFunc([]string{item.ID, item.Name, item.Address}, func(s string) bool { return s == "" })
	return printable(strings.Join(person, "  "))
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
	text := strings.Join(names, ", ")
	if more := len(items) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// text returns the text for a status in lines and sentences.
func (r *run[O]) text(s status) string {
	if s == statusOut {
		return r.list.Out
	}
	return string(s)
}
