package main

import (
	"fmt"
	"io"
	"time"
)

// session is one that is to end.
type session struct {
	id   int64
	user string
	when time.Time // of the entry that brought it up
	ip   string
}

func (s session) String() string {
	return fmt.Sprintf("%-14d  %-12s  %s  %-15s", s.id, printable(s.user), s.when.Format(time.RFC3339), printable(s.ip))
}

// doubt is an entry that matches, or may, and does not say which session to end.
type doubt struct {
	entry entry
	why   error
}

func (d doubt) String() string {
	return printable(fmt.Sprintf("%s  %-12s  %s", d.entry.ID, d.entry.Actor.User.ID, d.why))
}

// plan is what is to be done about a log.
type plan struct {
	entries, matches int
	sessions         []session // each once, in the order of the log
	doubts           []doubt
	owner            map[int64]string
}

// add takes an entry in, or why it cannot be read.
func (p *plan) add(f filter, e entry, err error) {
	p.entries++
	meant := false
	if err == nil {
		meant, err = f.match(e)
	}
	if meant {
		p.matches++
		err = p.end(e)
	}
	if err != nil {
		p.doubts = append(p.doubts, doubt{e, err})
	}
}

// end puts the session of an entry on the list, once.
func (p *plan) end(e entry) error {
	user, err := e.user()
	if err != nil {
		return err
	}
	id, err := e.session()
	if err != nil {
		return err
	}
	if owner, listed := p.owner[id]; listed {
		if owner != user {
			return fmt.Errorf("names session %d, which another entry says is of %s", id, owner)
		}
		return nil
	}
	if p.owner == nil {
		p.owner = map[int64]string{}
	}
	p.owner[id] = user
	p.sessions = append(p.sessions, session{id: id, user: user, when: e.time(), ip: e.Context.IPAddress})
	return nil
}

// print tells how much there is to do, and what cannot be done.
func (p *plan) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d match: %s to end.\n",
		plural(p.entries, "entry", "entries"), p.matches, plural(len(p.sessions), "session", "sessions"))
	if len(p.doubts) > 0 {
		fmt.Fprintf(w, "Look at %s that may be meant and cannot be acted on:\n", plural(len(p.doubts), "entry", "entries"))
	}
	for _, d := range p.doubts {
		fmt.Fprintln(w, " ", d)
	}
}
