package wrapper

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask admits at now, whatever has to be waited for, and returns the time it got through.
func ask(t *testing.T, p *pace, now time.Duration) (time.Duration, grant) {
	t.Helper()
	for {
		g, wait := p.admit(now)
		if wait <= 0 {
			return now, g
		}
		require.Less(t, wait, forever, "nothing would ever wake this call")
		now += wait
	}
}

// burst lets n requests pass at once and the next one be refused.
func burst(p *pace, now time.Duration, n int, retryAfter time.Duration) {
	for range n {
		g, _ := p.admit(now)
		p.passed(now, g)
	}
	g, _ := p.admit(now)
	p.limited(now, g, retryAfter)
}

// atOnce counts the requests that go on credit at now while all of them pass.
func atOnce(p *pace, now time.Duration, most int) (n int) {
	for ; n < most; n++ {
		g, wait := p.admit(now)
		if wait > 0 {
			break
		}
		if g == extra && !p.raw {
			p.returned(now, g)
			break
		}
		p.passed(now, g)
	}
	return n
}

func TestNothingWaitsBeforeTheFirstLimitAndMemoryStaysBounded(t *testing.T) {
	var p pace
	for i := range 1_000_000 {
		now := time.Duration(i) * time.Millisecond
		g, wait := p.admit(now)
		p.passed(now, g)
		if wait != 0 || len(p.log) > int(minute/tick)+1 {
			t.Fatalf("request %d: wait %v, log of %d", i, wait, len(p.log))
		}
	}
}

func TestNothingGoesBeforeRetryAfterHasPassed(t *testing.T) {
	for _, retryAfter := range []time.Duration{0, time.Second, 7 * time.Second, time.Hour} {
		var p pace
		burst(&p, 0, 20, retryAfter)
		now, _ := ask(t, &p, 0)
		assert.GreaterOrEqual(t, now, retryAfter)
		assert.LessOrEqual(t, now, retryAfter+minute)
	}
}

func TestTheLongestRetryAfterHolds(t *testing.T) {
	var p pace
	g1, _ := p.admit(0)
	g2, _ := p.admit(0)
	p.limited(0, g1, 30*time.Second)
	p.limited(time.Second, g2, 10*time.Second)
	now, _ := ask(t, &p, time.Second)
	assert.GreaterOrEqual(t, now, 30*time.Second)
}

func TestOneRequestComesBackAfterALimitAndOpensTheWayForMore(t *testing.T) {
	var p pace
	burst(&p, 0, 20, minute+time.Second)
	now := minute + time.Second
	inFlight := 1
	for _, want := range []int{1, 2, 4, 8} {
		var grants []grant
		for {
			g, wait := p.admit(now)
			if wait > 0 {
				break
			}
			grants = append(grants, g)
		}
		require.Len(t, grants, want)
		now += 200 * time.Millisecond
		for _, g := range grants {
			p.passed(now, g)
		}
		inFlight = want
	}
	assert.Equal(t, 8, inFlight)
}

func TestWhatPassedAMinuteAgoPassesAgain(t *testing.T) {
	var p pace
	burst(&p, 0, 20, minute)
	assert.Equal(t, 20, atOnce(&p, minute, 100))
	assert.Zero(t, atOnce(&p, minute+time.Second, 100), "twenty a minute")
	assert.Equal(t, 20, atOnce(&p, 2*minute+tick, 20))
}

func TestANewWindowLetsAsManyPassAsTheOneBefore(t *testing.T) {
	var p pace
	burst(&p, 0, 20, 13*time.Second) // the window began 47 s ago
	assert.Equal(t, 20, atOnce(&p, 13*time.Second, 100))
	assert.Zero(t, atOnce(&p, minute, 100), "what passed in the old window is forgotten")
	assert.Equal(t, 20, atOnce(&p, 13*time.Second+minute, 20))
}

