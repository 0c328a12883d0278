package runner

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// documentedRate is what Slack promises for both methods: 20 calls a minute or more.
const documentedRate = 20

func (r *run[O]) openJournal() (err error) {
	if r.opts.Journal == "" {
		return nil
	}
	r.journal, err = openJournal(r.opts.Journal, occasion{Program: r.Name, Target: r.opts.target(), About: r.list.About})
	if err != nil {
		return err
	}
	if !r.opts.Resume {
		err = r.journal.fresh(time.Now())
	}
	if err != nil {
		return errors.Join(err, r.journal.Close())
	}
	return nil
}

// plan compares the list with the journal, and prints what there is to do. Items that Slack refused before come last: the
// cause may be mended.
func (r *run[O]) plan() {
	r.columns = unique(r.list.Header, r.ownColumns())
	r.outcomes = make([]outcome, len(r.list.Items))
	var refused []int
	var past history
	if r.journal != nil {
		past = r.journal.past
	}
	open := 0
	for i, item := range r.list.Items {
		o, known := past.outcomes[item.ID]
		o.earlier = known
		switch {
		case item.Skip != "":
			o = outcome{Status: status(item.Skip), Error: item.Why}
			r.skipped++
		case !known:
			o = outcome{Status: statusNotTried}
			r.todo = append(r.todo, i)
		case o.Status == statusOut:
			r.before++
		case o.Status == statusRefused:
			refused = append(refused, i)
		default:
			r.todo = append(r.todo, i)
		}
		if item.Skip == "" && past.open[item.ID] {
			open++
		}
		r.outcomes[i] = o
		if o.Status == statusOut || item.Skip != "" {
			r.emit(i)
		}
	}
	r.todo = append(r.todo, refused...)
	for _, note := range append(r.list.Notes, r.list.Warnings...) {
		fmt.Fprintln(r.say, printable(note))
	}
	if n := r.outInList(); n > 0 {
		fmt.Fprintf(r.say, "Rows with the status \"out\" from an earlier report: %d. They are called for again.\n", n)
	}
	r.printGroups(r.say, r.groups(func(i int) bool { return r.list.Items[i].Skip != "" }))
	if past.begun.IsZero() {
		return
	}
	fmt.Fprintf(r.say, "Journal %s, begun %s: %d of %s %s already", r.opts.Journal, clock(past.begun), r.before, r.count(r.total()), r.label(statusOut))
	if open > 0 {
		fmt.Fprintf(r.say, ", %d in flight when a run ended", open)
	}
	if past.torn {
		fmt.Fprint(r.say, "; its last line is torn and does not count")
	}
	fmt.Fprintln(r.say, ".")
}

// total returns the number of items that the list counts.
func (r *run[O]) total() int {
	if r.SkipsApart {
		return len(r.list.Items) - r.skipped
	}
	return len(r.list.Items)
}

func (r *run[O]) count(n int) string { return plural(n, r.Item) }

// takes returns about how long the calls take at the rate that Slack documents.
func (r *run[O]) takes() time.Duration {
	return time.Duration(len(r.todo)) * time.Minute / documentedRate
}

// intent says what a run does: "End all sessions of 3 users on https://slack.com/api (about …)".
func (r *run[O]) intent(names string) string {
	about := ""
	if r.list.About != "" {
		about = r.list.About + " of "
	}
	return fmt.Sprintf("End %s%s%s on %s (about %s at %d a minute)", about, r.count(len(r.todo)), names, r.opts.target(), roughly(r.takes()), documentedRate)
}

// rehearse prints what would be done.
func (r *run[O]) rehearse() int {
	for _, i := range r.todo {
		if r.opts.JSON {
			r.emit(i)
		} else {
			fmt.Fprintln(r.out, strings.TrimRight("would end   "+r.name(i), " "))
		}
	}
	fmt.Fprintf(r.say, "%s.\n", strings.Replace(r.intent(""), "End", "Would end", 1))
	switch {
	case r.skipped > 0:
		return SomeNot
	case len(r.todo) == 0:
		return Nothing
	}
	return AllOut
}

// longRun is the time from which on a run without a journal is worth a warning.
const longRun = 5 * time.Minute

// confirm asks before sessions end for real.
func (r *run[O]) confirm() error {
	if r.opts.Live && r.journal == nil && r.takes() > longRun {
		fmt.Fprintf(r.err, "This takes about %s. Without --journal FILE a run that is interrupted begins anew.\n", roughly(r.takes()))
	}
	if !r.opts.Live || r.opts.Yes {
		return nil
	}
	if slices.Contains(r.opts.Args, "-") || !isTerminal(r.env.Stdin) {
		return errors.New("--live asks before it ends any session, and standard input is no terminal to ask on; add --yes")
	}
	fmt.Fprint(r.err, r.intent(": "+r.upToThree(r.todo)+","), "? Type yes: ")
	line, err := bufio.NewReader(r.env.Stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errors.New("the answer was not yes")
	}
	return nil
}
