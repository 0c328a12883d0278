package wrapper

import (
	"cmp"
	"context"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/parallel"
)

// BulkOptions are the settings of one bulk run. The zero value is ready to use.
type BulkOptions struct {
	Concurrency int           // calls at once; 0 or less = 8
	MaxOutage   time.Duration // longest time without an answer from Slack that the run waits for; 0 = 10 min, negative = none
}

const (
	defaultConcurrency = 8 // measured: more is no faster under Slack's limits, fewer loses time where Slack is slow
	defaultMaxOutage   = 10 * time.Minute
)

// BulkResult is the result for one input. Exactly one of Response and Err is nil; Err is an [*Error].
type BulkResult[O any] struct {
	Index    int // position in the input, from 0
	Options  O
	Response *Response
	Err      error
}

// BulkReset resets the sessions of many users: [Client.ResetSessions] for each, several at once. It yields one result for
// each user that it took from the sequence, in the order in which they are ready. It takes users no further ahead than
// the concurrency, so memory does not grow with their number.
//
// A rate limit makes no call fail: the run waits for its end, however long that takes, unless ctx ends first. An outage of
// up to MaxOutage makes no call fail either: when three calls in a row get no answer from Slack, the run sends one request
// at a time, after the backoff, until Slack answers. These attempts do not count against MaxAttempts.
//
// An error for which [StopsRun] is true keeps the run from taking more users. Then, and when ctx ends, users that were not
// taken have no result and no request was made for them.
//
// Breaking out of the loop starts nothing more and cancels the calls in flight. Their results are lost: these users, at
// most as many as the concurrency, may or may not be signed out. The loop ends only after the
// sequence has returned, so a sequence that blocks should watch ctx. Each loop over the result is a run of its own.
func (c *Client) BulkReset(ctx context.Context, users iter.Seq[ResetOptions], opts BulkOptions) iter.Seq[BulkResult[ResetOptions]] {
	return bulk(ctx, c, users, opts, c.resetSessions)
}

// BulkInvalidate ends many sessions: [Client.InvalidateSession] for each, under the rules of [Client.BulkReset].
func (c *Client) BulkInvalidate(ctx context.Context, sessions iter.Seq[InvalidateOptions], opts BulkOptions) iter.Seq[BulkResult[InvalidateOptions]] {
	return bulk(ctx, c, sessions, opts, c.invalidateSession)
}

func bulk[O any](
	ctx context.Context, c *Client, inputs iter.Seq[O], opts BulkOptions, do func(context.Context, O, *pace.Run) (*Response, error),
) iter.Seq[BulkResult[O]] {
	return func(yield func(BulkResult[O]) bool) {
		if inputs == nil {
			return
		}
		run := &pace.Run{MaxOutage: cmp.Or(opts.MaxOutage, defaultMaxOutage), Backoff: func(n int) time.Duration {
			return c.opts.Retry.backoff(n, rand.Float64()) //nolint:gosec // jitter is no secret
		}}
		atOnce := cmp.Or(max(opts.Concurrency, 0), defaultConcurrency)
		numbered := func(yield func(BulkResult[O]) bool) {
			index := 0
			for input := range inputs {
				if !yield(BulkResult[O]{Index: index, Options: input}) {
					return
				}
				index++
			}
		}
		parallel.Run(ctx, numbered, atOnce, func(ctx context.Context, r BulkResult[O]) (BulkResult[O], bool) {
			r.Response, r.Err = do(ctx, r.Options, run)
			return r, StopsRun(r.Err)
		})(yield)
	}
}
