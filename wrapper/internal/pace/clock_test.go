package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// passed is a context whose deadline has passed, but whose timer has not fired yet.
type passed struct{ context.Context } //nolint:containedctx // it is a context

func (passed) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

func TestDeadlineErrTellsWhetherTheContextEndsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		minuteLeft, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		over, cancel := context.WithTimeout(t.Context(), -1)
		defer cancel()
		for name, row := range map[string]struct {
			ctx  context.Context //nolint:containedctx // a row of a table
			d    time.Duration
			want error
		}{
			"no deadline":                {t.Context(), forever, nil},
			"deadline later":             {minuteLeft, time.Minute - 1, nil},
			"deadline at the same time":  {minuteLeft, time.Minute, nil},
			"deadline sooner":            {minuteLeft, time.Minute + 1, wouldEndError{}},
			"no wait":                    {minuteLeft, 0, nil},
			"cancelled":                  {cancelled, 0, context.Canceled},
			"ended by its deadline":      {over, 0, context.DeadlineExceeded},
			"past, but timer is pending": {passed{t.Context()}, 0, context.DeadlineExceeded},
			"past, and no wait":          {passed{t.Context()}, -time.Hour, context.DeadlineExceeded},
		} {
			assert.Equal(t, row.want, DeadlineErr(row.ctx, row.d), name)
		}
		assert.ErrorIs(t, wouldEndError{}, context.DeadlineExceeded)
		assert.EqualError(t, wouldEndError{}, "the context would end first")
	})
}

func TestSleepWaitsUnlessTheContextEndsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		var w Waiter
		start := time.Now()
		assert.NoError(t, p.Sleep(t.Context(), &w, time.Minute))
		assert.Equal(t, time.Minute, time.Since(start))
		assert.NoError(t, p.Sleep(t.Context(), &w, -1))

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		assert.Equal(t, wouldEndError{}, p.Sleep(ctx, &w, time.Minute))
		assert.Equal(t, time.Minute, time.Since(start), "it did not wait")

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		assert.Equal(t, context.Canceled, p.Sleep(ctx, &w, forever))
		assert.Equal(t, time.Minute+10*time.Second, time.Since(start))
	})
}

func TestSleepIsNotCutShortByOtherCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		b := newBreaker()
		start := time.Now()
		time.AfterFunc(10*time.Second, func() { open(t, &p, b) })
		time.AfterFunc(20*time.Second, func() { waitAs(t, &p, b.call()).Responded(0) })
		assert.NoError(t, p.Sleep(t.Context(), b.call(), time.Minute))
		assert.Equal(t, time.Minute, time.Since(start))
	})
}
