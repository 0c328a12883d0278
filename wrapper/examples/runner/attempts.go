package runner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// outage is a time without a response from Slack.
type outage struct {
	since    time.Time
	failures int // attempts in a row
	cause    string
}

// outageAfter is how many attempts in a row without a response begin an outage, as in wrapper's bulk runs.
const outageAfter = 3

func (o outage) begun() bool { return o.failures >= outageAfter }

// failed counts an attempt without a response, and reports whether an outage begins with it.
func (o *outage) failed(a wrapper.Attempt, now time.Time) bool {
	if o.failures++; o.failures == 1 {
		o.since = now.Add(-a.Elapsed)
	}
	o.cause = cause(a.Err)
	return o.failures == outageAfter
}

func (o outage) String() string { return fmt.Sprintf("%s since %s", o.cause, minute(o.since)) }

// responded reports whether an attempt got a response from Slack.
func responded(err error) bool {
	var e *wrapper.Error
	return err == nil || errors.Is(err, wrapper.ErrRateLimited) ||
		errors.As(err, &e) && e.Code != "" && e.StatusCode < http.StatusInternalServerError
}

// innermost returns the error at the end of a chain.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// cause says in a few words why Slack does not respond.
func cause(err error) string {
	var (
		errno syscall.Errno
		name  *net.DNSError
		e     *wrapper.Error
	)
	switch reason := wrapper.Reason(err); {
	case errors.As(err, &name):
		return printable(fmt.Sprintf("no address for %s (%s)", name.Name, name.Err))
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &e) && e.StatusCode >= http.StatusMultipleChoices:
		return fmt.Sprintf("HTTP %d", e.StatusCode)
	case reason == "no_answer":
		return printable(fmt.Sprintf("%.80s", innermost(err)))
	default:
		return strings.ReplaceAll(reason, "_", " ")
	}
}

// attempt counts an attempt, and prints what changes with it.
func (p *progress) attempt(_ context.Context, a wrapper.Attempt) {
	if line := p.count(a, time.Now()); line != "" {
		fmt.Fprintln(p.output.log, line)
	}
}

// count counts an attempt, and returns what changes with it.
func (p *progress) count(a wrapper.Attempt, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if errors.Is(a.Err, context.Canceled) { // by an interrupt; it tells nothing of Slack
		return ""
	}
	if !responded(a.Err) {
		if p.outage.failed(a, now) {
			return p.line(now) + "."
		}
		return ""
	}
	var lines []string
	if p.outage.begun() {
		lines = append(lines, "Slack responds again.")
	}
	p.outage = outage{}
	if errors.Is(a.Err, wrapper.ErrRateLimited) {
		p.limited++
		wait := a.Delay
		if e := new(wrapper.Error); errors.As(a.Err, &e) && wait == 0 { // the call ends instead of waiting
			wait = e.RetryAfter
		}
		if hold := now.Add(wait); hold.After(p.hold.Add(time.Second)) { // calls in flight meet one limit together
			p.hold = hold
			p.rate.limited(hold)
			lines = append(lines, "Slack limits the rate.")
		}
	}
	if len(lines) > 0 {
		lines = append(lines, p.line(now)+".")
	}
	return strings.Join(lines, " ")
}
