package wrapper

import (
	"errors"
	"fmt"
	"time"
)

// history is what a call has met so far.
type history struct {
	method   string
	requests int           // sent
	attempts int           // those of them that count against MaxAttempts
	err      error         // of the latest request
	wait     time.Duration // that follows it
	unknown  bool          // some request left open whether it took effect
	token    string        // of the latest request
	renewing bool          // the latest request is the first that was refused for an expired token
	renewed  bool          // there was such a request
}

// add notes what a request came to. Errors tell of the whole call, so they are completed here.
func (h *history) add(p policy, token string, resp *Response, err error) {
	h.requests++
	h.token, h.err = token, err
	h.renewing = expired(err) && !h.renewed
	h.renewed = h.renewed || h.renewing
	if !h.renewing && p.counts(err) {
		h.attempts++
	}
	if resp != nil {
		resp.Attempts = h.requests
	}
	h.unknown = h.unknown || OutcomeUnknown(err)
	h.complete(err)
}

func (h *history) complete(err error) {
	if err == nil {
		return
	}
	if answer := answerIn(err); answer != nil {
		answer.Attempts = h.requests
		answer.outcomeUnknown = h.unknown
	}
	var call *callError
	if errors.As(err, &call) {
		call.outcomeUnknown = h.unknown
	}
}

// endedBy is the error of a call that err keeps from sending another request.
func (h *history) endedBy(err error) error {
	var held *heldBackError
	switch {
	case errors.As(err, &held):
		answer := *held.answer // other calls have it too
		h.complete(&answer)
		if held.ended == nil {
			return &answer
		}
		return both(&answer, held.ended)
	case h.err != nil:
		return both(h.err, err)
	default:
		return &callError{method: h.method, err: err}
	}
}

// both is err for a call that also ended by cause.
func both(err, cause error) error {
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
