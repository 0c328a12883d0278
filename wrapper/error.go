package wrapper

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// ErrInvalidOptions says that options were refused before anything was sent. The text of the error names the field and what
// to do.
var ErrInvalidOptions = errors.New("invalid options")

func invalid(field, problem string) error {
	return fmt.Errorf("%w: %s %s", ErrInvalidOptions, field, problem)
}

// Error describes a failed call. Every error that a method of [Client] or a bulk result returns is one. Match its code with
// errors.Is, and classify it with [OutcomeUnknown], [Retryable], [NotSent], [StopsRun] and [Reason]:
//
//	errors.Is(err, wrapper.ErrUserNotFound)
//
// If the call stopped between two attempts, for example because a wait would exceed ctx's deadline, the other fields describe
// the last attempt, and Err says why the call stopped. A token of 10 bytes or more is redacted in all fields, Err included. A
// cause that errors.As finds in Err may contain it, if a server or a proxy sent it back.
type Error struct {
	Method           string        // for instance "admin.users.session.reset"
	Attempts         int           // number of requests that the call made, with or without a connection
	Code             ErrorCode     // Slack's code; "" if there is none. ErrRateLimited also if another call's rate limit stopped this one before a response
	StatusCode       int           // HTTP status; 0 if no response came
	RetryAfter       time.Duration // how long the response asked to wait; 0 if it did not. Without a response, what is left of the wait that held the call back
	RequestID        string        // X-Slack-Req-Id, else X-Slack-Unique-Id; quote it to Slack's support
	Needed, Provided string        // scopes, with ErrMissingScope
	Messages         []string      // response_metadata.messages, at most 100
	Warnings         []string      // "warning" and response_metadata.warnings, each once, at most 100
	Header           http.Header   // header of the response; nil if none came
	Raw              []byte        // body of the response as far as it was read, 64 KiB at most
	Err              error         // cause if it is not Slack's response: connection, context, token source, options; else nil

	kind      kind   // what the last attempt was, or why there was none; unset if no call made this error
	stopKind  kind   // why the call stopped while it waited for another attempt; unset if it did not
	unknown   bool   // an attempt may have taken effect
	sent      bool   // an attempt had its body read or got a response
	detail    string // what is wrong with the response, if its code does not say it
	causeText string // text of Err, without the token
	gaveUp    bool   // the call made MaxAttempts, and more than one
	tooLong   string // the wait that is longer than MaxRetryAfter, in words; else ""
}

const maxMessages = 5 // in the text of an error

// Error returns a text like "slack: admin.users.session.reset: user_not_found (request 1a2b)": one line of printable
// characters, of bounded length, without the token. It says how many attempts were made, why no other followed, and whether the
// outcome is unknown.
func (e *Error) Error() string {
	text := "slack: " + e.Method + ": " + e.summary()
	if notes := e.notes(); len(notes) > 0 {
		text += " (" + strings.Join(notes, ", ") + ")"
	}
	if OutcomeUnknown(e) {
		text += "; outcome unknown"
	}
	return text
}

// summary returns what failed and why no other attempt followed.
func (e *Error) summary() string {
	var parts []string
	switch {
	case e.detail != "":
		parts = append(parts, e.detail)
	case e.Code != "":
		parts = append(parts, sanitize.Printable(string(e.Code)))
	case e.StatusCode != 0 || e.Err == nil:
		parts = append(parts, strings.TrimSpace("HTTP "+strconv.Itoa(e.StatusCode)+" "+http.StatusText(e.StatusCode)))
	}
	for _, m := range e.Messages[:min(len(e.Messages), maxMessages)] {
		parts = append(parts, sanitize.Printable(m))
	}
	switch {
	case e.causeText != "":
		parts = append(parts, e.causeText)
	case e.Err != nil:
		parts = append(parts, sanitize.Printable(errorText(e.Err)))
	}
	if e.gaveUp {
		parts = append(parts, fmt.Sprintf("gave up after %d attempts", e.Attempts))
	}
	if e.tooLong != "" {
		parts = append(parts, e.tooLong)
	}
	return strings.Join(parts, "; ")
}

func (e *Error) notes() (notes []string) {
	if e.Code != "" && e.StatusCode != http.StatusOK && e.StatusCode != 0 {
		notes = append(notes, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if e.Needed != "" {
		notes = append(notes, "needs "+sanitize.Printable(e.Needed)+", has "+sanitize.Printable(e.Provided))
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if e.Attempts > 1 && !e.gaveUp {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+sanitize.Printable(e.RequestID))
	}
	return notes
}

// Unwrap returns Err, or nil for a nil *Error, which a token source or a limiter can return by mistake.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is matches an [ErrorCode]. HTTP 429 is [ErrRateLimited] whatever the body says.
func (e *Error) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && e != nil && code != "" && (code == e.Code || code == ErrRateLimited && e.StatusCode == http.StatusTooManyRequests)
}
