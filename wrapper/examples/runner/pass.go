package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// passes makes all calls, and repeats those once that may end otherwise then.
func (r *run[O]) passes(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.opts.Timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, r.opts.Timeout, errTimeout)
		defer cancel()
	}
	taking, stop := context.WithCancelCause(ctx)
	p := pass[O]{run: r, over: taking.Err, stop: stop}
	done := make(chan struct{})
	var watching sync.WaitGroup
	signals := r.env.Signals()
	watching.Go(func() { p.watch(signals, cancel, done) })
	defer watching.Wait()
	defer close(done)

	again, unfinished := p.call(ctx, r.todo, true)
	if len(again) > 0 && taking.Err() == nil {
		fmt.Fprintf(r.say, "Once more for %s that failed for a reason that may have passed.\n", plural(len(again), r.Item))
		again, unfinished = p.call(ctx, again, false)
	}
	if r.stopped = context.Cause(taking); errors.Is(r.stopped, errInterrupted) && len(again)+unfinished == 0 {
		r.stopped = nil // it came too late
	}
}

// pass is one pass over items.
type pass[O any] struct {
	*run[O]
	over     func() error            // not nil once no more items are taken
	stop     context.CancelCauseFunc // makes it so
	inFlight atomic.Int64
}

var (
	errTimeout     = errors.New("--timeout has passed")
	errInterrupted = errors.New("interrupted")
	errEveryCall   = errors.New("every other call would fail too")
)

// call makes the calls for items. It returns the items to call for again, and the number of items whose call the run did not let end.
func (p *pass[O]) call(ctx context.Context, items []int, first bool) (again []int, unfinished int) {
	p.progress.begin(len(items))
	defer p.progress.end()
	unfinished = len(items)
	bulk := wrapper.BulkOptions{Concurrency: int(p.opts.Concurrency), MaxOutage: p.opts.MaxOutage}
	for result := range p.Call(p.client, ctx, p.take(items), bulk) {
		i := items[result.Index]
		latest := outcomeOf(result.Response, result.Err, p.Gone, p.NotThere)
		o := latest.after(p.outcomes[i])
		if err := p.journal.ended(p.list.Items[i].ID, o); err != nil {
			p.stop(err)
		}
		if result.Err == nil || !wrapper.NotSent(result.Err) {
			p.sent = true
		}
		if wrapper.StopsRun(result.Err) {
			p.stop(p.stopReason(result.Err))
		}
		p.inFlight.Add(-1)
		p.outcomes[i] = o
		repeat := latest.again && first
		if repeat {
			again = append(again, i)
		}
		p.printResult(i, repeat)
		if !latest.cut {
			unfinished--
			if !repeat {
				p.progress.result()
			}
		}
	}
	return again, unfinished
}

// stopReason says why a run ends whose call ended with err.
func (p *pass[O]) stopReason(err error) error {
	var e *wrapper.Error
	switch known := errors.As(err, &e); {
	case p.opts.Timeout > 0 && errors.Is(err, context.DeadlineExceeded) && known && e.RetryAfter > 0:
		return fmt.Errorf("Slack asks to wait %s, longer than --timeout leaves. Run again after %s", //nolint:staticcheck // ST1005: Slack is a name
			e.RetryAfter, minute(time.Now().Add(e.RetryAfter+time.Minute-1)))
	case p.opts.Timeout > 0 && errors.Is(err, context.DeadlineExceeded):
		return errTimeout
	case p.progress.outlasted() != "":
		return fmt.Errorf("%s, longer than --max-outage", p.progress.outlasted())
	default:
		return fmt.Errorf("%w (%s)", errEveryCall, cmp.Or(p.progress.cause(), outcomeOf(nil, err, "", "").Reason))
	}
}

// take yields the options of items, each after the journal has it.
func (p *pass[O]) take(items []int) iter.Seq[O] {
	return func(yield func(O) bool) {
		for _, i := range items {
			if p.over() != nil {
				return
			}
			if err := p.journal.started(p.list.Items[i].ID); err != nil {
				p.stop(err)
				return
			}
			p.inFlight.Add(1)
			if !yield(p.list.Items[i].Options) {
				return
			}
		}
	}
}

// watch lets no more calls start on the first signal, and ends the calls in flight on the second. A second SIGHUP does
// nothing: when a connection breaks, both the kernel and the shell send one.
func (p *pass[O]) watch(signals <-chan os.Signal, cancel func(), done <-chan struct{}) {
	for drained := false; ; {
		select {
		case s := <-signals:
			switch {
			case !drained:
				drained = true
				p.stop(fmt.Errorf("%w (%v)", errInterrupted, s))
				fmt.Fprintf(p.err, "Interrupted: no more calls start; waiting for %d in flight%s.\nInterrupt again to end at once.\n", p.inFlight.Load(), p.progress.waits(p.inFlight.Load()))
			case s != syscall.SIGHUP:
				cancel()
				return
			}
		case <-done:
			return
		}
	}
}
