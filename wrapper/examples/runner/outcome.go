package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// A status says whether an item is out, that is, whether its sessions have ended.
type status string

const (
	statusOut      status = "out"       // Slack confirmed it
	statusNotThere status = "not there" // Slack does not have it: it ended before, or belongs to another organisation
	statusRefused  status = "refused"   // Slack refused this item
	statusUnknown  status = "unknown"   // it may or may not be out
	statusFailed   status = "failed"    // it is not out, for a reason that has nothing to do with the item
	statusNotTried status = "not tried" // the run stopped before its call, or while the call waited for the rate limit
)

// statuses is the order in which the summary counts them.
var statuses = []status{statusOut, statusNotThere, statusRefused, statusUnknown, statusFailed, statusNotTried}

// An outcome is the result of an item.
type outcome struct {
	Status    status    `json:"status"`
	Reason    string    `json:"reason,omitempty"` // wrapper.Reason, or a code that Slack does not document; of an item that is out, why Slack had nothing to do
	Error     string    `json:"error,omitempty"`
	Attempts  int       `json:"attempts,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Repeat    bool      `json:"repeat,omitempty"` // another call may end otherwise
	Time      time.Time `json:"-"`

	fromJournal bool // this run has no result of the item
	printed     bool // its line of JSON is printed
}

// newOutcome returns the outcome of a call. An item is out if Slack refuses it with the code already, or with the code notThere
// after an attempt that may have taken effect.
func newOutcome(resp *wrapper.Response, err error, already, notThere wrapper.ErrorCode) outcome {
	o := outcome{Reason: wrapper.Reason(err), Time: time.Now()}
	if err == nil {
		o.Status, o.Attempts, o.RequestID = statusOut, resp.Attempts, resp.RequestID
		return o
	}
	var e *wrapper.Error
	if !errors.As(err, &e) {
		e = &wrapper.Error{}
	}
	o.Attempts, o.RequestID, o.Error = e.Attempts, e.RequestID, commandLineWords(strings.TrimPrefix(err.Error(), "slack: "+e.Method+": "))
	if o.Reason == "other_code" {
		o.Reason = printable(string(e.Code))
	}
	ended := o.Reason == "canceled" || o.Reason == "deadline"
	switch {
	case errors.Is(err, already), errors.Is(err, notThere) && wrapper.OutcomeUnknown(err):
		o.Status, o.Error = statusOut, ""
	case errors.Is(err, notThere):
		o.Status = statusNotThere
	case wrapper.OutcomeUnknown(err):
		o.Status = statusUnknown
	case ended && wrapper.NotSent(err), isContextError(err) && errors.Is(err, wrapper.ErrRateLimited):
		o.Status = statusNotTried
	case e.Code != "" && wrapper.StopsRun(err) && !errors.Is(err, wrapper.ErrRateLimited):
		o.Status, o.Error = statusFailed, "Slack refuses every call: "+o.Error
	case e.Code != "" && !wrapper.Retryable(err):
		o.Status = statusRefused
	default:
		o.Status = statusFailed
	}
	settled := o.Status == statusOut || o.Status == statusNotThere
	o.Repeat = !settled && (wrapper.OutcomeUnknown(err) || wrapper.Retryable(err) || isContextError(err))
	return o
}

// isContextError reports whether the end of the run ended a call.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// after returns the outcome of an item that had an earlier outcome, when o is that of a new call. An unknown item stays
// unknown until Slack says that it is out; a call that was not made changes nothing.
func (o outcome) after(earlier outcome) outcome {
	switch {
	case o.Status == statusNotThere && earlier.Status == statusUnknown:
		o.Status, o.Error = statusOut, ""
	case o.Status == statusNotTried:
		return earlier
	case o.Status != statusOut && earlier.Status == statusUnknown:
		o.Status, o.Repeat = statusUnknown, true
	}
	return o
}

// note returns what a line says beside the status.
func (o outcome) note() string {
	switch {
	case o.Status != statusOut:
		return printable(o.Error)
	case o.Reason != "":
		return "already (" + printable(o.Reason) + ")"
	case o.Attempts > 1:
		return fmt.Sprintf("after %d requests", o.Attempts)
	default:
		return ""
	}
}

// when returns the time for report and JSON.
func (o outcome) when() string {
	if o.Time.IsZero() {
		return ""
	}
	return o.Time.UTC().Format(time.RFC3339)
}

var (
	requestURL     = regexp.MustCompile(`Post "[^"]*": `) // the same in every error
	longRetryAfter = regexp.MustCompile(`longer than MaxRetryAfter \(([^)]*)\)`)
	libraryWords   = strings.NewReplacer(
		"the context would end first", "the run would end before",
		"context deadline exceeded", "--timeout has passed",
		"context canceled", "the run was ended",
	)
)

// commandLineWords replaces the library's terms in an error, such as options and contexts, by those of the command line.
func commandLineWords(text string) string {
	text = longRetryAfter.ReplaceAllString(requestURL.ReplaceAllString(text, ""), "longer than the $1 that a call waits")
	parts := strings.Split(libraryWords.Replace(text), "; ")
	return strings.Join(slices.Compact(parts), "; ") // the end of the run may end both an attempt and the call
}
