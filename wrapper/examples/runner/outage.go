package runner

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// outage counts the attempts in a row to which Slack did not respond.
type outage struct {
	since    time.Time
	failures int
	cause    string // of the latest failure
	final    bool   // trying again did not help, as against a proxy that refuses
}

// outageAfter is the number of such attempts that messages call an outage. In a bulk run of the library an outage begins
// when as many different calls have failed so.
const outageAfter = 3

func (o outage) begun() bool { return o.failures >= outageAfter }

// add counts an attempt, and reports whether it begins the outage.
func (o *outage) add(a wrapper.Attempt, now time.Time) bool {
	if o.failures++; o.failures == 1 {
		o.since = now.Add(-a.Elapsed)
	}
	o.cause, o.final = outageCause(a.Err), !wrapper.Retryable(a.Err)
	return o.failures == outageAfter
}

func (o outage) String() string { return fmt.Sprintf("%s since %s", o.cause, timeOfDay(o.since)) }

// isResponse reports whether an attempt with this error got a response from Slack.
func isResponse(err error) bool {
	var e *wrapper.Error
	return err == nil || errors.Is(err, wrapper.ErrRateLimited) ||
		errors.As(err, &e) && e.Code != "" && e.StatusCode < http.StatusInternalServerError
}

// outageCause says in a few words why an attempt got no response from Slack.
func outageCause(err error) string {
	var e *wrapper.Error
	reason := wrapper.Reason(err)
	switch {
	case errors.As(err, &e) && e.StatusCode >= http.StatusMultipleChoices:
		return fmt.Sprintf("HTTP %d", e.StatusCode)
	case reason == "no_verdict":
		return "unusable responses"
	case reason == "no_answer":
		return printable(fmt.Sprintf("%.80s", innermost(err)))
	default:
		return strings.ReplaceAll(reason, "_", " ")
	}
}

// innermost returns the error at the end of a chain.
func innermost(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}
