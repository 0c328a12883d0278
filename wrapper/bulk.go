package wrapper

import (
	"cmp"
	"context"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

// BulkOptions are the settings of one bulk run. The zero value is ready to use.
type BulkOptions struct {
	Concurrency int           // number of calls in flight, at most 1,000; 0 or less means 8
	MaxOutage   time.Duration // longest time without a response from Slack to wait for; 0 means 10 min, negative means not at all
}

const (
	defaultConcurrency = 8 // measured: more is no faster under Slack's limits, fewer loses time if Slack is slow
	maxConcurrency     = 1000
	defaultMaxOutage   = 10 * time.Minute
)

// BulkResult is the result for one input. Exactly one of Response and Err is nil; Err is an [*Error].
type BulkResult[O any] struct {
	Index    int // position in the input, from 0
	Options  O
	Response *Response
	Err      error
}

// BulkReset resets the sessions of many users: [Client.ResetSessions] for each, several at once. It sends nothing until a loop
// ranges over the sequence that it returns, which yields exactly one result for each user that it takes, in the order in which
// results are ready.
//
// The sequence and the body of the loop run on the goroutine of the loop, never at the same time, so they may share
// variables and a database transaction. A user is taken only when fewer than Concurrency calls are in flight, so memory does
// not grow with the number of users. A sequence that blocks delays results and is not interrupted: let it watch ctx.
//
// Rate limits never fail a call: the run waits for their end, unless ctx ends first. An outage begins when three different
// calls in a row fail without a response from Slack: no connection, HTTP 5xx, or a response that is not Slack's. From then on
// the run sends one request at a time, with backoff, until Slack responds, and no call fails before MaxOutage has passed since
// the first of the three, unless ctx or a longer Retry-After ends it. If one of the two calls before had an error that is not
// retried, such as a redirect, that error is its result. A refusal with a transient code, such as service_unavailable, is a
// response: it ends its call after MaxAttempts. One or two calls make no outage, and MaxAttempts ends them: with Concurrency 1 or
// 2 the first calls that fail, and in any run the last two.
//
// An error for which [StopsRun] is true keeps the run from taking more users, and so does the end of ctx. Users that were
// not taken have no result, and no request was made for them. The run also ends if no call has got a response from Slack yet
// and three in a row fail with an error that a retry cannot fix, such as an untrusted certificate; StopsRun is true for the third.
//
// Breaking out of the loop cancels the calls in flight, waits for them, and discards their results: these users, at most as
// many as the concurrency, may or may not be signed out. Each loop over the result is a run of its own.
func (c *Client) BulkReset(ctx context.Context, users iter.Seq[ResetOptions], opts BulkOptions) iter.Seq[BulkResult[ResetOptions]] {
	return bulk(ctx, c, methodReset, users, opts, c.resetSessions)
}

// BulkInvalidate ends many sessions: [Client.InvalidateSession] for each, under the rules of [Client.BulkReset].
func (c *Client) BulkInvalidate(ctx context.Context, sessions iter.Seq[InvalidateOptions], opts BulkOptions) iter.Seq[BulkResult[InvalidateOptions]] {
	return bulk(ctx, c, methodInvalidate, sessions, opts, c.invalidateSession)
}

func bulk[O any](
	ctx context.Context, c *Client, method string, inputs iter.Seq[O], opts BulkOptions,
	do func(context.Context, O, *pace.Breaker) (*Response, error),
) iter.Seq[BulkResult[O]] {
	return func(yield func(BulkResult[O]) bool) {
		if inputs == nil {
			return
		}
		if err := c.checkCall(ctx, method, nil); err != nil {
			index := 0
			for input := range inputs {
				if !yield(BulkResult[O]{Index: index, Options: input, Err: err}) {
					return
				}
				index++
			}
			return
		}
		if pace.DeadlineErr(ctx, 0) != nil {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		breaker := &pace.Breaker{
			MaxOutage: cmp.Or(opts.MaxOutage, defaultMaxOutage),
			Backoff: func(n int) time.Duration {
				return c.opts.Retry.backoff(n, rand.Float64()) //nolint:gosec // jitter is no secret
			},
		}
		concurrency := min(cmp.Or(max(opts.Concurrency, 0), defaultConcurrency), maxConcurrency)
		results := make(chan BulkResult[O], concurrency) // so that no call waits for the loop
		inFlight, takeNoMore := 0, false
		defer func() {
			cancel()
			for range inFlight {
				<-results
			}
		}()
		deliver := func() bool {
			r := <-results
			inFlight--
			takeNoMore = takeNoMore || StopsRun(r.Err)
			return yield(r)
		}
		index := 0
		for input := range inputs {
			r := BulkResult[O]{Index: index, Options: input}
			go func() {
				r.Response, r.Err = do(ctx, r.Options, breaker)
				results <- r
			}()
			index++
			inFlight++
			for inFlight == concurrency || len(results) > 0 {
				if !deliver() {
					return
				}
			}
			if takeNoMore || pace.DeadlineErr(ctx, 0) != nil {
				break
			}
		}
		for inFlight > 0 {
			if !deliver() {
				return
			}
		}
	}
}
