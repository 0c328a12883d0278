package runner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// summary tells what the run came to, and what to do about those who are not out.
func (r *run[O]) summary() {
	n := map[status]int{}
	gone := 0
	for i, o := range r.outcomes {
		r.emit(i) // where no pass has
		n[o.Status]++
		if o.Status == statusOut && o.Reason != "" {
			gone++
		}
	}
	var counts []string
	for _, s := range append(slices.Clone(statuses), slices.Sorted(maps.Keys(n))...) {
		if n[s] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[s], r.label(s)))
			delete(n, s)
		}
	}
	if r.before > 0 {
		counts[0] += fmt.Sprintf(" (%d before this run)", r.before)
	}
	fmt.Fprintf(r.say, "\n%s: %s.\n", r.count(len(r.list.Items)), cmp.Or(strings.Join(counts, ", "), "nothing to do"))
	switch {
	case r.sent:
		fmt.Fprintln(r.say, r.progress)
	case r.before > 0 && len(r.todo) == 0:
		fmt.Fprintf(r.say, "NOTHING WAS SENT. All were %s by earlier runs with this journal, the last on %s; whoever has signed in since is in again.\n",
			r.Out, r.journal.past.last.Local().Format(time.DateTime))
	default:
		fmt.Fprintln(r.say, "NOTHING WAS SENT.")
	}
	if r.stopped != nil {
		fmt.Fprintf(r.say, "Stopped early: %v.\n", r.stopped)
		if r.journal != nil {
			fmt.Fprintln(r.say, "The same command goes on from the journal.")
		}
	}
	if gone > 0 && gone == len(r.outcomes) && r.AllGone != "" {
		fmt.Fprintln(r.say, r.AllGone)
	}
	r.explain(r.among(func(o outcome) bool { return o.Status != statusNotTried && o.Status != statusOut }))
	for _, warning := range r.list.Warnings {
		fmt.Fprintln(r.say, printable(warning))
	}
}

// why is a reason with the items that share it.
type why struct {
	status status
	reason string
	items  []int
}

// among groups the items whose outcome is meant by their status and reason, the largest group first.
func (r *run[O]) among(meant func(outcome) bool) []why {
	var reasons []why
	for i, o := range r.outcomes {
		if !meant(o) {
			continue
		}
		at := slices.IndexFunc(reasons, func(w why) bool { return w.status == o.Status && w.reason == o.Reason })
		if at < 0 {
			at = len(reasons)
			reasons = append(reasons, why{status: o.Status, reason: o.Reason})
		}
		reasons[at].items = append(reasons[at].items, i)
	}
	slices.SortStableFunc(reasons, func(a, b why) int { return len(b.items) - len(a.items) })
	return reasons
}

const mostListed = 20 // items of one reason

// explain lists those who are not out, with what to do.
func (r *run[O]) explain(reasons []why) {
	for _, w := range reasons {
		what := ":"
		if w.reason != "" {
			what = fmt.Sprintf(", %s: %s.", printable(w.reason), advice(w.reason))
		}
		fmt.Fprintf(r.say, "\n%d %s%s\n", len(w.items), w.status, what)
		for _, i := range w.items[:min(len(w.items), mostListed)] {
			fmt.Fprintf(r.say, "  %s", r.name(i))
			if id := r.outcomes[i].RequestID; id != "" {
				fmt.Fprintf(r.say, "  request %s", printable(id))
			}
			if why := r.list.Items[i].Why; why != "" {
				fmt.Fprintf(r.say, "  %s", printable(why))
			}
			fmt.Fprintln(r.say)
		}
		if more := len(w.items) - mostListed; more > 0 {
			fmt.Fprintf(r.say, "  and %d more\n", more)
		}
	}
}

// status returns the exit status, and what is left to say.
func (r *run[O]) status(report error) (int, error) {
	missing := slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status != statusOut })
	switch {
	case r.stopped != nil && missing:
		return Stopped, report
	case missing || r.skipped > 0 || report != nil:
		return SomeNot, report
	case len(r.todo) == 0:
		return Nothing, nil
	}
	return AllOut, nil
}
