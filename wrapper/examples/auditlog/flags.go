package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// settings are what the command line says.
type settings struct {
	files                  []string // none = the sample, "-" = standard input
	filter                 filter
	live, gov, yes, dryRun bool
}

func (s *settings) flagSet() *flag.FlagSet {
	f := flag.NewFlagSet("auditlog", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Func("action", "entries of this `ACTION`, such as anomaly; may be repeated (default user_login)", func(v string) error {
		s.filter.actions = append(s.filter.actions, v)
		return nil
	})
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
	f.Func("since", "entries since this `TIME`, such as 2026-11-20, 2026-11-20T08:00:00Z or 48h (before now)", func(v string) (err error) {
		s.filter.since, err = parseSince(v, time.Now())
		return err
	})
	f.BoolVar(&s.live, "live", false, "end sessions for real, with the token in SLACK_TOKEN, after asking")
	f.BoolVar(&s.yes, "yes", false, "with -live, do not ask")
	f.BoolVar(&s.gov, "gov", false, "use GovSlack, "+wrapper.GovSlackBaseURL)
	f.BoolVar(&s.dryRun, "dry-run", false, "tell which sessions would end and how long it would take, send nothing")
	return f
}

func parseFlags(args []string) (settings, error) {
	var s settings
	f := s.flagSet()
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.files = f.Args()
	if len(s.filter.actions) == 0 {
		s.filter.actions = []string{"user_login"}
	}
	switch {
	case s.live && len(s.files) == 0:
		return s, errors.New("-live needs a FILE: the built-in sample is for the embedded Slack")
	case slices.ContainsFunc(s.files, func(name string) bool { return len(name) > 1 && name[0] == '-' }):
		return s, fmt.Errorf("a flag after FILE: %q; give flags first", s.files)
	}
	return s, nil
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

func parseSince(v string, now time.Time) (time.Time, error) {
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

func usage(w io.Writer) {
	fmt.Fprint(w, `Auditlog ends the Slack sessions that a search of the audit log brings up.

	auditlog [flags] FILE...

FILE holds entries as the Audit Logs API gives them, one on each line or in
pages; "-" is standard input. Without FILE it works on a built-in sample. It
runs on an embedded Slack, which ends no session of anybody, unless -live is
given; then the token comes from the environment variable SLACK_TOKEN.

Exit status: 0 all sessions that were meant are over, 1 some may not be or some
entries need a look, 2 the command or the log is wrong and nothing was sent.

`)
	f := new(settings).flagSet()
	f.SetOutput(w)
	f.PrintDefaults()
}
