package wrapper

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"sync"
)

// BulkOptions are the settings of one bulk run. The zero value is ready to use.
type BulkOptions struct {
	Concurrency int // calls at once; 0 or less = 8
}

const defaultConcurrency = 8

// BulkResult is what became of one input. Exactly one of Response and Err is nil.
type BulkResult[O any] struct {
	Options  O
	Response *Response
	Err      error
}

// BulkReset resets the sessions of many users: [Client.ResetSessions] for each, several at once, with one
// result for each user that was taken from the sequence, in the order in which they are ready. Memory
// does not grow with their number, and users are taken no further ahead than the concurrency.
//
// A rate limit fails nobody: the run waits as long as it takes, and only ctx ends the wait. An error that
// would refuse every further user as well (credentials, scope, plan, a failing token source or limiter)
// keeps the run from taking more. Then, and when ctx ends, there are users without a result: they were not
// taken, and are not signed out.
//
// Breaking out of the loop starts nothing new and cancels the calls in flight, whose outcome is then
// unknown. The loop ends after users has returned, so a sequence that blocks should watch ctx. Each
// loop over the result is a run of its own.
func (c *Client) BulkReset(ctx context.Context, users iter.Seq[ResetOptions], opts BulkOptions) iter.Seq[BulkResult[ResetOptions]] {
	return bulk(ctx, users, opts, c.resetSessions, policy{RetryOptions: c.opts.Retry, bulk: true})
}

// BulkInvalidate ends many sessions: [Client.InvalidateSession] for each, under the rules of
// [Client.BulkReset].
func (c *Client) BulkInvalidate(ctx context.Context, sessions iter.Seq[InvalidateOptions], opts BulkOptions) iter.Seq[BulkResult[InvalidateOptions]] {
	return bulk(ctx, sessions, opts, c.invalidateSession, policy{RetryOptions: c.opts.Retry, bulk: true})
}

// bulk runs do for every input, and yields the results as they come. An input holds a slot from before it
// is taken until its result is yielded.
func bulk[O any](
	ctx context.Context, inputs iter.Seq[O], opts BulkOptions,
	do func(context.Context, O, policy) (*Response, error), p policy,
) iter.Seq[BulkResult[O]] {
	return func(yield func(BulkResult[O]) bool) {
		if inputs == nil {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		taking, stop := context.WithCancel(ctx)
		slots := make(chan struct{}, cmp.Or(max(opts.Concurrency, 0), defaultConcurrency))
		take := func() bool {
			select {
			case slots <- struct{}{}:
			case <-taking.Done():
			}
			return ctx.Err() == nil && taking.Err() == nil // calls that end with ctx free their slots before taking ends
		}
		results := make(chan BulkResult[O])
		var running sync.WaitGroup
		var failure rescued
		go func() {
			defer close(results)
			defer running.Wait()
			defer failure.rescue(stop)
			if !take() {
				return
			}
			for input := range inputs {
				running.Go(func() {
					defer failure.rescue(cancel)
					resp, err := do(ctx, input, p)
					if endsRun(err) {
						stop()
					}
					results <- BulkResult[O]{Options: input, Response: resp, Err: err}
				})
				if !take() {
					return
				}
			}
		}()
		defer failure.rethrow()
		defer func() {
			cancel()
			for range results { // nobody waits for them any more
			}
		}()
		for r := range results {
			<-slots
			if !yield(r) {
				return
			}
		}
	}
}

// rescued carries the first panic of the caller's code, in whichever goroutine, to the caller.
type rescued struct {
	once  sync.Once
	value any
}

func (r *rescued) rescue(then func()) {
	if v := recover(); v != nil {
		r.once.Do(func() { r.value = v })
		then()
	}
}

func (r *rescued) rethrow() {
	if r.value != nil {
		panic(r.value)
	}
}

// endsRun reports whether err would refuse every further call of a run as well.
func endsRun(err error) bool {
	if err == nil {
		return false
	}
	var source *sourceError
	if errors.As(err, &source) {
		return true
	}
	answer := answerIn(err)
	switch {
	case answer == nil:
		return false
	case answer.RetryAfter > 0 && !answer.noVerdict && errors.Is(err, context.DeadlineExceeded):
		return true // the run ends before the wait does
	}
	return answer.StatusCode < 500 && answer.Code.concerns() == everyCall
}
