package wrapper

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrInvalidOptions is what every refusal before the first request wraps: the options, the settings or
// the token cannot be used as they are. The error's text names the field and what to do.
var ErrInvalidOptions = errors.New("invalid options")

func invalid(field, problem string) error {
	return fmt.Errorf("%w: %s %s", ErrInvalidOptions, field, problem)
}

// Error is an answer that is not HTTP 200 with "ok": true. Match its code with errors.Is:
//
//	errors.Is(err, wrapper.ErrUserNotFound)
type Error struct {
	Method           string        // for instance "admin.users.session.reset"
	Code             ErrorCode     // Slack's code; "" where the answer has none
	StatusCode       int           // of HTTP
	RetryAfter       time.Duration // how long Slack asks to wait; 0 where it does not
	RequestID        string        // X-Slack-Req-Id, by which Slack's support finds the request
	Needed, Provided string        // scopes, with ErrMissingScope
	Messages         []string      // response_metadata.messages
	Attempts         int           // requests that the call took

	problem        string // what is wrong with the answer, where its code does not say it
	noVerdict      bool   // HTTP 2xx, yet Slack's verdict is not in it
	outcomeUnknown bool   // an earlier attempt left the outcome open
}

// Error reads like "slack: admin.users.session.reset: user_not_found (request 1a2b)".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("slack: " + e.Method + ": " + e.what())
	for _, m := range e.Messages[:min(len(e.Messages), maxMessages)] {
		b.WriteString("; " + printable(m))
	}
	var notes []string
	if e.Code != "" && e.StatusCode != http.StatusOK && e.StatusCode != 0 {
		notes = append(notes, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if e.Needed != "" {
		notes = append(notes, "needs "+printable(e.Needed)+", has "+printable(e.Provided))
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+printable(e.RequestID))
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

func (e *Error) what() string {
	switch {
	case e.problem != "":
		return e.problem
	case e.Code != "":
		return printable(string(e.Code))
	default:
		return strings.TrimSpace("HTTP " + strconv.Itoa(e.StatusCode) + " " + http.StatusText(e.StatusCode))
	}
}

// Is matches an [ErrorCode]. HTTP 429 is [ErrRateLimited] whatever the body says.
func (e *Error) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && code != "" && (code == e.Code || code == ErrRateLimited && e.StatusCode == http.StatusTooManyRequests)
}

// callError is the end of a call to which Slack gave no answer. It keeps what caused it matchable.
type callError struct {
	method         string
	err            error
	outcomeUnknown bool
}

func (e *callError) Error() string { return "slack: " + e.method + ": " + e.err.Error() }
func (e *callError) Unwrap() error { return e.err }
func (e *callError) unknown() bool { return e.outcomeUnknown }

// sourceError is the failure of something that the caller supplied, which does its own retries.
type sourceError struct {
	source string // "token source" or "limiter"
	err    error
}

func (e *sourceError) Error() string { return e.source + ": " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// What a server wrote neither breaks a line of an error's text nor fills a screen.
const (
	maxMessages = 5
	maxText     = 200 // bytes of each
)

func printable(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
