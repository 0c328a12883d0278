package main

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// anyAction is the value of --action that all actions match.
const anyAction = "any"

// filter says which entries are meant. What is not set matches all.
type filter struct {
	actions      []string
	users        []string
	networks     []netip.Prefix
	agent        string // in lower case
	agentPattern *regexp.Regexp
	since, until time.Time
}

// misses returns the flags that an entry does not match. An error says why that cannot be told; it counts only for an
// entry that matches all other flags.
func (f filter) misses(e *entry) (flags []string, err error) {
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
	for _, err := range []error{e.broken, timeErr, addressErr} {
		if err != nil {
			return flags, err
		}
	}
	return flags, nil
}

// from reports whether an entry comes from one of the networks.
func (f filter) from(e *entry) (bool, error) {
	if len(f.networks) == 0 {
		return true, nil
	}
	if e.Context.IPAddress == "" {
		return false, errors.New("has no IP address")
	}
	address, err := netip.ParseAddr(e.Context.IPAddress)
	if err != nil {
		return false, fmt.Errorf("ip_address %.60q is not an address", e.Context.IPAddress)
	}
	return slices.ContainsFunc(f.networks, func(n netip.Prefix) bool { return n.Contains(address.Unmap()) }), nil
}
