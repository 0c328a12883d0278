package pace

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// ask admits at now, whatever has to be waited for, and returns the time it got through.
func ask(t *testing.T, p *rate, now time.Duration) (time.Duration, grant) {
	t.Helper()
	for {
		g, wait := p.admit(now)
		if wait <= 0 {
			return now, g
		}
		require.Less(t, wait, Forever, "nothing would ever wake this call")
		now += wait
	}
}

// burst lets twenty requests pass at 0 and the next one be refused.
func burst(p *rate, retryAfter time.Duration) {
	for range 20 {
		g, _ := p.admit(0)
		p.passed(0, g)
	}
	g, _ := p.admit(0)
	p.limited(0, g, retryAfter)
}

// atOnce counts the requests that go on credit at now while all of them pass.
func atOnce(p *rate, now time.Duration, most int) (n int) {
	for ; n < most; n++ {
		g, wait := p.admit(now)
		if wait > 0 {
			break
		}
		if g == extra && p.known != amount {
			p.returned(now, g)
			break
		}
		p.passed(now, g)
	}
	return n
}

func TestPaceNothingWaitsBeforeTheFirstLimitAndMemoryStaysBounded(t *testing.T) {
	var p rate
	for i := range 1_000_000 {
		now := time.Duration(i) * time.Millisecond
		g, wait := p.admit(now)
		p.passed(now, g)
		if wait != 0 || len(p.log) > int(minute/tick)+1 {
			t.Fatalf("request %d: wait %v, log of %d", i, wait, len(p.log))
		}
	}
}

func TestPaceNothingGoesBeforeRetryAfterHasPassed(t *testing.T) {
	for _, retryAfter := range []time.Duration{0, time.Second, 7 * time.Second, time.Hour} {
		var p rate
		burst(&p, retryAfter)
		now, _ := ask(t, &p, 0)
		assert.GreaterOrEqual(t, now, retryAfter)
		assert.LessOrEqual(t, now, retryAfter+minute)
	}
}

func TestPaceTheLongestRetryAfterHolds(t *testing.T) {
	var p rate
	g1, _ := p.admit(0)
	g2, _ := p.admit(0)
	p.limited(0, g1, 30*time.Second)
	p.limited(time.Second, g2, 10*time.Second)
	now, _ := ask(t, &p, time.Second)
	assert.GreaterOrEqual(t, now, 30*time.Second)
}

func TestPaceOneRequestComesBackAfterALimitAndOpensTheWayForMore(t *testing.T) {
	var p rate
	burst(&p, minute+time.Second)
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

func TestPaceWhatPassedAMinuteAgoPassesAgain(t *testing.T) {
	var p rate
	burst(&p, minute)
	assert.Equal(t, 20, atOnce(&p, minute, 100))
	assert.Zero(t, atOnce(&p, minute+time.Second, 100), "twenty a minute")
	assert.Equal(t, 20, atOnce(&p, 2*minute+tick, 20))
}

func TestPaceANewWindowLetsAsManyPassAsTheOneBefore(t *testing.T) {
	var p rate
	burst(&p, 13*time.Second) // the window began 47 s ago
	assert.Equal(t, 20, atOnce(&p, 13*time.Second, 100))
	assert.Zero(t, atOnce(&p, minute, 100), "what passed in the old window is forgotten")
	assert.Equal(t, 20, atOnce(&p, 13*time.Second+minute, 20))
}

// follow sends one request after the other for a while, 200 ms each, as p says.
func follow(p *rate, slack *slacktest.Slack, start time.Time, until time.Duration) (passed, refused int) {
	now := time.Since(start)
	for now < until {
		g, wait := p.admit(now)
		if wait <= 0 {
			time.Sleep(200 * time.Millisecond)
			now = time.Since(start)
			if n, wait := slack.Take(slacktest.MethodReset, 1); n == 1 {
				p.passed(now, g)
				passed++
			} else {
				p.limited(now, g, (wait + time.Second - 1).Truncate(time.Second))
				refused++
			}
			continue
		}
		time.Sleep(min(wait, until-now))
		now = time.Since(start)
	}
	return passed, refused
}

func limitedSlack(l slacktest.Limit) *slacktest.Slack {
	slack := slacktest.New()
	slack.Limit(slacktest.MethodReset, l)
	return slack
}

func TestPaceASteadyRefillIsFollowedAtItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p rate
		passed, refused := follow(&p, limitedSlack(slacktest.TokenBucket(20, minute)), time.Now(), 10*minute)
		assert.InDelta(t, 20+200, passed, 3)
		assert.LessOrEqual(t, refused, 20)
		assert.InDelta(t, 20, p.count()+p.credit, 1)
	})
}

func TestPaceAGrownLimitIsFoundWithinTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p rate
		slack, start := limitedSlack(slacktest.SlidingWindow(20, minute)), time.Now()
		follow(&p, slack, start, 15*minute)
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(40, minute))
		follow(&p, slack, start, 17*minute)
		passed, _ := follow(&p, slack, start, 20*minute)
		assert.InDelta(t, 3*40, passed, 2)
	})
}

func TestPaceAStrayLimitIsForgottenInSeconds(t *testing.T) {
	var p rate
	g, _ := p.admit(0)
	p.limited(0, g, 7*time.Second)
	now, g := ask(t, &p, 0)
	require.Equal(t, 7*time.Second, now)
	for range 300 { // one after the other, 200 ms each
		now += 200 * time.Millisecond
		p.passed(now, g)
		now, g = ask(t, &p, now)
	}
	assert.Less(t, now, 7*time.Second+300*200*time.Millisecond+10*time.Second)
}

