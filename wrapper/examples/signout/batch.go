package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// batch signs out the users of one run.
type batch struct {
	settings settings
	client   *wrapper.Client
	journal  *journal
	progress *progress
	inFlight atomic.Int64
}

var (
	errInterrupted = errors.New("interrupted")
	errTimeout     = errors.New("-timeout has passed")
)

// run signs out todo and returns what became of those whom it came to, and why it came to no more.
func (b *batch) run(ctx context.Context, todo []user, interrupts <-chan os.Signal) (map[string]outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if b.settings.timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, b.settings.timeout, errTimeout)
		defer cancel()
	}
	taking, stop := context.WithCancelCause(ctx)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { b.watch(interrupts, stop, cancel, done) })
	defer watching.Wait()
	defer close(done)

	b.progress.begin(len(todo))
	defer b.progress.end()
	outcomes := map[string]outcome{}
	bulk := wrapper.BulkOptions{Concurrency: b.settings.concurrency}
	for r := range b.client.BulkReset(ctx, b.take(taking, stop, todo), bulk) {
		id, o := r.Options.UserID, outcomeOf(r.Response, r.Err, ctx.Err() != nil, time.Now())
		if err := b.journal.ended(id, o); err != nil {
			stop(err)
		}
		if rateLimited(r.Err) && errors.Is(r.Err, context.DeadlineExceeded) { // so it will be for all that follow
			stop(errTimeout)
		}
		b.inFlight.Add(-1)
		outcomes[id] = o
		b.progress.result(id, o)
	}
	return outcomes, context.Cause(taking)
}

// take yields the users, each after the journal has it, until taking ends.
func (b *batch) take(taking context.Context, stop context.CancelCauseFunc, todo []user) iter.Seq[wrapper.ResetOptions] {
	return func(yield func(wrapper.ResetOptions) bool) {
		for _, u := range todo {
			if taking.Err() != nil {
				return
			}
			if err := b.journal.started(u.ID); err != nil {
				stop(err)
				return
			}
			b.inFlight.Add(1)
			if !yield(wrapper.ResetOptions{UserID: u.ID, MobileOnly: b.settings.mobileOnly, WebOnly: b.settings.webOnly}) {
				return
			}
		}
	}
}

// watch takes no more users on the first interrupt, and ends the calls in flight on the second.
func (b *batch) watch(interrupts <-chan os.Signal, stop context.CancelCauseFunc, cancel func(), done <-chan struct{}) {
	select {
	case <-interrupts:
	case <-done:
		return
	}
	stop(errInterrupted)
	b.progress.interrupted(b.inFlight.Load())
	select {
	case <-interrupts:
		cancel()
	case <-done:
	}
}
