package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// status says whether an item is out.
type status string

const (
	statusOut      status = "out"       // Slack said so
	statusRefused  status = "refused"   // by Slack
	statusFailed   status = "failed"    // not out, and Slack has not refused it either
	statusUnknown  status = "unknown"   // may or may not be out
	statusNotThere status = "not there" // Slack does not know it: it is over, or of another organisation
	statusNotTried status = "not tried" // the run stopped before
)

// statuses is the order in which they are counted.
var statuses = []status{statusOut, statusNotThere, statusRefused, statusUnknown, statusFailed, statusNotTried}

// outcome is the result of an item.
type outcome struct {
	Status    status    `json:"status"`
	Reason    string    `json:"reason,omitempty"` // wrapper.Reason, or Slack's code if it is a new one; if the item is out, why Slack had nothing to do
	Error     string    `json:"error,omitempty"`
	Attempts  int       `json:"attempts,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Time      time.Time `json:"-"`

	again   bool // another call may end otherwise
	cut     bool // the end of the run ended the call
	emitted bool // its line of JSON is written
	earlier bool // an earlier run with this journal had it, and this run has no other
}

// outcomeOf returns the outcome of a call. A refusal with gone says that the item is out already. One with notThere says so
// after an attempt that may have taken effect; else Slack does not know the item.
func outcomeOf(resp *wrapper.Response, err error, gone, notThere wrapper.ErrorCode) outcome {
	o := outcome{Reason: wrapper.Reason(err), Time: time.Now()}
	if err == nil {
		o.Status, o.Attempts, o.RequestID = statusOut, resp.Attempts, resp.RequestID
		return o
	}
	var e *wrapper.Error
	if !errors.As(err, &e) {
		e = &wrapper.Error{}
	}
	o.Attempts, o.RequestID, o.Error = e.Attempts, e.RequestID, explained(strings.TrimPrefix(err.Error(), "slack: "+e.Method+": "))
	if o.Reason == "other_code" {
		o.Reason = printable(string(e.Code))
	}
	o.cut = errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	switch {
	case errors.Is(err, gone), errors.Is(err, notThere) && wrapper.OutcomeUnknown(err):
		o.Status, o.Error = statusOut, ""
	case errors.Is(err, notThere):
		o.Status = statusNotThere
	case wrapper.OutcomeUnknown(err):
		o.Status, o.again = statusUnknown, true
	case wrapper.NotSent(err) && o.cut:
		o.Status, o.again = statusNotTried, true
	case e.Code != "" && !errors.Is(err, wrapper.ErrRateLimited):
		o.Status, o.again = statusRefused, wrapper.Retryable(err)
	default:
		o.Status, o.again = statusFailed, wrapper.Retryable(err) || o.cut
	}
	return o
}

// after returns the outcome of an item whose outcome was earlier before this call. Once unknown, it stays unknown until
// Slack says that the item is out; a call that was not made changes nothing.
func (o outcome) after(earlier outcome) outcome {
	switch {
	case o.Status == statusOut:
	case o.Status == statusNotThere && earlier.Status == statusUnknown:
		o.Status, o.Error = statusOut, ""
	case o.Status == statusNotTried && earlier.Status != "":
		return earlier
	case earlier.Status == statusUnknown:
		o.Status = statusUnknown
	}
	return o
}

// noneThere reports whether items are not there, and no response shows that Slack knows any item.
func (r *run[O]) noneThere() bool {
	some := false
	for _, o := range r.outcomes {
		switch {
		case o.Status == statusNotThere:
			some = true
		case o.Status == statusOut && o.Reason != string(r.NotThere):
			return false
		}
	}
	return some
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

var (
	address        = regexp.MustCompile(`Post "[^"]*": `) // the same in each line
	longRetryAfter = regexp.MustCompile(`longer than MaxRetryAfter \(([^)]*)\)`)
	library        = strings.NewReplacer(
		"the context would end first", "the run would end before",
		"context deadline exceeded", "--timeout has passed",
		"context canceled", "the run was ended",
	)
)

// explained puts what the library says about its options and contexts into the words of the command line.
func explained(text string) string {
	text = address.ReplaceAllString(text, "")
	return library.Replace(longRetryAfter.ReplaceAllString(text, "longer than the $1 that a call waits"))
}
