package runner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// tell tells what became of an item, on its line. With again it will be called for once more.
func (r *run[O]) tell(i int, again bool) {
	if r.opts.JSON {
		if !again {
			r.emit(i)
		}
		return
	}
	o := r.outcomes[i]
	fmt.Fprintln(r.out, strings.TrimRight(fmt.Sprintf("%-10s  %s  %s", r.label(o.Status), r.name(i), o.note()), " "))
}

// emit writes what is known of an item as a line of JSON, with --json, once.
func (r *run[O]) emit(i int) {
	if !r.opts.JSON || r.outcomes[i].emitted {
		return
	}
	r.outcomes[i].emitted = true
	item, o := r.list.Items[i], r.told(i)
	columns := map[string]string{}
	for c, name := range r.list.Header {
		columns[name] = item.Columns[c]
	}
	line, err := json.Marshal(struct {
		ID      string `json:"id"`
		Name    string `json:"name,omitempty"`
		Address string `json:"address,omitempty"`
		outcome
		Time  string            `json:"time,omitempty"`
		Input map[string]string `json:"input,omitempty"`
	}{item.ID, item.Name, item.Address, o, o.when(), columns})
	if err == nil { // strings cannot fail
		_, _ = r.out.Write(append(line, '\n'))
	}
}

// told is what is told of an item. In a demo its status says so.
func (r *run[O]) told(i int) outcome {
	o := r.outcomes[i]
	if r.opts.Demo {
		o.Status = "demo: " + o.Status
	}
	return o
}

func (r *run[O]) name(i int) string {
	item := r.list.Items[i]
	return printable(cmp.Or(item.Label, strings.Join(slices.DeleteFunc([]string{item.ID, item.Name, item.Address}, func(s string) bool { return s == "" }), "  ")))
}

// label is what the reader of a line sees for a status.
func (r *run[O]) label(s status) string {
	if s == statusOut {
		return r.Out
	}
	return string(s)
}
