package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// network is a value of --ip.
type network struct {
	netip.Prefix
	given string // as the user wrote it
	seen  int    // number of entries from it
}

// parseNetwork reads a network or an address.
func parseNetwork(text string) (network, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return network{Prefix: netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), given: text}, nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return network{}, fmt.Errorf("%q is not a network; give one in CIDR notation, such as 198.51.100.0/24, or an address", text)
	}
	if prefix != prefix.Masked() {
		return network{}, fmt.Errorf("%s may mean the address %s or the network %s; give one of them", prefix, prefix.Addr(), prefix.Masked())
	}
	return network{Prefix: prefix, given: text}, nil
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
	for layout, zone := range map[string]*time.Location{
		time.RFC3339: time.UTC, time.DateOnly: time.UTC, "2006-01-02T15:04": time.Local, "2006-01-02T15:04:05": time.Local,
	} {
		if t, err := time.ParseInLocation(layout, strings.Replace(v, " ", "T", 1), zone); err == nil {
			m.Time = t
			return nil
		}
	}
	return fmt.Errorf("%q is not a time; give one such as 2026-11-20T08:00:00Z, 2026-11-20T08:00 in this machine's zone, 2026-11-20 in UTC, or 48h or 2d ago", v)
}

// noneBlank refuses a blank value, such as that of --user-agent "$UNSET", which would match all entries.
func noneBlank(flag string, values []string) error {
	for _, value := range values {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("%s is empty; give it a value, or leave it out", flag)
		}
	}
	return nil
}

// separate returns the values of a flag that takes several with commas between them.
func separate(flag string, lists []string) (values []string, err error) {
	for _, list := range lists {
		for value := range strings.SplitSeq(list, ",") {
			if value = strings.TrimSpace(value); value == "" && strings.Contains(list, ",") {
				return nil, fmt.Errorf("%s %q has an empty value; fill it in, or leave out the comma", flag, list)
			}
			values = append(values, value)
		}
	}
	return values, noneBlank(flag, values)
}