func TestPaceALoneCallGoesWhenItsRetryAfterHasPassed(t *testing.T) {
	for _, apart := range []time.Duration{time.Second, 30 * time.Second, 59 * time.Second} {
		var p rate
		g, _ := p.admit(0)
		p.passed(0, g) // an answer, though maybe trouble inside Slack
		g, _ = p.admit(apart)
		p.limited(apart, g, 9*time.Second)
		now, _ := ask(t, &p, apart)
		assert.Equal(t, apart+9*time.Second, now)
	}
}

func TestPaceALoneCallIsHeldBackByNothingButRetryAfter(t *testing.T) {
	var p rate
	now, g := ask(t, &p, 0)
	for _, retryAfter := range []time.Duration{time.Second, time.Second, 30 * time.Second, minute, 700 * time.Millisecond} {
		p.limited(now, g, retryAfter)
		var then time.Duration
		then, g = ask(t, &p, now)
		require.Equal(t, now+retryAfter, then)
		now = then
	}
}

func TestPaceAClientThatFoundTheLimitUsedUpTakesNoAmountForGranted(t *testing.T) {
	var p rate
	first, _ := p.admit(0)
	second, _ := p.admit(0)
	p.limited(0, first, minute)
	p.limited(0, second, minute)
	now, g := ask(t, &p, 0)
	assert.Equal(t, minute, now)
	now += 200 * time.Millisecond
	p.passed(now, g)
	for range 1000 {
		g, wait := p.admit(now)
		require.LessOrEqual(t, wait, time.Duration(0), "nothing had passed, so no amount is known")
		p.passed(now, g)
	}
}

func TestPaceAnExtraTravelsAlone(t *testing.T) {
	var p rate
	burst(&p, minute)
	now := minute
	require.Equal(t, 20, atOnce(&p, now, 100))
	now, g := ask(t, &p, now)
	require.Equal(t, extra, g)
	require.Less(t, now, 2*minute)
	_, wait := p.admit(now)
	assert.NotZero(t, wait)
	_, wait = p.admit(2*minute + time.Second) // twenty credits are there, but its answer is not
	assert.Equal(t, Forever, wait)
	p.limited(2*minute+time.Second, g, time.Second)
	assert.Equal(t, 20, atOnce(&p, 2*minute+2*time.Second, 100), "its refusal costs nothing that was known")
}

func TestPaceExtrasBecomeRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p rate
		slack, start := limitedSlack(slacktest.FixedWindow(20, minute, 0)), time.Now()
		_, early := follow(&p, slack, start, 10*minute)
		follow(&p, slack, start, 20*minute)
		_, late := follow(&p, slack, start, 30*minute)
		assert.LessOrEqual(t, early, 12)
		assert.LessOrEqual(t, late, 8)
		assert.Positive(t, late)
	})
}

func TestPaceATurnThatIsGivenBackBlocksNobody(t *testing.T) {
	var p rate
	burst(&p, 13*time.Second)
	for i := range 5 { // the first after a limit gets no answer, again and again
		now, g := ask(t, &p, 13*time.Second)
		require.Equal(t, 13*time.Second, now, i)
		p.returned(now, g)
	}
	assert.Equal(t, 20, atOnce(&p, 13*time.Second, 100))
}

func TestPaceKnowledgeOutlivesAnHourOfSilence(t *testing.T) {
	var p rate
	burst(&p, minute)
	assert.Equal(t, 20, atOnce(&p, minute, 100))
	now := time.Hour
	assert.GreaterOrEqual(t, atOnce(&p, now, 20), 20, "a minute's worth is free")
}

func TestPaceASteadyLimitOutlivesAnHourOfSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p rate
		slack, start := limitedSlack(slacktest.TokenBucket(20, minute)), time.Now()
		for _, from := range []time.Duration{0, time.Hour, 2 * time.Hour} {
			time.Sleep(time.Until(start.Add(from)))
			passed, refused := follow(&p, slack, start, from+5*minute)
			assert.InDelta(t, 20+100, passed, 4, from)
			assert.LessOrEqual(t, refused, 16, from)
		}
	})
}

func TestPaceASteadyLimitBelowOneAMinuteKeepsRequestsGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := rate{known: steady, room: 1}
		slack := limitedSlack(slacktest.TokenBucket(1, 2*minute))
		passed, refused := follow(&p, slack, time.Now(), 20*minute)
		assert.InDelta(t, 10, passed, 3)
		assert.LessOrEqual(t, refused, 25)
	})
}

// Whatever happens in whatever order, the invariants hold and nobody waits for nothing.
func TestPaceInvariantsHoldForAnyAnswers(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var p rate
		if seed%2 == 1 { // a limit that refills steadily
			p = rate{known: steady, room: 1}
			p.replay(0, 30)
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
				case wait <= 0 && p.known != nothing && p.room > 0 && p.inflight > p.room:
					t.Fatalf("seed %d: %d in flight, room for %d", seed, p.inflight, p.room)
				case wait <= 0:
					flying = append(flying, g)
				case wait == Forever && len(flying) == 0:
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
			extras := 0
			for _, g := range flying {
				if g == extra {
					extras++
				}
			}
			if len(flying) != p.inflight || extras != p.extras || p.credit < 0 || len(p.log) > int(minute/tick)+1 || until != p.until {
				t.Fatalf("seed %d: %d flying, %d extras, held until %v: %+v", seed, len(flying), extras, until, p)
			}
		}
	}
}

func BenchmarkRateWithoutALimit(b *testing.B) {
	var p rate
	b.ReportAllocs()
	for i := range b.N {
		now := time.Duration(i) * time.Millisecond
		g, _ := p.admit(now)
		p.passed(now, g)
	}
}