func TestASteadyRefillIsFollowedAtItsRate(t *testing.T) {
	var p pace
	srv := server{kind: "bucket", limit: 20, tokens: 20}
	now, passed, refused := time.Duration(0), 0, 0
	for now < 10*minute {
		var g grant
		now, g = ask(t, &p, now)
		now += 200 * time.Millisecond
		if ok, wait := srv.take(now); ok {
			p.passed(now, g)
			passed++
		} else {
			p.limited(now, g, roundUp(wait))
			refused++
		}
	}
	assert.InDelta(t, 20+200, passed, 3)
	assert.LessOrEqual(t, refused, 20)
	assert.InDelta(t, 20.0/60, p.rate, 0.02)
}

func TestAGrownLimitIsFoundWithinTwoMinutes(t *testing.T) {
	var p pace
	srv := server{kind: "sliding", limit: 20}
	now, passed := time.Duration(0), 0
	for now < 20*minute {
		if now > 15*minute {
			srv.limit = 40
		}
		var g grant
		now, g = ask(t, &p, now)
		now += 200 * time.Millisecond
		ok, wait := srv.take(now)
		if !ok {
			p.limited(now, g, roundUp(wait))
			continue
		}
		p.passed(now, g)
		if now > 17*minute {
			passed++
		}
	}
	assert.InDelta(t, 3*40, passed, 2)
}

func TestAStrayLimitIsForgottenInSeconds(t *testing.T) {
	var p pace
	g, _ := p.admit(0)
	p.limited(0, g, 7*time.Second)
	now, g := ask(t, &p, 0)
	assert.Equal(t, 7*time.Second, now)
	for range 300 { // one after the other, 200 ms each
		now += 200 * time.Millisecond
		p.passed(now, g)
		now, g = ask(t, &p, now)
	}
	assert.Less(t, now, 7*time.Second+300*200*time.Millisecond+10*time.Second)
}

func TestAnExtraTravelsAlone(t *testing.T) {
	var p pace
	burst(&p, 0, 20, minute)
	now := minute
	require.Equal(t, 20, atOnce(&p, now, 100))
	now, g := ask(t, &p, now)
	require.Equal(t, extra, g)
	require.Less(t, now, 2*minute)
	_, wait := p.admit(now)
	assert.NotZero(t, wait)
	_, wait = p.admit(2*minute + time.Second) // twenty credits are there, but its answer is not
	assert.Equal(t, forever, wait)
	p.limited(2*minute+time.Second, g, time.Second)
	assert.Equal(t, 20, atOnce(&p, 2*minute+2*time.Second, 100), "its refusal costs nothing that was known")
}

func TestExtrasBecomeRare(t *testing.T) {
	var p pace
	srv := server{kind: "fixed", limit: 20, window: -1}
	now, refused := time.Duration(0), [30]int{}
	for now < 30*minute-time.Second {
		var g grant
		now, g = ask(t, &p, now)
		now += 200 * time.Millisecond
		if ok, wait := srv.take(now); ok {
			p.passed(now, g)
		} else {
			p.limited(now, g, roundUp(wait))
			refused[min(29, now/minute)]++
		}
	}
	early, late := 0, 0
	for i := range 10 {
		early += refused[i]
		late += refused[20+i]
	}
	assert.LessOrEqual(t, early, 12)
	assert.LessOrEqual(t, late, 8)
	assert.Positive(t, late)
}

func TestATurnThatIsGivenBackBlocksNobody(t *testing.T) {
	var p pace
	burst(&p, 0, 20, 13*time.Second)
	for i := range 5 { // the first after a limit gets no answer, again and again
		now, g := ask(t, &p, 13*time.Second)
		require.Equal(t, 13*time.Second, now, i)
		p.returned(now, g)
	}
	assert.Equal(t, 20, atOnce(&p, 13*time.Second, 100))
}

func TestKnowledgeOutlivesAnHourOfSilence(t *testing.T) {
	var p pace
	burst(&p, 0, 20, minute)
	assert.Equal(t, 20, atOnce(&p, minute, 100))
	now := time.Hour
	assert.GreaterOrEqual(t, atOnce(&p, now, 20), 20, "a minute's worth is free")
}

