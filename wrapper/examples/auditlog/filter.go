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

// filter says which entries are meant. What is not set matches all.
type filter struct {
	actions      []string
	users        []string
	networks     []netip.Prefix
	agent        string // in lower case
	agentPattern *regexp.Regexp
	since, until time.Time
}

// match reports whether an entry is meant, or why that cannot be told.
func (f filter) match(e entry) (bool, error) {
	switch {
	case !slices.Contains(f.actions, e.Action),
		len(f.users) > 0 && !slices.Contains(f.users, e.Actor.User.ID),
		!strings.Contains(strings.ToLower(e.Context.UA), f.agent),
		f.agentPattern != nil && !f.agentPattern.MatchString(e.Context.UA):
		return false, nil
	case e.DateCreate == 0 && (!f.since.IsZero() || !f.until.IsZero()):
		return false, errors.New("has no time")
	case e.time().Before(f.since), !f.until.IsZero() && !e.time().Before(f.until):
		return false, nil
	case len(f.networks) == 0:
		return true, nil
	}
	address, err := netip.ParseAddr(e.Context.IPAddress)
	if err != nil {
		return false, fmt.Errorf("ip_address %q is not an address", e.Context.IPAddress)
	}
	return slices.ContainsFunc(f.networks, func(n netip.Prefix) bool { return n.Contains(address.Unmap()) }), nil
}
