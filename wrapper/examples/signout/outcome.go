package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// status says whether a user is signed out.
type status string

const (
	statusOut      status = "out"       // Slack said so
	statusRefused  status = "refused"   // by Slack
	statusFailed   status = "failed"    // not out, and Slack has not refused it either
	statusUnknown  status = "unknown"   // may or may not be out
	statusNotTried status = "not tried" // the run stopped before
)

// outcome is what became of a user.
type outcome struct {
	Status    status    `json:"status"`
	Code      string    `json:"code,omitempty"` // Slack's, or what stands in for it
	Attempts  int       `json:"attempts,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Time      time.Time `json:"-"`

	problem string // the error, without the name of the method
}

// Codes of what ended without a code of Slack's.
const (
	codeCutOff    = "(cut off)"
	codeNoAnswer  = "(no answer)"
	codeNoVerdict = "(no verdict)"
)

func rateLimited(err error) bool { return errors.Is(err, wrapper.ErrRateLimited) }

// outcomeOf tells what a call came to; ended says that its run had to end.
func outcomeOf(resp *wrapper.Response, err error, ended bool, now time.Time) outcome {
	if err == nil {
		return outcome{Status: statusOut, Attempts: resp.Attempts, RequestID: resp.RequestID, Time: now}
	}
	o := outcome{Status: statusFailed, Code: codeNoAnswer, Time: now}
	o.problem = strings.TrimPrefix(err.Error(), "slack: admin.users.session.reset: ")
	var answer *wrapper.Error
	switch {
	case errors.As(err, &answer):
		o.Status, o.Attempts, o.RequestID = statusRefused, answer.Attempts, answer.RequestID
		switch {
		case answer.Code != "":
			o.Code = string(answer.Code)
		case answer.StatusCode != http.StatusOK:
			o.Code = "HTTP " + strconv.Itoa(answer.StatusCode)
		default:
			o.Code = codeNoVerdict
		}
	case ended:
		o.Code = codeCutOff
	}
	switch {
	case wrapper.OutcomeUnknown(err):
		o.Status = statusUnknown
	case rateLimited(err): // to the end of the run, for nothing else ends the wait
		o.Status = statusFailed
	}
	return o
}

// String tells the outcome on one line.
func (o outcome) String() string {
	if o.Status == statusOut {
		if o.Attempts > 1 {
			return fmt.Sprintf("after %d requests", o.Attempts)
		}
		return ""
	}
	return printable(o.problem)
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
