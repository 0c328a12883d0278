// Auditlog ends the Slack sessions that a search of the audit log brings up, each once, and leaves all others
// alone. Run it with -h for how to use it; package runner has what it does besides.
package main

import (
	"errors"
	"flag"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const does = `Auditlog ends the Slack sessions that a search of the audit log brings up.

	auditlog [flags] FILE...

FILE holds entries as the Audit Logs API gives them: one on each line, in an array,
or the API's pages as they are; "-" is standard input. Flags say which entries are
meant; an entry has to match all of them, and where one is repeated, any of its
values. The session that ends is the one in which the entry's action was done, and
its user is the entry's actor. A session that Slack does not know, or knows as
expired, counts as ended. An entry that matches and names no session is told of,
and exit status 0 becomes 1; end all sessions of its user with signout.
`

const examples = `	auditlog                                                     the demo
	auditlog -dry-run -ip 198.51.100.0/24 -since 48h log.jsonl   look first
	auditlog -live -ip 198.51.100.0/24 -since 48h log.jsonl      then act
	auditlog -live -user W0123456789 -action anomaly log.jsonl
`

// program is auditlog for package runner.
func program() runner.Program[wrapper.InvalidateOptions] {
	s := &settings{}
	return runner.Program[wrapper.InvalidateOptions]{
		Name:     "auditlog",
		Method:   slacktest.MethodInvalidate,
		Does:     does,
		Examples: examples,
		Item:     "session",
		Out:      "ended",
		// Also the echo of a request that had ended it.
		Gone:    []wrapper.ErrorCode{wrapper.ErrSessionNotFound, wrapper.ErrSessionExpired},
		AllGone: "Slack knows none of these sessions. That is so when all are over; it is also so when the token is of another organisation than the log.",
		Flags:   s.flags,
		Load:    s.load,
		Call:    (*wrapper.Client).BulkInvalidate,
		Demo:    s.demo,
	}
}

// settings are what the command line says to auditlog alone.
type settings struct {
	filter filter
	world  world // of a demo
}

func (s *settings) flags(f *flag.FlagSet) {
	list := func(to *[]string) func(string) error {
		return func(v string) error {
			*to = append(*to, v)
			return nil
		}
	}
	moment := func(to *time.Time) func(string) error {
		return func(v string) (err error) {
			*to, err = parseTime(v, time.Now())
			return err
		}
	}
	f.Func("action", "entries of this `ACTION`, such as anomaly; may be repeated (default user_login)", list(&s.filter.actions))
	f.Func("user", "entries of the user with this `ID`; may be repeated", list(&s.filter.users))
	f.Func("ip", "entries from this `NETWORK` or address, such as 198.51.100.0/24; may be repeated", func(v string) error {
		network, err := parseNetwork(v)
		s.filter.networks = append(s.filter.networks, network)
		return err
	})
	f.Func("user-agent", "entries whose user agent contains this `TEXT`, in upper or lower case", func(v string) error {
		s.filter.agent = strings.ToLower(v)
		return nil
	})
	f.Func("user-agent-regexp", "entries whose user agent matches this `REGEXP`", func(v string) (err error) {
		s.filter.agentPattern, err = regexp.Compile(v)
		return err
	})
	f.Func("since", "entries of this `TIME` or later, such as 2026-11-20, 2026-11-20T08:00:00Z or 48h (before now)", moment(&s.filter.since))
	f.Func("until", "entries before this `TIME`", moment(&s.filter.until))
}

func parseNetwork(v string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(v); err == nil {
		return address.Unmap().Prefix(address.Unmap().BitLen())
	}
	network, err := netip.ParsePrefix(v)
	if err != nil {
		return network, errors.New("give a network in CIDR notation, such as 198.51.100.0/24, or an address")
	}
	return network, nil
}

func parseTime(v string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(v); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("give a time such as 2026-11-20T08:00:00Z, a day in UTC such as 2026-11-20, or how long ago, such as 48h")
}

// load reads the log and finds the sessions that are meant.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.InvalidateOptions], error) {
	f := s.filter
	if len(f.actions) == 0 {
		f.actions = []string{"user_login"}
	}
	if !f.until.IsZero() && !f.since.Before(f.until) {
		return nil, errors.New("-until is not after -since; nothing could match")
	}
	var p plan
	r := reader{each: func(e entry, err error) {
		p.add(f, e, err)
		if in.Demo {
			s.world.add(e)
		}
	}}
	switch {
	case len(in.Files) == 0 && !in.Demo:
		return nil, errors.New("which log? Give a FILE")
	case len(in.Files) == 0:
		if err := r.read("sample.jsonl", strings.NewReader(sample)); err != nil {
			return nil, err
		}
	}
	for _, path := range in.Files {
		name, text, err := in.Open(path)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(r.read(name, text), text.Close()); err != nil {
			return nil, err
		}
	}
	if p.entries == 0 {
		return nil, errors.New("no entries in the log")
	}
	list := p.list()
	if r.goesOn {
		list.Warnings = append(list.Warnings,
			"WARNING: the last page names a next_cursor: the log goes on, and what it brings up there is not in this run. Get all pages.")
	}
	return list, nil
}
