package runner

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const signInsGoOn = "Users can sign in again: deactivate their accounts or reset their passwords.\nApps keep their tokens; revoke them separately."

// printSummary prints how many items are out, and what to do about the others. It goes to standard error too if standard output
// has failed, or if the run did not go well and a reader of standard error alone would miss it.
func (r *run[O]) printSummary() {
	w := &bytes.Buffer{}
	r.printCounts(w)
	if r.stopped != nil {
		fmt.Fprintf(w, "Stopped early: %v.\n", r.stopped)
		if errors.Is(r.stopped, errEveryCall) {
			fmt.Fprint(w, "First correct the cause, see below. ")
		}
		fmt.Fprintln(w, r.nextStep())
	}
	if r.noneThere() {
		fmt.Fprintln(w, r.NoneThere)
	}
	r.printGroups(w, func(i int) bool { s := r.outcomes[i].Status; return s != statusOut && s != statusNotTried })
	for _, warning := range r.list.Warnings {
		fmt.Fprintln(w, printable(warning))
	}
	if r.opts.Live && r.sent && slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status == statusOut || o.Status == statusNotThere }) {
		fmt.Fprintf(w, "\n%s\n", signInsGoOn)
	}
	if r.opts.Demo {
		r.printAccount(w)
	}
	_, _ = r.info.Write(w.Bytes())
	wentWell := r.stopped == nil && !r.someNot()
	if !r.opts.JSON && (r.out.failed() || !wentWell && !r.env.oneReader()) {
		_, _ = r.err.Write(w.Bytes())
	}
}

// printCounts prints how many items have each status.
func (r *run[O]) printCounts(w *bytes.Buffer) {
	now, before := map[status]int{}, map[status]int{}
	var first time.Time // when an earlier run first ended sessions of an item
	for i, o := range r.outcomes {
		r.printJSON(i)
		if r.list.Items[i].Skip != nil {
			continue
		}
		if !o.fromJournal {
			now[o.Status]++
			continue
		}
		before[o.Status]++
		if o.Status == statusOut && (first.IsZero() || o.Time.Before(first)) {
			first = o.Time
		}
	}
	var parts []string
	if len(now) > 0 {
		parts = append(parts, r.counts(now))
	} else {
		parts = append(parts, "nothing to do")
	}
	if len(before) > 0 {
		parts = append(parts, "before this run: "+r.counts(before))
	}
	items := "No " + r.Item + "s"
	if n := len(r.outcomes) - r.skipped; n > 0 {
		items = plural(n, r.Item)
	}
	fmt.Fprintf(w, "\n%s: %s%s.\n", items, strings.Join(parts, "; "), r.skippedCounts())
	if r.sent && !r.opts.Demo && !isSlack(r.opts.target()) {
		fmt.Fprintf(w, "This was on %s, which is not Slack.\n", r.opts.target())
	}
	if r.sent {
		fmt.Fprintln(w, r.progress)
	} else {
		fmt.Fprintln(w, "NOTHING WAS SENT.")
	}
	if n := before[statusOut]; n > 0 {
		fmt.Fprintf(w, "Not repeated: %d %s by earlier runs with this journal, the first on %s. Users may have signed in again since then.\n", n, r.text(statusOut), dateTime(first))
	}
}

// counts lists the numbers of items with each status.
func (r *run[O]) counts(n map[status]int) string {
	var counts []string
	for _, s := range statuses {
		if n[s] > 0 || s == statusOut && n[statusNotThere] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[s], r.text(s)))
		}
	}
	for _, s := range slices.Sorted(maps.Keys(n)) {
		if !slices.Contains(statuses, s) { // of a Skip
			counts = append(counts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	return strings.Join(counts, ", ")
}

// nextStep says how to go on after a stop.
func (r *run[O]) nextStep() string {
	switch {
	case r.journal != nil:
		return "The same command goes on from the journal."
	case len(r.outcomes) == 1, !slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status == statusOut }):
		return "Repeat the command."
	case r.ReadsReports && r.reportFile != "":
		return fmt.Sprintf("To go on, remove the rows with the status out from %s, and give it as the list with the same flags but another --report.", r.opts.Report)
	default:
		return "The same command begins anew; with --journal FILE it would go on."
	}
}

// noneThere reports whether Slack lacks items, and no response shows that it has any item.
func (r *run[O]) noneThere() bool {
	some := false
	for _, o := range r.outcomes {
		if o.Status == statusOut && o.Reason != string(r.NotThere) {
			return false
		}
		some = some || o.Status == statusNotThere
	}
	return some
}

// someNot reports whether some items are not out, may not be, or are missing in the list. Items that Slack does not have count only if it has none.
func (r *run[O]) someNot() bool {
	return r.list.Partial || r.noneThere() || slices.ContainsFunc(r.outcomes, func(o outcome) bool { return o.Status != statusOut && o.Status != statusNotThere })
}

// exitStatus returns the exit status of a run whose report ended with err.
func (r *run[O]) exitStatus(err error) int {
	someNot := r.someNot()
	switch {
	case r.stopped != nil && someNot:
		return Stopped
	case someNot || err != nil:
		return SomeNot
	case len(r.todo) == 0:
		return Nothing
	default:
		return AllOut
	}
}
