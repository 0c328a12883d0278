package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// result is what is known about the users of a list after a run.
type result struct {
	list     *list
	past     map[string]outcome // users signed out by earlier runs
	outcomes map[string]outcome // of this run
	stopped  error              // why it came to no more
	progress *progress
	journal  string // its name, "" for none
}

func (r result) of(u user) outcome {
	if o, ok := r.outcomes[u.ID]; ok {
		return o
	}
	if o, ok := r.past[u.ID]; ok {
		return o
	}
	return outcome{Status: statusNotTried}
}

// status is the exit status.
func (r result) status() int {
	n := r.count()
	switch {
	case n[statusOut] == len(r.list.users):
		return exitAllOut
	case r.stopped != nil || n[statusNotTried] > 0:
		return exitStopped
	}
	return exitSomeNot
}

func (r result) count() map[status]int {
	n := map[status]int{}
	for _, u := range r.list.users {
		n[r.of(u).Status]++
	}
	return n
}

const mostListed = 20 // users in the table at the end

// print writes the summary, what to do about those who are not out, and who they are.
func (r result) print(w io.Writer) {
	n := r.count()
	var counts []string
	for _, s := range []status{statusOut, statusRefused, statusUnknown, statusFailed, statusNotTried} {
		if n[s] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[s], label(s)))
		}
	}
	if len(r.past) > 0 {
		counts[0] += fmt.Sprintf(" (%d before this run)", len(r.past))
	}
	fmt.Fprintf(w, "\n%s: %s.\n%s\n", plural(len(r.list.users), "user"), strings.Join(counts, ", "), r.progress.summary())
	if r.status() == exitStopped {
		why := "what refused the last ones would refuse all others"
		if r.stopped != nil {
			why = r.stopped.Error()
		}
		fmt.Fprintf(w, "Stopped early: %s.\n", why)
		if r.journal != "" {
			fmt.Fprintln(w, "The same command goes on from the journal.")
		}
	}

	reasons := map[string]int{}
	var failed []user
	for _, u := range r.list.users {
		if o := r.of(u); o.Status != statusOut && o.Status != statusNotTried {
			reasons[o.Code]++
			failed = append(failed, u)
		}
	}
	if len(failed) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nREASON\tUSERS\tWHAT TO DO")
	mostFirst := func(a, b string) int { return cmp.Or(reasons[b]-reasons[a], strings.Compare(a, b)) }
	for _, code := range slices.SortedFunc(maps.Keys(reasons), mostFirst) {
		fmt.Fprintf(table, "%s\t%d\t%s\n", printable(code), reasons[code], advice(code))
	}
	_ = table.Flush()
	fmt.Fprintln(table, "\nUSER\tSTATUS\tREASON\tREQUEST ID")
	for _, u := range failed[:min(len(failed), mostListed)] {
		o := r.of(u)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", u.ID, o.Status, printable(o.Code), printable(o.RequestID))
	}
	if more := len(failed) - mostListed; more > 0 {
		fmt.Fprintf(table, "and %d more\n", more)
	}
	_ = table.Flush()
}

// writeCSV writes a line for each user: the columns of the input, and what became of the user.
func (r result) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	lines := func(yield func([]string) bool) {
		if !yield(slices.Concat(r.list.header, []string{"status", "code", "attempts", "request_id", "time"})) {
			return
		}
		for _, u := range r.list.users {
			o := r.of(u)
			attempts, when := "", ""
			if o.Attempts > 0 {
				attempts = strconv.Itoa(o.Attempts)
			}
			if !o.Time.IsZero() {
				when = o.Time.UTC().Format(time.RFC3339)
			}
			if !yield(slices.Concat(u.columns, []string{string(o.Status), o.Code, attempts, o.RequestID, when})) {
				return
			}
		}
	}
	for line := range lines {
		for i, cell := range line {
			line[i] = harmless(cell)
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula: names and titles in a list may be chosen by
// the very people who are to be signed out. Numbers stay as they are.
func harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") != 0 {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

// save writes the report to f, which may be nil, and closes it.
func (r result) save(f *os.File) error {
	if f == nil {
		return nil
	}
	err := f.Truncate(0)
	if err == nil {
		err = r.writeCSV(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
