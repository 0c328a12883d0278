package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

var (
	errTimeout     = errors.New("--timeout has passed")
	errInterrupted = errors.New("signal")
	errEveryCall   = errors.New("every other call would fail too")
)

// manyNotFound is the number of items after which it is suspicious that Slack has had none.
const manyNotFound = 20

// callAll makes all calls, and repeats those once that may succeed then.
func (r *run[O]) callAll(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.opts.Timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, r.opts.Timeout, errTimeout)
		defer cancel()
	}
	var accepting context.Context // when it ends no further call begins; calls in flight go on
	accepting, r.stop = context.WithCancelCause(ctx)
	ended := make(chan struct{})
	var watching sync.WaitGroup
	signals := r.env.Signals()
	watching.Go(func() { r.watch(signals, cancel, ended) })
	defer watching.Wait()
	defer close(ended)
	r.progress.begin(len(r.todo))
	defer r.progress.end()

	left := r.call(ctx, accepting, r.todo, false)
	if len(left) > 0 && accepting.Err() == nil {
		fmt.Fprintf(r.info, "Once more for %s, because the failure may be temporary.\n", plural(len(left), r.Item))
		left = r.call(ctx, accepting, left, true)
	}
	outage, responded := r.progress.currentOutage()
	switch r.stopped = context.Cause(accepting); {
	case errors.Is(r.stopped, errInterrupted) && len(left) == 0:
		r.stopped = nil // all calls had ended
	case r.stopped == nil && outage.failures > 0 && !responded && outage.final:
		r.stopped = fmt.Errorf("%w (%s)", errEveryCall, outage.cause)
	case r.stopped == nil && outage.failures > 0 && !responded:
		r.stopped = errors.New(outage.String()) // a list this short ends before an outage stops it
	}
}

// call makes the calls for items until accepting ends, and returns the items for which another call may succeed. last means that
// no other call follows.
func (r *run[O]) call(ctx, accepting context.Context, items []int, last bool) (left []int) {
	results, notFound := 0, 0
	opts := wrapper.BulkOptions{Concurrency: int(r.opts.Concurrency), MaxOutage: r.opts.MaxOutage}
	for result := range r.Call(r.client, ctx, r.take(accepting, items), opts) {
		results++
		i, err := items[result.Index], result.Err
		latest := newOutcome(result.Response, err, r.Already, r.NotThere)
		o := latest.after(r.outcomes[i])
		if err := r.journal.ended(r.list.Items[i].ID, o); err != nil {
			r.stop(err)
		}
		r.sent = r.sent || err == nil || !wrapper.NotSent(err)
		r.outcomes[i] = o
		if wrapper.StopsRun(err) {
			r.stop(r.stopReason(err))
		}
		if strings.HasSuffix(o.Reason, "_not_found") {
			notFound++
		}
		if results == manyNotFound && notFound == results {
			fmt.Fprintf(r.err, "Slack has none of the first %s. If the token is of another organisation, interrupt the run.\n", plural(results, r.Item))
		}
		again := latest.Repeat
		if again {
			left = append(left, i)
		}
		final := !isContextError(err) && (!again || last)
		if final {
			r.progress.addDone()
		}
		r.printResult(i, final)
	}
	return append(left, items[results:]...)
}

// take yields the options of items until accepting ends. The journal has each item before its call.
func (r *run[O]) take(accepting context.Context, items []int) iter.Seq[O] {
	return func(yield func(O) bool) {
		for _, i := range items {
			if accepting.Err() != nil {
				return
			}
			item := r.list.Items[i]
			if err := r.journal.started(item.ID); err != nil {
				r.stop(err)
				return
			}
			if !yield(item.Options) {
				return
			}
		}
	}
}

// stopReason returns why a run stops after a call that ended with err.
func (r *run[O]) stopReason(err error) error {
	var e *wrapper.Error
	outage, _ := r.progress.currentOutage()
	deadline := r.opts.Timeout > 0 && errors.Is(err, context.DeadlineExceeded)
	switch {
	case deadline && errors.As(err, &e) && e.RetryAfter > 0:
		return fmt.Errorf("Slack asks to wait %s, longer than --timeout leaves. Run again after %s", //nolint:staticcheck // ST1005: Slack is a name
			e.RetryAfter, timeOfDay(time.Now().Add(e.RetryAfter+time.Minute-1)))
	case deadline:
		return errTimeout
	case outage.begun() && time.Since(outage.since) > r.opts.MaxOutage/2: // a run whose connection cannot work does not wait
		return fmt.Errorf("%s, longer than --max-outage", outage)
	default:
		return fmt.Errorf("%w (%s)", errEveryCall, cmp.Or(outage.cause, newOutcome(nil, err, "", "").Reason))
	}
}

// watch lets no request begin after the first signal, and ends the run when those in flight have ended. The second signal ends
// it at once. A second SIGHUP is ignored, because both the kernel and the shell send one when a connection breaks.
func (r *run[O]) watch(signals <-chan os.Signal, cancel func(), ended <-chan struct{}) {
	for first := true; ; first = false {
		select {
		case s := <-signals:
			switch {
			case first:
				r.stop(fmt.Errorf("%w: %v", errInterrupted, s))
				fmt.Fprintln(r.err, "Interrupted: no more requests are sent.")
				if n := r.progress.drain(cancel); n > 0 {
					fmt.Fprintf(r.err, "Waiting for %s in flight. Interrupt again to end at once, with unknown outcomes.\n", plural(n, "request"))
				}
			case s != syscall.SIGHUP:
				cancel()
			}
		case <-ended:
			return
		}
	}
}
