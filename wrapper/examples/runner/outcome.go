package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// status says whether an item is out.
type status string

const (
	statusOut      status = "out"       // Slack said so
	statusRefused  status = "refused"   // by Slack
	statusFailed   status = "failed"    // not out, and Slack has not refused it either
	statusUnknown  status = "unknown"   // may or may not be out
	statusNotTried status = "not tried" // the run stopped before
)

// statuses is the order in which they are counted.
var statuses = []status{statusOut, statusRefused, statusUnknown, statusFailed, statusNotTried}

// outcome is what became of an item.
type outcome struct {
	Status    status    `json:"status"`
	Reason    string    `json:"reason,omitempty"` // wrapper.Reason; of one that is out, why Slack had nothing to do
	Error     string    `json:"error,omitempty"`
	Attempts  int       `json:"attempts,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Time      time.Time `json:"-"`

	passing bool // another call may end otherwise
	emitted bool // its line of JSON is written
}

// outcomeOf tells what a call came to. A refusal among gone says that the item is out already. ended says that
// the run had to end.
func outcomeOf(resp *wrapper.Response, err error, gone []wrapper.ErrorCode, ended bool) outcome {
	now := time.Now()
	if err == nil {
		return outcome{Status: statusOut, Attempts: resp.Attempts, RequestID: resp.RequestID, Time: now}
	}
	o := outcome{Status: statusFailed, Reason: wrapper.Reason(err), Error: err.Error(), Time: now}
	var e *wrapper.Error
	if errors.As(err, &e) {
		o.Error = strings.TrimPrefix(o.Error, "slack: "+e.Method+": ")
		o.Attempts, o.RequestID = e.Attempts, e.RequestID
	}
	switch {
	case slices.ContainsFunc(gone, func(code wrapper.ErrorCode) bool { return errors.Is(err, code) }):
		o.Status, o.Error = statusOut, ""
		return o
	case wrapper.OutcomeUnknown(err):
		o.Status = statusUnknown
	case wrapper.NotSent(err) && ended:
		o.Status = statusNotTried
	case e != nil && e.Code != "" && !errors.Is(err, wrapper.ErrRateLimited):
		o.Status = statusRefused
	}
	o.passing = o.Status != statusRefused || wrapper.Retryable(err)
	return o
}

// after is what stands after another call for the same item: what may have taken effect, may have.
func (o outcome) after(earlier outcome) outcome {
	if earlier.Status == statusUnknown && o.Status != statusOut {
		o.Status = statusUnknown
	}
	return o
}

// unfinished reports whether a call is still to be made for the item.
func (o outcome) unfinished() bool {
	return o.Status == statusNotTried || o.Status != statusOut && o.passing
}

// note is what a line says about the outcome besides its status.
func (o outcome) note() string {
	switch {
	case o.Status != statusOut:
		return printable(o.Error)
	case o.Reason != "":
		return "already (" + printable(o.Reason) + ")"
	case o.Attempts > 1:
		return fmt.Sprintf("after %d requests", o.Attempts)
	}
	return ""
}

// printable keeps what others wrote from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
