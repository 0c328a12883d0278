package runner

import (
	"fmt"
	"io"
	"slices"
)

// group is the items that share a status and a reason.
type group struct {
	status status
	reason string
	items  []int
}

// groups returns the items that are meant in groups, the largest first.
func (r *run[O]) groups(meant func(i int) bool) []group {
	var groups []group
	for i, o := range r.outcomes {
		if !meant(i) {
			continue
		}
		at := slices.IndexFunc(groups, func(g group) bool { return g.status == o.Status && g.reason == o.Reason })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{status: o.Status, reason: o.Reason})
		}
		groups[at].items = append(groups[at].items, i)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return len(b.items) - len(a.items) })
	return groups
}

const mostListed = 20 // items of one reason

// printGroups prints groups of items that are not out, with what to do.
func (r *run[O]) printGroups(to io.Writer, groups []group) {
	for _, g := range groups {
		what := ":"
		if g.reason != "" {
			what = fmt.Sprintf(", %s: %s.", printable(g.reason), advice(g.reason, r.outcomes[g.items[0]].Error))
		}
		fmt.Fprintf(to, "\n%d %s%s\n", len(g.items), g.status, what)
		for _, i := range g.items[:min(len(g.items), mostListed)] {
			fmt.Fprintf(to, "  %s", r.name(i))
			if id := r.outcomes[i].RequestID; id != "" {
				fmt.Fprintf(to, "  request %s", printable(id))
			}
			if why := r.list.Items[i].Why; why != "" {
				fmt.Fprintf(to, "  %s", printable(why))
			}
			fmt.Fprintln(to)
		}
		if more := len(g.items) - mostListed; more > 0 {
			fmt.Fprintf(to, "  and %d more\n", more)
		}
	}
}
