package main

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

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
type moment struct {
	time.Time
	local string // as it was given, if without a zone: it is a time of the local one
}

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
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, strings.Replace(v, " ", "T", 1), time.Local); err == nil {
			*m = moment{t, v}
			return nil
		}
	}
	return errors.New("give a time such as 2026-11-20T08:00:00Z, one of this machine's zone such as 2026-11-20T08:00, a day in UTC such as 2026-11-20, or how long ago, such as 48h or 2d")
}
