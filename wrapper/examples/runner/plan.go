package runner

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// documentedRate is the number of calls a minute that Slack documents for both methods.
const documentedRate = 20

// longRun is the duration from which on a run without a journal gets a warning, and a wait is shown with its end.
const longRun = 5 * time.Minute

// plan compares the list with the journal, and prints what there is to do. Items that Slack refused in an earlier run come
// last, because the cause is seldom corrected between two runs.
func (r *run[O]) plan() {
	r.columns = uniqueColumns(r.list.Header, r.ownColumns())
	r.outcomes = make([]outcome, len(r.list.Items))
	var past history
	if r.journal != nil {
		past = r.journal.past
	}
	var refused []int
	inFlightBefore := 0
	for i, item := range r.list.Items {
		o, known := past.outcomes[item.ID]
		if known && o == inFlight {
			inFlightBefore++
		}
		o.fromJournal = known
		switch {
		case item.Skip != nil:
			o = outcome{Status: status(item.Skip.Status), Error: item.Skip.Why}
			r.skipped++
		case !known, o.Status == statusNotTried:
			o = outcome{Status: statusNotTried, Repeat: true}
			r.todo = append(r.todo, i)
		case o.Status == statusRefused:
			refused = append(refused, i)
		case o.Status != statusOut:
			r.todo = append(r.todo, i)
		}
		r.outcomes[i] = o
		if item.Skip != nil || o.Status == statusOut {
			r.printJSON(i)
		}
	}
	r.todo = append(r.todo, refused...)
	r.printPlan(past, inFlightBefore)
}

// printPlan prints the notes on the list, the skipped items, and what the journal says. inFlightBefore is the number of items
// that were in flight when an earlier run ended.
func (r *run[O]) printPlan(past history, inFlightBefore int) {
	w := &bytes.Buffer{}
	for _, note := range slices.Concat(r.list.Notes, r.list.Warnings) {
		fmt.Fprintln(w, printable(note))
	}
	if n := r.outInReport(); n > 0 {
		fmt.Fprintf(w, "The list is a report. %d of the %s are out in it, and are called for again; to leave them out, remove their rows.\n", n, plural(len(r.todo), r.Item))
	}
	r.printGroups(w, func(i int) bool { return r.list.Items[i].Skip != nil })
	if !past.begun.IsZero() {
		items := len(r.list.Items) - r.skipped
		fmt.Fprintf(w, "Journal %s, begun %s: %d of %s %s already", r.opts.Journal, dateTime(past.begun), items-len(r.todo), plural(items, r.Item), r.text(statusOut))
		if inFlightBefore > 0 {
			fmt.Fprintf(w, ", %d in flight when a run ended", inFlightBefore)
		}
		if past.torn {
			fmt.Fprint(w, "; its last line is incomplete and does not count")
		}
		fmt.Fprintln(w, ".")
	} else if r.journal != nil {
		fmt.Fprintf(w, "Journal %s is new.\n", r.opts.Journal)
	}
	_, _ = r.info.Write(w.Bytes())
}

// expectedTime returns how long the calls take at the rate that Slack documents.
func (r *run[O]) expectedTime() time.Duration {
	return time.Duration(len(r.todo)) * time.Minute / documentedRate
}

// task says what the run does: "all sessions of 3 users on https://slack.com/api (about …)". names are of some of the items.
func (r *run[O]) task(names string) string {
	sessions := ""
	if r.list.Sessions != "" {
		sessions = r.list.Sessions + " of "
	}
	return fmt.Sprintf("%s%s%s on %s (about %s at %d a minute)", sessions, plural(len(r.todo), r.Item), names, r.opts.target(), roughly(r.expectedTime()), documentedRate)
}

// skippedCounts returns how many items are skipped, as the end of a sentence; "" if none is.
func (r *run[O]) skippedCounts() string {
	n := map[status]int{}
	for i, item := range r.list.Items {
		if item.Skip != nil {
			n[r.outcomes[i].Status]++
		}
	}
	if len(n) == 0 {
		return ""
	}
	return "; skipped: " + r.counts(n)
}

// printDryRun prints what a run would do, and returns the exit status.
func (r *run[O]) printDryRun() int {
	lines := bufio.NewWriterSize(r.out, 64<<10) // a write for each line would be slow
	for _, i := range r.todo {
		if r.opts.JSON {
			r.printJSON(i)
		} else {
			fmt.Fprintln(lines, strings.TrimRight("would end   "+r.name(i), " "))
		}
	}
	_ = lines.Flush() // the stream keeps its error
	if len(r.todo) > 0 {
		fmt.Fprintf(r.info, "Would end %s%s.\n", r.task(""), r.skippedCounts())
	} else {
		fmt.Fprintf(r.info, "Nothing to do%s.\n", r.skippedCounts())
	}
	switch {
	case r.skipped > 0 || r.list.Partial:
		return SomeNot
	case len(r.todo) == 0:
		return Nothing
	default:
		return AllOut
	}
}

// confirm asks before a live run.
func (r *run[O]) confirm() error {
	if r.opts.Live && r.journal == nil && r.expectedTime() > longRun {
		fmt.Fprintf(r.err, "This takes about %s. Without --journal FILE a run that is interrupted begins anew.\n", roughly(r.expectedTime()))
	}
	if !r.opts.Live || r.opts.Yes {
		return nil
	}
	if slices.Contains(r.opts.Args, "-") || !isTerminal(r.env.Stdin) {
		return errors.New("--live asks before it ends any session, and standard input is no terminal to ask on; add --yes")
	}
	fmt.Fprintf(r.err, "End %s%s? Type yes: ", r.task(": "+r.upToThree(r.todo)+","), r.skippedCounts())
	answer, err := bufio.NewReader(r.env.Stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if !strings.EqualFold(strings.TrimSpace(answer), "yes") {
		return errors.New("the answer was not the word yes")
	}
	return nil
}
