// Auditlog ends the Slack sessions that a search of the audit log brings up, each once, and leaves all others
// alone. Run it with -h for how to use it; package runner has what it does besides.
package main

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const does = `End the Slack sessions in which the entries of an audit log were made. An entry is
meant if it matches all flags of "Which entries", and of a repeated one any value.

Usage: auditlog [flags] [FILE ...]`

const argsHelp = `entries, arrays of them or pages as the Audit Logs API returns them, in JSON; "-" is standard input`

const examples = `  auditlog                                                        the demo
  auditlog --dry-run --ip 198.51.100.0/24 --since 48h log.jsonl   look first
  auditlog --live --ip 198.51.100.0/24 --since 48h log.jsonl      then act
  auditlog --live --user W0123456789 --action anomaly log.jsonl
`

// program is auditlog for package runner.
func program() runner.Program[wrapper.InvalidateOptions] {
	s := &settings{}
	return runner.Program[wrapper.InvalidateOptions]{
		Name:     "auditlog",
		Method:   slacktest.MethodInvalidate,
		Does:     does,
		Args:     "FILE",
		ArgsHelp: argsHelp,
		Examples: examples,
		Item:     "session",
		Out:      "ended",
		// Also the echo of a request that had ended it.
		Gone:    []wrapper.ErrorCode{wrapper.ErrSessionNotFound, wrapper.ErrSessionExpired},
		AllGone: "Slack knows none of these sessions. That is so when all are over; it is also so when the token is of another organisation than the log.",
		Flags:   s,
		Load:    s.load,
		Call:    (*wrapper.Client).BulkInvalidate,
		Demo:    s.demo,
	}
}

// settings are what the command line says to auditlog alone.
type settings struct {
	Action          []string       `group:"Which entries:" short:"a" placeholder:"ACTION" help:"with this action; may be repeated (user_login)"`
	User            []string       `group:"Which entries:" short:"u" placeholder:"ID" help:"of this user; may be repeated"`
	IP              []network      `group:"Which entries:" placeholder:"NETWORK" help:"from this address or network; may be repeated"`
	Since           moment         `group:"Which entries:" placeholder:"TIME" help:"since 2026-11-20 (UTC), 2026-11-20T08:00:00Z, or 2d ago"`
	Until           moment         `group:"Which entries:" placeholder:"TIME" help:"before this time"`
	UserAgent       string         `group:"Which entries:" placeholder:"TEXT" help:"whose user agent has this text, in upper or lower case"`
	UserAgentRegexp *regexp.Regexp `group:"Which entries:" placeholder:"REGEXP" help:"whose user agent matches"`

	world world // of a demo
}

// filter is what the flags say.
func (s *settings) filter() (f filter) {
	f = filter{
		actions: s.Action, users: s.User, agent: strings.ToLower(s.UserAgent), agentPattern: s.UserAgentRegexp,
		since: s.Since.Time, until: s.Until.Time,
	}
	if len(f.actions) == 0 {
		f.actions = []string{"user_login"}
	}
	for _, n := range s.IP {
		f.networks = append(f.networks, n.Prefix)
	}
	return f
}

// network is the value of --ip.
type network struct{ netip.Prefix }

// UnmarshalText takes a network or an address.
func (n *network) UnmarshalText(text []byte) (err error) {
	if address, err := netip.ParseAddr(string(text)); err == nil {
		n.Prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
		return nil
	}
	if n.Prefix, err = netip.ParsePrefix(string(text)); err != nil {
		return errors.New("give a network in CIDR notation, such as 198.51.100.0/24, or an address")
	}
	return nil
}

// moment is the value of --since and --until.
type moment struct{ time.Time }

var days = regexp.MustCompile(`^(\d{1,5})d`)

// UnmarshalText takes a time, a day, or how long ago.
func (m *moment) UnmarshalText(text []byte) error {
	v := string(text)
	ago, more := time.Duration(0), v
	if d := days.FindStringSubmatch(v); d != nil {
		n, _ := strconv.Atoi(d[1])
		ago, more = time.Duration(n)*24*time.Hour, v[len(d[0]):]
	}
	if d, err := time.ParseDuration(more); err == nil && d >= 0 || more == "" && ago > 0 {
		m.Time = time.Now().Add(-ago - d)
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			m.Time = t
			return nil
		}
	}
	return errors.New("give a time such as 2026-11-20T08:00:00Z, a day in UTC such as 2026-11-20, or how long ago, such as 48h or 2d")
}

// load reads the log and finds the sessions that are meant.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.InvalidateOptions], error) {
	f := s.filter()
	if !f.until.IsZero() && !f.since.Before(f.until) {
		return nil, errors.New("--until is not after --since; nothing could match")
	}
	var p plan
	r := reader{each: func(e entry, err error) {
		p.add(f, e, err)
		if in.Demo {
			s.world.add(e)
		}
	}}
	switch {
	case len(in.Args) == 0 && !in.Demo:
		return nil, errors.New("no log given; pass a FILE")
	case len(in.Args) == 0:
		if err := r.read("sample.jsonl", strings.NewReader(sample)); err != nil {
			return nil, err
		}
	}
	for _, path := range in.Args {
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
