package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// network is the value of --ip.
type network struct{ netip.Prefix }

// UnmarshalText reads a network or an address.
func (n *network) UnmarshalText(text []byte) (err error) {
	if address, err := netip.ParseAddr(string(text)); err == nil {
		n.Prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
		return nil
	}
	if n.Prefix, err = netip.ParsePrefix(string(text)); err != nil {
		return fmt.Errorf("%q is not a network; give one in CIDR notation, such as 198.51.100.0/24, or an address", text)
	}
	if n.Prefix != n.Masked() {
		return fmt.Errorf("%s may mean the address %s or the network %s; give one of them", n.Prefix, n.Addr(), n.Masked())
	}
	return nil
}

// moment is the value of --since and --until.
type moment struct{ time.Time }

var days = regexp.MustCompile(`^(\d{1,5})d`)

// UnmarshalText reads a time, a day, or how long ago.
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
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, strings.Replace(v, " ", "T", 1), time.Local); err == nil {
			m.Time = t
			return nil
		}
	}
	return fmt.Errorf("%q is not a time; give one such as 2026-11-20T08:00:00Z, 2026-11-20T08:00 in this machine's zone, 2026-11-20 in UTC, or 48h or 2d ago", v)
}

// emptyFlag returns the first filter that is given without a value, such as by --ip "$UNSET"; "" for none. It would match
// all entries.
func (s *settings) emptyFlag() string {
	switch {
	case s.Action != nil && len(s.Action) == 0:
		return "--action"
	case s.User != nil && len(s.User) == 0:
		return "--user"
	case s.IP != nil && len(s.IP) == 0:
		return "--ip"
	case s.UserAgent != nil && *s.UserAgent == "":
		return "--user-agent"
	case s.UserAgentRegexp != nil && s.UserAgentRegexp.String() == "":
		return "--user-agent-regexp"
	default:
		return ""
	}
}
