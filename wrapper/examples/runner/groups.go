package runner

import (
	"bytes"
	"fmt"
	"slices"
)

const maxListed = 20 // items of a group

// printGroups prints some of the items in groups with one status and reason, the largest first, and what to do about them.
func (r *run[O]) printGroups(w *bytes.Buffer, some func(i int) bool) {
	type key struct {
		status status
		reason string
	}
	groups := map[key][]int{}
	var keys []key
	for i, o := range r.outcomes {
		if !some(i) {
			continue
		}
		k := key{o.Status, o.Reason}
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], i)
	}
	slices.SortStableFunc(keys, func(a, b key) int { return len(groups[b]) - len(groups[a]) })
	for _, k := range keys {
		items := groups[k]
		fmt.Fprintf(w, "\n%d %s", len(items), k.status)
		if k.reason != "" {
			fmt.Fprintf(w, ", %s: %s.", printable(k.reason), advice(k.reason, r.outcomes[items[0]].Error))
		} else {
			fmt.Fprint(w, ":")
		}
		fmt.Fprintln(w)
		for _, i := range items[:min(len(items), maxListed)] {
			fmt.Fprintf(w, "  %s", r.name(i))
			if id := r.outcomes[i].RequestID; id != "" {
				fmt.Fprintf(w, "  request %s", printable(id))
			}
			if skip := r.list.Items[i].Skip; skip != nil {
				fmt.Fprintf(w, "  %s", printable(skip.Why))
			}
			fmt.Fprintln(w)
		}
		if more := len(items) - maxListed; more > 0 {
			fmt.Fprintf(w, "  and %d more\n", more)
		}
	}
}
