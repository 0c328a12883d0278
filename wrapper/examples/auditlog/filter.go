package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// anyAction is the value of --action that all actions match.
const anyAction = "any"

// filter describes the entries to act on. A field that is not set matches all entries.
type filter struct {
	actions       []string
	defaultAction bool // --action was not given
	users         []string
	networks      []netip.Prefix
	seen          []int  // by network, number of entries from it
	agent         string // in lower case
	agentPattern  *regexp.Regexp
	since, until  time.Time
}

// filter returns the filter that the flags describe.
func (s *settings) filter() (*filter, error) {
	if flag := s.emptyFlag(); flag != "" {
		return nil, fmt.Errorf("%s is empty; give it a value, or leave it out", flag)
	}
	f := &filter{actions: s.Action, agentPattern: s.UserAgentRegexp, since: s.Since.Time, until: s.Until.Time}
	if len(f.actions) == 0 {
		f.actions, f.defaultAction = []string{"user_login"}, true
	}
	if s.UserAgent != nil {
		f.agent = strings.ToLower(*s.UserAgent)
	}
	for _, user := range s.User {
		id, err := runner.UserID(user)
		if err != nil {
			return nil, fmt.Errorf("--user: %w", err)
		}
		f.users = append(f.users, id)
	}
	for _, n := range s.IP {
		f.networks = append(f.networks, n.Prefix)
	}
	f.seen = make([]int, len(f.networks))
	if !f.until.IsZero() && !f.since.Before(f.until) {
		return nil, errors.New("--until is not after --since; nothing could match")
	}
	return f, nil
}

// empty reports whether no flag was given.
func (f *filter) empty() bool {
	return f.defaultAction && f.users == nil && f.networks == nil && f.agent == "" && f.agentPattern == nil && f.since.IsZero() && f.until.IsZero()
}

// misses returns the flags that an entry does not match. An error says why that is not certain; it counts only if the
// entry matches all other flags.
func (f *filter) misses(e *entry) (flags []string, err error) {
	miss := func(flag string, missed bool) {
		if missed {
			flags = append(flags, flag)
		}
	}
	timeErr := e.timeErr
	if errors.Is(timeErr, errNoTime) && f.since.IsZero() && f.until.IsZero() {
		timeErr = nil
	}
	from, addressErr := f.from(e)
	unread := func(text string) bool { return text == "" && e.broken != nil }
	miss("--action", !unread(e.Action) && !slices.Contains(f.actions, anyAction) && !slices.Contains(f.actions, e.Action))
	miss("--user", len(f.users) > 0 && !unread(e.Actor.User.ID) && !slices.Contains(f.users, e.Actor.User.ID))
	miss("--ip", addressErr == nil && !from)
	miss("--since", timeErr == nil && e.time.Before(f.since))
	miss("--until", timeErr == nil && !f.until.IsZero() && !e.time.Before(f.until))
	miss("--user-agent", f.agent != "" && !unread(e.Context.UA) && !strings.Contains(strings.ToLower(e.Context.UA), f.agent))
	miss("--user-agent-regexp", f.agentPattern != nil && !unread(e.Context.UA) && !f.agentPattern.MatchString(e.Context.UA))
	return flags, cmp.Or(e.broken, timeErr, addressErr)
}

// from reports whether an entry comes from one of the networks.
func (f *filter) from(e *entry) (from bool, err error) {
	if len(f.networks) == 0 {
		return true, nil
	}
	if e.Context.IPAddress == "" {
		return false, errors.New("has no ip_address")
	}
	address, err := netip.ParseAddr(e.Context.IPAddress)
	if err != nil {
		return false, fmt.Errorf("ip_address %.60q is not an address", e.Context.IPAddress)
	}
	for i, n := range f.networks {
		if n.Contains(address.Unmap()) {
			f.seen[i]++
			from = true
		}
	}
	return from, nil
}
