package parallel_test

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/parallel"
)

// numbers counts up to n, and how many were taken.
func numbers(n int, taken *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if *taken = i + 1; !yield(i) {
				return
			}
		}
	}
}

func TestEveryInputYieldsOneResultInTheOrderInWhichTheyAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken int
		start := time.Now()
		got := slices.Collect(parallel.Run(t.Context(), numbers(4, &taken), 3, func(_ context.Context, i int) (int, bool) {
			time.Sleep(time.Duration(3-i%3) * time.Second)
			return i, false
		}))
		assert.Equal(t, []int{2, 1, 0, 3}, got)
		assert.Equal(t, 4*time.Second, time.Since(start), "3 at once")
	})
}

func TestInputsAreTakenNoFurtherAheadThanResultsAreYielded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken int
		yielded := 0
		for range parallel.Run(t.Context(), numbers(20, &taken), 4, func(context.Context, int) (int, bool) { return 0, false }) {
			yielded++
			synctest.Wait()
			assert.LessOrEqual(t, taken, yielded+4)
		}
		assert.Equal(t, 20, yielded)
	})
}

func TestStopAndTheEndOfTheContextTakeNoMoreAndLoseNothing(t *testing.T) {
	for name, end := range map[string]func(cancel func(), i int) bool{
		"stop":    func(_ func(), i int) bool { return i == 5 },
		"context": func(cancel func(), _ int) bool { cancel(); return false },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var taken int
				got := slices.Collect(parallel.Run(ctx, numbers(100, &taken), 4, func(_ context.Context, i int) (int, bool) {
					time.Sleep(time.Second)
					return i, i == 5 && end(cancel, i)
				}))
				slices.Sort(got)
				assert.Len(t, got, taken)
				assert.Less(t, taken, 12)
				assert.Equal(t, got, slices.Compact(slices.Clone(got)))
			})
		})
	}
}

func TestBreakingCancelsTheCallsAndWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken, ended int
		for range parallel.Run(t.Context(), numbers(100, &taken), 1, func(ctx context.Context, i int) (int, bool) {
			if i > 0 {
				<-ctx.Done()
				time.Sleep(time.Second)
			}
			ended++
			return i, false
		}) {
			synctest.Wait()
			break
		}
		assert.Equal(t, 2, taken)
		assert.Equal(t, 2, ended)
	})
}

func TestEachLoopIsARunOfItsOwn(t *testing.T) {
	var taken int
	run := parallel.Run(t.Context(), numbers(3, &taken), 2, func(_ context.Context, i int) (int, bool) { return i, false })
	for range 2 {
		assert.ElementsMatch(t, []int{0, 1, 2}, slices.Collect(run))
	}
}

// The bubble ends only where no goroutine is left.
func TestAPanicOrGoexitEndsTheRunAndThenTheCallersGoroutineInTheSameWay(t *testing.T) {
	for how, fall := range map[string]func(){"panic": func() { panic("fell") }, "Goexit": runtime.Goexit} {
		for where, run := range map[string]func(ctx context.Context) iter.Seq[int]{
			"call": func(ctx context.Context) iter.Seq[int] {
				var taken int
				return parallel.Run(ctx, numbers(100, &taken), 4, func(_ context.Context, i int) (int, bool) {
					if i == 10 {
						fall()
					}
					return i, false
				})
			},
			"input": func(ctx context.Context) iter.Seq[int] {
				inputs := func(yield func(int) bool) {
					for i := range 10 {
						yield(i)
					}
					fall()
				}
				return parallel.Run(ctx, inputs, 4, func(_ context.Context, i int) (int, bool) { return i, false })
			},
		} {
			t.Run(how+"/"+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var returned bool
					var panicked any
					results := 0
					ended := make(chan struct{})
					go func() {
						defer close(ended)
						defer func() { panicked = recover() }()
						for range run(t.Context()) {
							results++
						}
						returned = true
					}()
					<-ended
					assert.False(t, returned)
					assert.Equal(t, map[string]any{"panic": "fell", "Goexit": nil}[how], panicked)
					assert.GreaterOrEqual(t, results, map[string]int{"call": 0, "input": 10}[where])
				})
			})
		}
	}
}
