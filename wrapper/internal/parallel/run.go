// Package parallel calls a function for every element of a sequence, several at once.
package parallel

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Run calls do for every input, up to atOnce at a time, and yields the results as they come. An input that was taken
// from the sequence yields its result, also after stop or the end of ctx, which both keep Run from taking more. Inputs are
// taken no further ahead than atOnce: each holds a slot from before it is taken until its result is yielded.
//
// Breaking out of the loop cancels the context of the calls and waits for them and for inputs, whose results are lost. A
// panic or runtime.Goexit of do or inputs ends the run, and then the caller's goroutine in the same way. No goroutine is
// left behind. Each loop over the result is a run of its own.
func Run[I, O any](ctx context.Context, inputs iter.Seq[I], atOnce int, do func(context.Context, I) (result O, stop bool)) iter.Seq[O] {
	return func(yield func(O) bool) {
		ctx, cancel := context.WithCancel(ctx)
		taking, stop := context.WithCancel(ctx)
		slots := make(chan struct{}, atOnce)
		take := func() bool {
			select {
			case slots <- struct{}{}:
			case <-taking.Done():
			}
			return ctx.Err() == nil && taking.Err() == nil // a call that ends with ctx may free its slot before taking ends
		}
		results := make(chan O)
		var running sync.WaitGroup
		var end abruptEnd
		go func() {
			defer close(results)
			defer running.Wait()
			end.watch(stop, func() {
				if !take() {
					return
				}
				for input := range inputs {
					running.Go(func() {
						end.watch(cancel, func() {
							result, stops := do(ctx, input)
							if stops {
								stop()
							}
							results <- result
						})
					})
					if !take() {
						return
					}
				}
			})
		}()
		defer end.repeat()
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

// abruptEnd carries the first panic or runtime.Goexit of the caller's code, in whichever goroutine, to the caller's own.
type abruptEnd struct {
	once     sync.Once
	happened bool
	panicked any
}

// watch calls f, and then where f does not return.
func (a *abruptEnd) watch(then, f func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover() // nil after runtime.Goexit
		a.once.Do(func() { a.happened, a.panicked = true, v })
		then()
	}()
	f()
	returned = true
}

func (a *abruptEnd) repeat() {
	switch {
	case a.panicked != nil:
		panic(a.panicked)
	case a.happened:
		runtime.Goexit()
	}
}
