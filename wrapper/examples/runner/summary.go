package runner

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
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
	w := r.say
	if r.stopped != nil || r.missing() {
		w = r.both()
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
	if gone > 0 && gone == len(r.outcomes) && r.AllGone != "" {
		fmt.Fprintln(w, r.AllGone)
	}
	r.explain(w, r.among(func(i int) bool { return r.outcomes[i].Status != statusNotTried && r.outcomes[i].Status != statusOut }))
	for _, warning := range r.list.Warnings {
		fmt.Fprintln(w, printable(warning))
	}
}

func (r *run[O]) missing() bool {
	return slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status != statusOut })
}

// next tells how to go on after a stop.
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

// why is a reason with the items that share it.
type why struct {
	status status
	reason string
	items  []int
}

// among groups the items that are meant by their status and reason, the largest group first.
func (r *run[O]) among(meant func(i int) bool) []why {
	var reasons []why
	for i, o := range r.outcomes {
		if !meant(i) {
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
func (r *run[O]) explain(to io.Writer, reasons []why) {
	for _, w := range reasons {
		what := ":"
		if w.reason != "" {
			what = fmt.Sprintf(", %s: %s.", printable(w.reason), advice(w.reason, r.outcomes[w.items[0]].Error))
		}
		fmt.Fprintf(to, "\n%d %s%s\n", len(w.items), w.status, what)
		for _, i := range w.items[:min(len(w.items), mostListed)] {
			fmt.Fprintf(to, "  %s", r.name(i))
			if id := r.outcomes[i].RequestID; id != "" {
				fmt.Fprintf(to, "  request %s", printable(id))
			}
			if why := r.list.Items[i].Why; why != "" {
				fmt.Fprintf(to, "  %s", printable(why))
			}
			fmt.Fprintln(to)
		}
		if more := len(w.items) - mostListed; more > 0 {
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
	case missing || r.skipped > 0 || report != nil:
		return SomeNot, report
	case len(r.todo) == 0:
		return Nothing, nil
	}
	return AllOut, nil
}
