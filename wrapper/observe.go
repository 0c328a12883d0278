package wrapper

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// Attempt describes one request to [Options].Observe.
type Attempt struct {
	Method    string        // for instance "admin.users.session.reset"
	Number    int           // within its call, from 1; can exceed MaxAttempts: not every attempt counts against it
	Err       error         // nil after "ok": true; else an *Error that describes the call so far
	RequestID string        // X-Slack-Req-Id; "" if no response came
	Elapsed   time.Duration // duration of the request itself, without waits
	Delay     time.Duration // about how long the call waits before its next attempt; 0 if none is planned
}

// LogAttempts returns an Observe that logs every attempt: success at level Info, failure at Warn. The attributes are method,
// attempt and elapsed, and if known status, reason, request_id, retry_in and error. Neither the token nor a user's ID is
// logged. LogAttempts panics if l is nil.
func LogAttempts(l *slog.Logger) func(context.Context, Attempt) {
	if l == nil {
		panic("wrapper.LogAttempts: the logger is nil")
	}
	return func(ctx context.Context, a Attempt) {
		level, message := slog.LevelInfo, "slack request"
		attrs := []slog.Attr{
			slog.String("method", a.Method),
			slog.Int("attempt", a.Number),
			slog.Duration("elapsed", a.Elapsed),
		}
		if a.Err != nil {
			level, message = slog.LevelWarn, "slack request failed"
			attrs = append(attrs, errorAttrs(a.Err)...)
		}
		if a.RequestID != "" {
			attrs = append(attrs, slog.String("request_id", sanitize.Printable(a.RequestID)))
		}
		if a.Delay > 0 {
			attrs = append(attrs, slog.Duration("retry_in", a.Delay))
		}
		l.LogAttrs(ctx, level, message, attrs...)
	}
}

// errorAttrs leaves out the response's messages, because they may name a user.
func errorAttrs(err error) (attrs []slog.Attr) {
	var e *Error
	if errors.As(err, &e) && e != nil {
		if e.StatusCode != 0 {
			attrs = append(attrs, slog.Int("status", e.StatusCode))
		}
		withoutMessages := *e
		withoutMessages.Messages = nil
		err = &withoutMessages
	}
	return append(attrs, slog.String("reason", Reason(err)), slog.String("error", err.Error()))
}

func (s *callState) observe(ctx context.Context, resp *Response, elapsed, delay time.Duration) {
	if s.client.opts.Observe == nil {
		return
	}
	a := Attempt{Method: s.method, Number: s.attempts, Elapsed: elapsed, Delay: delay}
	if resp != nil {
		a.RequestID = resp.RequestID
	} else {
		a.Err, a.RequestID = s.last, s.last.RequestID
	}
	s.client.opts.Observe(ctx, a)
}

// LogValue returns a group with method, reason and attempts, and if known code, status, request_id and outcome_unknown. It
// has neither the token nor a user's ID.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method),
		slog.String("reason", Reason(e)),
		slog.Int("attempts", e.Attempts),
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", sanitize.Printable(string(e.Code))))
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", sanitize.Printable(e.RequestID)))
	}
	if OutcomeUnknown(e) {
		attrs = append(attrs, slog.Bool("outcome_unknown", true))
	}
	return slog.GroupValue(attrs...)
}
