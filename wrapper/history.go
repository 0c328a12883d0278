package wrapper

import (
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// history is what a call has met so far.
type history struct {
	method    string
	pacing    pace.Call
	permitted bool // by the limiter, for the next request

	requests int    // made
	attempts int    // those of them that count against MaxAttempts
	last     *Error // of the latest request; nil after none, and after success
	token    string // of the latest request
	renewing bool   // the latest request is the first that was refused for an expired token
	renewed  bool   // there was such a request
	reached  bool   // some request was handed to a connection
	unknown  bool   // some request left open whether it took effect
}

// add notes what a request came to. Errors tell of the whole call, so they are completed here.
func (h *history) add(token string, resp *Response, e *Error, counts bool) {
	h.requests++
	h.permitted = false
	h.token, h.last = token, e
	if resp != nil {
		resp.Attempts = h.requests
		return
	}
	h.renewing = !h.renewed && e.expired()
	h.renewed = h.renewed || h.renewing
	if counts && !h.renewing {
		h.attempts++
	}
	h.reached = h.reached || !e.unsent
	h.unknown = h.unknown || OutcomeUnknown(e)
	e.Attempts, e.unknown, e.unsent = h.requests, h.unknown, !h.reached
}

// endedBy is the error of a call that makes no other request because of err.
func (h *history) endedBy(err error) error {
	if h.last != nil && errors.Is(err, h.last) {
		return h.last
	}
	e := &Error{Method: h.method}
	if h.last != nil {
		e = h.last
	}
	e = e.endedBy(err)
	var held *pace.HeldBack
	if errors.As(err, &held) && e.StatusCode == 0 {
		e.RetryAfter = held.Remaining
		if held.RateLimit {
			e.Code = ErrRateLimited
		}
	}
	return e
}
