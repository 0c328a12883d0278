package runner

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// summary prints how many items are out, and what to do about the others.
func (r *run[O]) summary() {
	n := map[status]int{}
	for i, o := range r.outcomes {
		r.emit(i) // if no pass has
		n[o.Status]++
	}
	var counts []string
	for _, s := range append(slices.Clone(statuses), slices.Sorted(maps.Keys(n))...) {
		if n[s] > 0 || s == statusOut && n[statusNotThere] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[s], r.label(s)))
			delete(n, s)
		}
	}
	if r.before > 0 {
		counts[0] += fmt.Sprintf(" (%d before this run)", r.before)
	}
	w := r.say
	if r.stopped != nil || r.missing() {
		w = r.endWriter()
	}
	fmt.Fprintf(w, "\n%s: %s.\n", r.count(len(r.list.Items)), cmp.Or(strings.Join(counts, ", "), "nothing to do"))
	switch {
	case r.sent:
		fmt.Fprintln(w, r.progress)
	case r.before > 0 && len(r.todo) == 0:
		fmt.Fprintf(w, "NOTHING WAS SENT. All were %s by earlier runs with this journal, the last on %s; whoever has signed in since is in again.\n",
			r.Out, clock(r.journal.past.last))
	default:
		fmt.Fprintln(w, "NOTHING WAS SENT.")
	}
	if r.stopped != nil {
		fmt.Fprintf(w, "Stopped early: %v.\n%s\n", r.stopped, r.next())
	}
	if r.noneThere() {
		fmt.Fprintln(w, r.NoneThere)
	}
	r.printGroups(w, r.groups(func(i int) bool { return r.outcomes[i].Status != statusNotTried && r.outcomes[i].Status != statusOut }))
	for _, warning := range r.list.Warnings {
		fmt.Fprintln(w, printable(warning))
	}
	if r.embedded != nil {
		r.account(w)
	}
}

// account compares the results of a demo with the sessions that the embedded Slack still has.
func (r *run[O]) account(w io.Writer) {
	var out, others, outLeft, othersLeft int
	for i, o := range r.outcomes {
		left := r.Left(r.embedded, r.list.Items[i].Options)
		if o.Status == statusOut {
			out, outLeft = out+1, outLeft+left
		} else {
			others, othersLeft = others+1, othersLeft+left
		}
	}
	fmt.Fprintf(w, "\nWhat the embedded Slack says: of the %d %s, %d sessions are left; of the %d others, %d.\n", out, r.Out, outLeft, others, othersLeft)
	fmt.Fprintf(w, "With input of your own: %[1]s --dry-run FILE shows what would happen, %[1]s --live FILE does it.\n", r.Name)
}

// missing reports whether items are not out, or may not be. What is not there counts only if nothing shows that Slack
// knows any item.
func (r *run[O]) missing() bool {
	return r.noneThere() || slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status != statusOut && o.Status != statusNotThere })
}

// next says how to go on after a stop.
func (r *run[O]) next() string {
	switch {
	case r.journal != nil:
		return "The same command goes on from the journal."
	case r.TakesReport && r.report != nil && r.report.path != "":
		return fmt.Sprintf("To go on, filter %s to what has another status than out: that is a valid list.", r.opts.Report)
	default:
		return "The same command begins anew; with --journal FILE it would go on."
	}
}

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

// status returns the exit status, and what is left to say.
func (r *run[O]) status(report error) (int, error) {
	missing := r.missing()
	switch {
	case r.stopped != nil && missing:
		return Stopped, report
	case missing || report != nil:
		return SomeNot, report
	case len(r.todo) == 0:
		return Nothing, nil
	}
	return AllOut, nil
}
