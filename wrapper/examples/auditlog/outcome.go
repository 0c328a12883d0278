package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// tally counts what became of the sessions.
type tally struct{ ended, notFound, expired, unknown, refused, notTried int }

// run ends the sessions, and tells of each as it is done.
func (p *plan) run(ctx context.Context, client *wrapper.Client, w io.Writer) *tally {
	open := map[int64]session{}
	for _, n := range p.sessions {
		open[n.id] = n
	}
	inputs := func(yield func(wrapper.InvalidateOptions) bool) {
		for _, n := range p.sessions {
			if !yield(wrapper.InvalidateOptions{SessionID: n.id, UserID: n.user}) {
				return
			}
		}
	}
	var t tally
	for r := range client.BulkInvalidate(ctx, inputs, wrapper.BulkOptions{}) {
		id := r.Options.SessionID
		fmt.Fprintln(w, open[id], t.count(r.Err))
		delete(open, id)
	}
	t.notTried = len(open)
	for _, n := range p.sessions {
		if _, left := open[n.id]; left {
			fmt.Fprintln(w, n, "NOT TRIED: the run ended before")
		}
	}
	return &t
}

// count adds what became of one session, and says it.
func (t *tally) count(err error) string {
	switch {
	case err == nil:
		t.ended++
		return "ended"
	case errors.Is(err, wrapper.ErrSessionNotFound): // also the echo of a request that had ended it
		t.notFound++
		return "over already (session_not_found)"
	case errors.Is(err, wrapper.ErrSessionExpired):
		t.expired++
		return "over already (session_expired)"
	case wrapper.OutcomeUnknown(err):
		t.unknown++
		return "UNKNOWN, run again: " + printable(err.Error())
	default:
		t.refused++
		return "NOT ENDED: " + printable(err.Error())
	}
}

func (t *tally) print(p *plan, w io.Writer) {
	fmt.Fprintf(w, "%d ended, %d over already, %d not ended, %d unknown, %d not tried, %s to look at.\n",
		t.ended, t.notFound+t.expired, t.refused, t.unknown, t.notTried, plural(len(p.doubts), "entry", "entries"))
	if t.notFound > 0 && t.notFound == len(p.sessions) {
		fmt.Fprintln(w, "Slack knows none of these sessions. That is so when all are over; it is also so when the token is of another organisation than the log.")
	}
}

func (t *tally) status(p *plan) int {
	if t.refused+t.unknown+t.notTried+len(p.doubts) > 0 {
		return exitSomeNot
	}
	return exitAllOver
}
