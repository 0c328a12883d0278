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
	networks      []network
	agents        []string // in lower case
	agentPatterns []*regexp.Regexp
	since, until  time.Time
}

// filter returns the filter that the flags describe.
func (s *settings) filter() (*filter, error) {
	actions, actionErr := separate("--action", s.Action)
	users, userErr := separate("--user", s.User)
	networks, networkErr := separate("--ip", s.IP)
	agentErr, patternErr := noneBlank("--user-agent", s.UserAgent), noneBlank("--user-agent-regexp", s.UserAgentRegexp)
	if err := cmp.Or(actionErr, userErr, networkErr, agentErr, patternErr); err != nil {
		return nil, err
	}
	f := &filter{actions: actions, since: s.Since.Time, until: s.Until.Time}
	if len(f.actions) == 0 {
		f.actions, f.defaultAction = []string{"user_login"}, true
	}
	for _, user := range users {
		id, err := runner.UserID(user)
		if err != nil {
			return nil, fmt.Errorf("--user: %w", err)
		}
		f.users = append(f.users, id)
	}
	for _, text := range networks {
		n, err := parseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("--ip: %w", err)
		}
		f.networks = append(f.networks, n)
	}
	for _, text := range s.UserAgent {
		f.agents = append(f.agents, strings.ToLower(text))
	}
	for _, text := range s.UserAgentRegexp {
		pattern, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("--user-agent-regexp: %w", err)
		}
		f.agentPatterns = append(f.agentPatterns, pattern)
	}
	if !f.until.IsZero() && !f.since.Before(f.until) {
		return nil, errors.New("--until is not after --since; nothing could match")
	}
	return f, nil
}

// empty reports whether no flag was given.
func (f *filter) empty() bool {
	return f.defaultAction && f.users == nil && f.networks == nil && f.agents == nil && f.agentPatterns == nil && f.since.IsZero() && f.until.IsZero()
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
	var agentErr error
	if e.Context.UA == "" && (f.agents != nil || f.agentPatterns != nil) {
		agentErr = errors.New("has no user agent")
	}
	unread := func(text string) bool { return text == "" && e.broken != nil }
	miss("--action", !unread(e.Action) && !slices.Contains(f.actions, anyAction) && !slices.Contains(f.actions, e.Action))
	miss("--user", len(f.users) > 0 && !unread(e.Actor.User.ID) && !slices.Contains(f.users, e.Actor.User.ID))
	miss("--ip", addressErr == nil && !from)
	miss("--since", timeErr == nil && e.time.Before(f.since))
	miss("--until", timeErr == nil && !f.until.IsZero() && !e.time.Before(f.until))
	miss("--user-agent", agentErr == nil && !f.agentContains(e.Context.UA))
	miss("--user-agent-regexp", agentErr == nil && !f.agentMatches(e.Context.UA))
	return flags, cmp.Or(e.broken, timeErr, addressErr, agentErr)
}

// agentContains reports whether a user agent contains a text of --user-agent.
func (f *filter) agentContains(agent string) bool {
	return f.agents == nil || slices.ContainsFunc(f.agents, func(text string) bool { return strings.Contains(strings.ToLower(agent), text) })
}

// agentMatches reports whether a user agent matches a pattern of --user-agent-regexp.
func (f *filter) agentMatches(agent string) bool {
	return f.agentPatterns == nil || slices.ContainsFunc(f.agentPatterns, func(pattern *regexp.Regexp) bool { return pattern.MatchString(agent) })
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
	for i := range f.networks {
		if n := &f.networks[i]; n.Contains(address.Unmap()) {
			n.seen++
			from = true
		}
	}
	return from, nil
}

// unseen returns the networks of --ip from which there is no entry.
func (f *filter) unseen() (networks []string) {
	for _, n := range f.networks {
		if n.seen == 0 {
			networks = append(networks, n.given)
		}
	}
	return networks
}
