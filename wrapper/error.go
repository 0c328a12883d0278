package wrapper

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

// ErrInvalidOptions says that options or settings were refused before anything was sent. The text of the error names the
// field and what to do.
var ErrInvalidOptions = errors.New("invalid options")

func invalid(field, problem string) error {
	return fmt.Errorf("%w: %s %s", ErrInvalidOptions, field, problem)
}

// Error is why a call failed. Every error that a method of [Client] or a bulk result returns is one. Match its code with
// errors.Is, and ask it with [Retryable], [OutcomeUnknown], [NotSent], [StopsRun] and [Reason]:
//
//	errors.Is(err, wrapper.ErrUserNotFound)
//
// Where Slack answered and the call ended for another reason, such as a wait that would outlast its context, the
// fields tell of the answer and Err of the reason. No field contains the token, except that Err might.
type Error struct {
	Method           string        // for instance "admin.users.session.reset"
	Attempts         int           // requests that the call made; 0 = none
	Code             ErrorCode     // Slack's code; "" where the answer has none or none came
	StatusCode       int           // of HTTP; 0 where no answer came
	RetryAfter       time.Duration // how long Slack asks to wait; 0 where it does not. For a header: RetryAfter.Seconds()
	RequestID        string        // X-Slack-Req-Id, else X-Slack-Unique-Id: by it Slack's support finds the request
	Needed, Provided string        // scopes, with ErrMissingScope
	Messages         []string      // response_metadata.messages, at most 100
	Warnings         []string      // "warning" and response_metadata.warnings, each once, at most 100
	Header           http.Header   // of the answer; nil where none came
	Raw              []byte        // the answer's body as far as it was read, 64 KiB at most
	Err              error         // the cause where it is not Slack's answer: connection, context, token source, options; else nil

	problem   string // what is wrong with the answer, where its code does not say it
	says      string // the text of Err, without the token
	spoken    bool   // the answer has a boolean "ok"
	noVerdict bool   // Slack's verdict is not in the answer, whose status has no other meaning
	unknown   bool   // a request may have taken effect
	unsent    bool   // no request was handed to a connection
}

const maxMessages = 5 // in the text of an error

// Error reads like "slack: admin.users.session.reset: user_not_found (request 1a2b)": one line of printable characters,
// of bounded length, without the token.
func (e *Error) Error() string {
	text := "slack: " + e.Method + ": " + strings.Join(e.what(), "; ")
	if notes := e.notes(); len(notes) > 0 {
		text += " (" + strings.Join(notes, ", ") + ")"
	}
	return text
}

func (e *Error) what() []string {
	var parts []string
	switch {
	case e.problem != "":
		parts = append(parts, e.problem)
	case e.Code != "":
		parts = append(parts, untrusted.Printable(string(e.Code)))
	case e.StatusCode != 0 || e.Err == nil:
		parts = append(parts, strings.TrimSpace("HTTP "+strconv.Itoa(e.StatusCode)+" "+http.StatusText(e.StatusCode)))
	}
	for _, m := range e.Messages[:min(len(e.Messages), maxMessages)] {
		parts = append(parts, untrusted.Printable(m))
	}
	switch {
	case e.says != "":
		parts = append(parts, e.says)
	case e.Err != nil:
		parts = append(parts, untrusted.Printable(e.Err.Error()))
	}
	return parts
}

func (e *Error) notes() (notes []string) {
	if e.Code != "" && e.StatusCode != http.StatusOK && e.StatusCode != 0 {
		notes = append(notes, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if e.Needed != "" {
		notes = append(notes, "needs "+untrusted.Printable(e.Needed)+", has "+untrusted.Printable(e.Provided))
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+untrusted.Printable(e.RequestID))
	}
	return notes
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is matches an [ErrorCode]. HTTP 429 is [ErrRateLimited] whatever the body says.
func (e *Error) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && code != "" && (code == e.Code || code == ErrRateLimited && e.StatusCode == http.StatusTooManyRequests)
}

// endedBy returns e with the reason why the call ended. It copies e, because observers may have it already.
func (e *Error) endedBy(reason error) *Error {
	if errors.Is(e.Err, reason) {
		return e // it says so already
	}
	ended := *e
	ended.Err, ended.says = reason, untrusted.Printable(reason.Error())
	if e.Err != nil {
		ended.Err, ended.says = fmt.Errorf("%w; %w", e.Err, reason), e.says+"; "+ended.says
	}
	return &ended
}
