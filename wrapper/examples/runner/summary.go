package runner

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// summary prints how many items are out, and what to do about the others.
func (r *run[O]) summary() {
	now, before, apart := map[status]int{}, map[status]int{}, map[status]int{}
	var last time.Time // when an earlier run had somebody out
	for i, o := range r.outcomes {
		r.emit(i) // if no pass has
		if r.SkipsApart && r.list.Items[i].Skip != "" {
			apart[o.Status]++
		} else if !o.earlier {
			now[o.Status]++
		} else if before[o.Status]++; o.Status == statusOut && o.Time.After(last) {
			last = o.Time
		}
	}
	w := &bytes.Buffer{}
	fmt.Fprintf(w, "\n%s: %s", r.count(r.total()), cmp.Or(r.counts(now), "nothing to do"))
	if len(before) > 0 {
		fmt.Fprintf(w, "; before this run: %s", r.counts(before))
	}
	if len(apart) > 0 {
		fmt.Fprintf(w, "; besides, %s", r.counts(apart))
	}
	fmt.Fprintln(w, ".")
	if r.sent {
		fmt.Fprintln(w, r.progress)
	} else {
		fmt.Fprintln(w, "NOTHING WAS SENT.")
	}
	if r.before > 0 {
		fmt.Fprintf(w, "Not repeated: %d %s by earlier runs with this journal, the last on %s; whoever has signed in since is in again.\n",
			r.before, r.label(statusOut), clock(last))
	}
	if r.stopped != nil {
		fmt.Fprintf(w, "Stopped early: %v.\n", r.stopped)
		if errors.Is(r.stopped, errEveryCall) {
			fmt.Fprint(w, "First mend that, as told below. ")
		}
		fmt.Fprintln(w, r.next())
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
	r.printEnd(w.Bytes(), r.stopped == nil && !r.missing())
}

// counts lists how many have each status.
func (r *run[O]) counts(n map[status]int) string {
	var counts []string
	for _, s := range append(slices.Clone(statuses), slices.Sorted(maps.Keys(n))...) {
		if n[s] > 0 || s == statusOut && n[statusNotThere] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[s], r.label(s)))
			delete(n, s)
		}
	}
	return strings.Join(counts, ", ")
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
	fmt.Fprintf(w, "\nWhat the embedded Slack says: of the %d %s, %d sessions are left; of the %d others, %d.\n", out, r.label(statusOut), outLeft, others, othersLeft)
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