func TestARateOutlivesAnHourOfSilence(t *testing.T) {
	var p pace
	srv := server{kind: "bucket", limit: 20, tokens: 20}
	now := time.Duration(0)
	for _, from := range []time.Duration{0, time.Hour, 2 * time.Hour} {
		passed, refused := 0, 0
		for now = from; now < from+5*minute; {
			var g grant
			now, g = ask(t, &p, now)
			now += 200 * time.Millisecond
			if ok, wait := srv.take(now); ok {
				p.passed(now, g)
				passed++
			} else {
				p.limited(now, g, roundUp(wait))
				refused++
			}
		}
		assert.InDelta(t, 20+100, passed, 4, from)
		assert.LessOrEqual(t, refused, 16, from)
	}
}

func TestARateBelowOneAMinuteStillComes(t *testing.T) {
	p := pace{met: true, rate: 0.5 / 60, room: 1, pause: seldom, try: time.Hour}
	now, g := ask(t, &p, 0)
	assert.Equal(t, due, g)
	assert.Equal(t, 2*minute, now.Round(time.Second))
}

func TestAZeroRetryAfterIsNoHotLoop(t *testing.T) {
	var p pace
	now, n := time.Duration(0), 0
	for now < 10*minute {
		var g grant
		now, g = ask(t, &p, now)
		now += 100 * time.Millisecond
		p.limited(now, g, 0)
		n++
	}
	assert.LessOrEqual(t, n, 20)
}

// Whatever happens in whatever order, the invariants hold and nobody waits for nothing.
func TestInvariantsHoldForAnyAnswers(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var p pace
		if seed%2 == 1 { // a limit that refills steadily
			p = pace{met: true, rate: 0.5, room: 1, pause: often}
		}
		var now, until time.Duration
		var flying []grant
		for range 2000 {
			now += time.Duration(rnd.ExpFloat64() * float64(300*time.Millisecond))
			if rnd.IntN(200) == 0 {
				now += time.Duration(rnd.Int64N(int64(time.Hour)))
			}
			if rnd.IntN(2) == 0 {
				g, wait := p.admit(now)
				switch {
				case wait <= 0 && now < until:
					t.Fatalf("seed %d: sent %v early", seed, until-now)
				case wait <= 0 && p.met && p.inflight > p.room:
					t.Fatalf("seed %d: %d in flight, room for %d", seed, p.inflight, p.room)
				case wait <= 0:
					flying = append(flying, g)
				case wait == forever && len(flying) == 0:
					t.Fatalf("seed %d: nothing would ever wake this call", seed)
				}
			} else if len(flying) > 0 {
				i := rnd.IntN(len(flying)) // answers come in any order
				g := flying[i]
				flying = append(flying[:i], flying[i+1:]...)
				switch rnd.IntN(10) {
				case 0:
					p.returned(now, g)
				case 1:
					ra := time.Duration(rnd.IntN(30)) * time.Second
					until = max(until, now+ra)
					p.limited(now, g, ra)
				default:
					p.passed(now, g)
				}
			}
			extras, count := 0, 0
			for _, g := range flying {
				if g == extra {
					extras++
				}
			}
			for _, e := range p.log {
				count += e.n
			}
			if len(flying) != p.inflight || extras != p.extras || count != p.count || !(p.credit >= 0) || !(p.rate >= 0) || until != p.until {
				t.Fatalf("seed %d: %d flying, %d extras, %d in the log, held until %v: %+v", seed, len(flying), extras, count, until, p)
			}
		}
	}
}

func BenchmarkPaceWithoutALimit(b *testing.B) {
	var p pace
	b.ReportAllocs()
	for i := range b.N {
		now := time.Duration(i) * time.Millisecond
		g, _ := p.admit(now)
		p.passed(now, g)
	}
}
