package runner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// passes calls for all that is to do, and once more for what may end otherwise then.
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

	again := p.call(ctx, r.todo, true)
	if len(again) > 0 && taking.Err() == nil {
		fmt.Fprintf(r.say, "Once more for %s that failed for a reason that may have passed.\n", plural(len(again), r.Item))
		p.call(ctx, again, false)
	}
	if r.stopped = context.Cause(taking); errors.Is(r.stopped, errInterrupted) && !slices.ContainsFunc(r.outcomes, outcome.unfinished) {
		r.stopped = nil // it came too late
	}
}

// pass calls for items until it is over.
type pass[O comparable] struct {
	*run[O]
	over     func() error            // not nil once no more items are taken
	stop     context.CancelCauseFunc // makes it so
	inFlight atomic.Int64
}

var (
	errTimeout     = errors.New("--timeout has passed")
	errInterrupted = errors.New("interrupted")
)

// call calls for items, and returns those that may end otherwise if called for again.
func (p *pass[O]) call(ctx context.Context, items []int, first bool) (again []int) {
	index := make(map[O]int, len(items))
	for _, i := range items {
		index[p.list.Items[i].Options] = i
	}
	p.progress.begin(len(items))
	defer p.progress.end()
	bulk := wrapper.BulkOptions{Concurrency: int(p.opts.Concurrency), MaxOutage: p.opts.MaxOutage}
	for result := range p.Call(p.client, ctx, p.take(items), bulk) {
		i := index[result.Options]
		o := outcomeOf(result.Response, result.Err, p.Gone, ctx.Err() != nil).after(p.outcomes[i])
		if err := p.journal.ended(p.list.Items[i].ID, o); err != nil {
			p.stop(err)
		}
		if result.Err == nil || !wrapper.NotSent(result.Err) {
			p.sent = true
		}
		if wrapper.StopsRun(result.Err) {
			p.stop(p.why(result.Err))
		}
		p.inFlight.Add(-1)
		p.outcomes[i] = o
		if o.passing && first {
			again = append(again, i)
		}
		p.tell(i, o.passing && first)
		p.progress.result()
	}
	return again
}

// why tells why a run ends whose call ended with err.
func (p *pass[O]) why(err error) error {
	if p.opts.Timeout > 0 && errors.Is(err, context.DeadlineExceeded) {
		return errTimeout
	}
	return fmt.Errorf("what kept the last ones from being out (%s) would keep all others", wrapper.Reason(err))
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

// watch takes no more items on the first signal, and ends the calls in flight on the second. When a connection
// breaks off, the kernel and the shell both send SIGHUP: it is no second.
func (p *pass[O]) watch(signals <-chan os.Signal, cancel func(), done <-chan struct{}) {
	for drained := false; ; {
		select {
		case s := <-signals:
			switch {
			case !drained:
				drained = true
				p.stop(fmt.Errorf("%w (%v)", errInterrupted, s))
				fmt.Fprintf(p.err, "Interrupted: takes no more, waits for %d in flight%s.\nInterrupt again to end at once.\n", p.inFlight.Load(), p.progress.waits())
			case s != syscall.SIGHUP:
				cancel()
				return
			}
		case <-done:
			return
		}
	}
}
