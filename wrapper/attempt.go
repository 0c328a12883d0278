package wrapper

import (
	"context"
	"log/slog"
	"time"
)

// Attempt tells [Options].Observe about one request.
type Attempt struct {
	Method    string        // for instance "admin.users.session.reset"
	Number    int           // within its call, from 1
	Err       error         // nil after "ok": true
	RequestID string        // X-Slack-Req-Id; "" where no answer came
	Elapsed   time.Duration // of the request itself, without waits
	Delay     time.Duration // the wait that follows; 0 after the last attempt
}

// LogAttempts is an observer that logs every attempt: success at level Info, failure at Warn. It logs
// neither the token nor whom the call is about.
func LogAttempts(l *slog.Logger) func(context.Context, Attempt) {
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
	answer := answerIn(err)
	if answer == nil {
		return err
	}
	e := *answer
	e.Messages = nil
	return &e
}

func (c *Client) observe(ctx context.Context, h *history, resp *Response, err error, elapsed time.Duration) {
	if c.opts.Observe == nil {
		return
	}
	a := Attempt{Method: h.method, Number: h.requests, Err: err, Elapsed: elapsed, Delay: h.wait}
	if resp != nil {
		a.RequestID = resp.RequestID
	} else if answer := answerIn(err); answer != nil {
		a.RequestID = answer.RequestID
	}
	c.opts.Observe(ctx, a)
}
