package wrapper

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Attempt tells [Options].Observe about one request.
type Attempt struct {
	Method    string        // for instance "admin.users.session.reset"
	Number    int           // within its call, from 1; beyond MaxAttempts after rate limits and outages in a bulk run
	Err       error         // nil after "ok": true; else an *Error that tells of the call so far
	RequestID string        // X-Slack-Req-Id; "" where no answer came
	Elapsed   time.Duration // of the request itself, without waits
	Delay     time.Duration // about how long the call waits before its next attempt; 0 after the last
}

// LogAttempts is an Observe that logs every attempt: success at level Info, failure at Warn. It logs neither the token nor
// the user's ID. It panics if l is nil.
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
		if a.RequestID != "" {
			attrs = append(attrs, slog.String("request_id", a.RequestID))
		}
		if a.Err != nil {
			level, message = slog.LevelWarn, "slack request failed"
			attrs = append(attrs, slog.String("error", withoutMessages(a.Err).Error()))
		}
		if a.Delay > 0 {
			attrs = append(attrs, slog.Duration("retry_in", a.Delay))
		}
		l.LogAttrs(ctx, level, message, attrs...)
	}
}

// withoutMessages drops Slack's remarks, which may name a user.
func withoutMessages(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	silent := *e
	silent.Messages = nil
	return &silent
}

func (c *Client) observe(ctx context.Context, h *history, resp *Response, elapsed, delay time.Duration) {
	if c.opts.Observe == nil {
		return
	}
	a := Attempt{Method: h.method, Number: h.requests, Elapsed: elapsed, Delay: delay}
	if resp != nil {
		a.RequestID = resp.RequestID
	} else {
		a.Err, a.RequestID = h.last, h.last.RequestID
	}
	c.opts.Observe(ctx, a)
}
