package pace

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPaceARateLimitThatNamesNoWaitDoublesItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		for _, want := range []int{5, 10, 20, 40, 60, 60, 60} {
			want := time.Duration(want) * time.Second
			hold := mustWait(t, &p).Refused(0)
			assert.GreaterOrEqual(t, hold, want)
			assert.Less(t, hold, want*6/5)
			start := time.Now()
			next := mustWait(t, &p)
			assert.Equal(t, hold, time.Since(start))
			next.GiveBack()
		}
	})
}

func TestPaceAnswersEndTheDoubling(t *testing.T) {
	for name, answer := range map[string]func(*Turn){
		"pass":                   func(turn *Turn) { turn.Passed(0) },
		"rate limit with a wait": func(turn *Turn) { turn.Refused(time.Second) },
	} {
		synctest.Test(t, func(t *testing.T) {
			var p Pacer
			for range 4 {
				mustWait(t, &p).Refused(-1)
			}
			answer(mustWait(t, &p))
			assert.Less(t, mustWait(t, &p).Refused(0), 6*time.Second, name)
		})
	}
}

func TestPaceRefusalsOfRequestsUnderWayTogetherCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pacer
		var turns []*Turn
		for range 8 {
			turns = append(turns, mustWait(t, &p))
		}
		time.Sleep(time.Second)
		for _, turn := range turns {
			assert.Less(t, turn.Refused(0), 6*time.Second)
		}
		assert.GreaterOrEqual(t, mustWait(t, &p).Refused(0), 10*time.Second)
	})
}
