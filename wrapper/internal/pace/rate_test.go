package pace

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// next returns when the next request may be sent, now or later, if there are no other events.
func next(t *testing.T, r *rate, now time.Duration) time.Duration {
	t.Helper()
	for {
		delay := r.delay(now)
		if delay <= 0 {
			return now
		}
		require.Less(t, delay, forever, "nothing would ever end this wait")
		now += delay
	}
}

// take returns a permit for a request that is sent now.
func take(r *rate, now time.Duration) *Permit { return &Permit{grantedAt: now, usedToken: r.take()} }

// throttle lets a request be throttled, by a response that asks to wait for retryAfter.
func throttle(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
	r.hold(now, retryAfter, true)
	r.throttle(now, permit, retryAfter)
}

// send sends the next request as soon as it may be sent, now or later. It succeeds at once. send returns when.
func send(t *testing.T, r *rate, now time.Duration) time.Duration {
	t.Helper()
	now = next(t, r, now)
	r.take()
	r.succeed(now)
	return now
}

// sendThrottled sends the next request as soon as it may be sent, now or later. It is throttled at once.
func sendThrottled(t *testing.T, r *rate, now, retryAfter time.Duration) time.Duration {
	t.Helper()
	now = next(t, r, now)
	throttle(r, now, take(r, now), retryAfter)
	return now
}

// burst sends as many requests at now as may be sent, at most limit, all of which succeed. It returns their number.
func burst(r *rate, now time.Duration, limit int) (n int) {
	for ; n < limit && r.delay(now) <= 0; n++ {
		r.take()
		r.succeed(now)
	}
	return n
}

// in returns a rate in a state, a minute's worth of requests after the last throttled one, and the time.
func in(t *testing.T, s rateState) (*rate, time.Duration) {
	t.Helper()
	r := new(rate)
	now := time.Duration(1)
	switch s {
	case unlimited:
	case learning:
		now = sendThrottled(t, r, now, time.Second)
	case steady:
		now = sendThrottled(t, r, now, time.Second)
		for range 20 {
			now = send(t, r, now+time.Second)
		}
		now = sendThrottled(t, r, now, time.Second)
	case windows:
		require.Equal(t, 20, burst(r, now, 20))
		now = sendThrottled(t, r, now, 30*time.Second)
	}
	for range 3 {
		now = send(t, r, now)
	}
	require.Equal(t, s, r.state)
	return r, now
}

var rateStates = []rateState{unlimited, learning, steady, windows}

func TestRateStatesFollowTheTableOfTheDoc(t *testing.T) {
	names := []string{"unlimited", "learning", "steady", "windows"}
	events := map[string]func(t *testing.T, r *rate, now time.Duration){
		"throttled, late": func(t *testing.T, r *rate, now time.Duration) {
			late := &Permit{grantedAt: r.countingSince}
			r.inFlight++
			now = send(t, r, now)
			throttle(r, now, late, time.Minute)
		},
		"throttled, no success counted": func(t *testing.T, r *rate, now time.Duration) {
			r.successes = 0
			sendThrottled(t, r, now, time.Minute)
		},
		"throttled, some Retry-After >= 12 s": func(t *testing.T, r *rate, now time.Duration) {
			sendThrottled(t, r, now, 12*time.Second)
		},
		"throttled": func(t *testing.T, r *rate, now time.Duration) {
			sendThrottled(t, r, now, 12*time.Second-1)
		},
		"any other result": func(t *testing.T, r *rate, now time.Duration) {
			now = send(t, r, now)
			now = next(t, r, now)
			r.release(take(r, now))
		},
		"a minute without a success": func(t *testing.T, r *rate, now time.Duration) {
			now = max(now, r.holdUntil)
			r.advance(now + time.Minute - 1)
			require.NotZero(t, r.lastSuccess)
			remembered := &rate{maxInFlight: r.maxInFlight, holdUntil: r.holdUntil, countingSince: now + time.Minute}
			r.advance(now + time.Minute)
			require.Equal(t, remembered, r)
		},
	}
	rows := docTable(t, "doc.go", names...)
	for event, happens := range events {
		require.Contains(t, rows, event, "doc.go has no such row")
		for i, s := range rateStates {
			after := rows[event][i]
			if after == "-" {
				continue
			}
			t.Run(names[s]+"/"+event, func(t *testing.T) {
				r, now := in(t, s)
				happens(t, r, now)
				assert.Equal(t, after, names[r.state])
			})
		}
	}
	assert.Len(t, rows, len(events), "each row of the table is an event above")
}

func TestRateSendsAllUntilTheFirstThrottledRequest(t *testing.T) {
	var r rate
	for i := range 1_000_000 {
		now := time.Duration(i) * time.Millisecond
		delay := r.delay(now)
		r.take()
		r.succeed(now)
		if delay != 0 || len(r.tokenTimes) > 0 {
			t.Fatalf("request %d: delay %v, %d tokens to come", i, delay, len(r.tokenTimes))
		}
	}
}

func TestRateSendsNothingBeforeRetryAfterIsOver(t *testing.T) {
	for _, s := range rateStates {
		for _, retryAfter := range []time.Duration{time.Millisecond, time.Second, 7 * time.Second, time.Hour} {
			r, now := in(t, s)
			now = sendThrottled(t, r, now, retryAfter)
			assert.Equal(t, time.Duration(1), r.delay(now+retryAfter-1))
			sent := next(t, r, now)
			assert.GreaterOrEqual(t, sent, now+retryAfter)
			assert.LessOrEqual(t, sent, now+retryAfter+time.Minute+3*time.Second)
		}
	}
}

func TestRateSlowStartDoublesWithEachRoundTrip(t *testing.T) {
	var r rate
	now := time.Duration(1)
	burst(&r, now, 20)
	now = sendThrottled(t, &r, now, 30*time.Second) + 30*time.Second
	for _, want := range []int{1, 2, 4, 8} {
		sent := 0
		for ; r.delay(now) <= 0; sent++ {
			r.take()
		}
		require.Equal(t, want, sent)
		now += 200 * time.Millisecond
		for range sent {
			r.succeed(now)
		}
	}
}

func TestWindowsOpenAtTheEndOfTheFirstRetryAfter(t *testing.T) {
	var r rate
	burst(&r, 1, 20)
	at := sendThrottled(t, &r, 1, 13*time.Second) + 13*time.Second
	assert.Equal(t, 20, burst(&r, at, 20), "the next window")
	assert.InDelta(t, 20, r.estimate, 0)
	at = sendThrottled(t, &r, at, 47*time.Second)
	assert.Positive(t, r.delay(at+time.Minute-1))
	assert.Equal(t, 20, burst(&r, at+time.Minute, 20), "the tokens of that window return after a time.Minute")
}

func TestSteadyTokensComeSlightlySlowerThanTheLimit(t *testing.T) {
	var r rate
	now := sendThrottled(t, &r, 1, 3*time.Second)
	for range 20 {
		now = send(t, &r, now+3*time.Second)
	}
	now = sendThrottled(t, &r, now, time.Second)
	require.Equal(t, steady, r.state)
	require.InDelta(t, 20, r.estimate, 0.1)
	gap := 3 * time.Second * 32 / 31
	at := send(t, &r, now)
	assert.InDelta(t, gap, at-now, float64(20*time.Millisecond))
	for range 10 {
		before := at
		at = send(t, &r, at)
		assert.InDelta(t, gap, at-before, float64(20*time.Millisecond))
	}
	for range 10 {
		at += 5 * time.Second
		r.delay(at)
	}
	assert.Equal(t, 1, burst(&r, at, 2), "tokens are not saved up")
}

func TestSteadyEstimateIsFiniteHoweverShortTheTime(t *testing.T) {
	var r rate
	sendThrottled(t, &r, 1, 1)
	require.Equal(t, 5, burst(&r, 2, 5))
	sendThrottled(t, &r, 2, 1)
	require.Equal(t, steady, r.state)
	assert.LessOrEqual(t, r.estimate, 5*60_000.)
	assert.Greater(t, r.tokenInterval(), 100*time.Microsecond)
}

func TestProbesBeginWhenTheEstimateIsUsedUp(t *testing.T) {
	var r rate
	burst(&r, 1, 20)
	at := sendThrottled(t, &r, 1, 30*time.Second) + 30*time.Second
	require.Equal(t, 20, burst(&r, at, 20))
	require.Zero(t, r.delay(at))
	r.take()
	assert.Equal(t, forever, r.delay(at), "one probe at a time")
	r.succeed(at)
	for range 7 {
		require.Equal(t, at, send(t, &r, at), "probes need no token")
	}
	r.take()
	assert.Zero(t, r.delay(at), "one more after eight successful probes")
	r.take()
	assert.Equal(t, forever, r.delay(at))
}

func TestAThrottledProbeRenewsTheEstimateAndVoidsTokens(t *testing.T) {
	var r rate
	burst(&r, 1, 20)
	at := sendThrottled(t, &r, 1, 30*time.Second) + 30*time.Second
	require.Equal(t, 18, burst(&r, at, 18))
	at += 30 * time.Second // two tokens are left
	sendThrottled(t, &r, at, time.Second)
	assert.Zero(t, r.tokens)
	assert.InDelta(t, 18, r.estimate, 0)
}

func TestTheEstimateCountsNoTokensThatHaveCome(t *testing.T) {
	r, now := in(t, windows)
	r.maxInFlight = 0
	throttled := take(r, now)
	require.Equal(t, 2, burst(r, now+30*time.Second, 2))
	throttle(r, now+70*time.Second, throttled, time.Second)
	assert.InDelta(t, 2, r.estimate, 0, "three others came ten seconds ago")
}

func TestACancelledRequestReturnsItsToken(t *testing.T) {
	for _, s := range []rateState{steady, windows} {
		r, now := in(t, s)
		now = next(t, r, now)
		for range 5 {
			require.Zero(t, r.delay(now))
			r.release(take(r, now))
		}
		assert.Zero(t, r.delay(now))
	}
}

func TestALateThrottledRequestShowsWindows(t *testing.T) {
	r, now := in(t, steady)
	r.maxInFlight, r.tokens = 2, 1
	first, second := take(r, now), take(r, now)
	throttle(r, now, first, time.Second)
	throttle(r, now, second, 30*time.Second)
	require.Equal(t, steady, r.state, "it does not tell how many requests pass")
	now = send(t, r, now)
	sendThrottled(t, r, now, time.Second)
	assert.Equal(t, windows, r.state)
}

func TestALateThrottledRequestDoesNotTeach(t *testing.T) {
	var r rate
	burst(&r, 1, 20)
	late := take(&r, 1)
	at := sendThrottled(t, &r, 2, 13*time.Second)
	before := r.estimate
	r.maxInFlight = 2 // although one is in flight
	at = send(t, &r, at)
	throttle(&r, at, late, time.Second)
	assert.Equal(t, windows, r.state)
	assert.InDelta(t, before, r.estimate, 0, "the hold was over when it was received")
	assert.Equal(t, at+time.Second, next(t, &r, at), "but it asks to wait")
}

func TestTheFirstThrottledRequestTeachesDuringAnyHold(t *testing.T) {
	var r rate
	burst(&r, 1, 20)
	throttled := take(&r, 1)
	r.hold(1, time.Minute, false)
	throttle(&r, 2, throttled, 30*time.Second)
	assert.Equal(t, windows, r.state)
	assert.InDelta(t, 20, r.estimate, 0)
}

func TestALateThrottledRequestReturnsItsToken(t *testing.T) {
	r, now := in(t, windows)
	r.maxInFlight = 0
	first, late := take(r, now), take(r, now)
	require.True(t, late.usedToken)
	throttle(r, now+1, first, time.Second)
	require.Zero(t, r.tokens)
	throttle(r, now+2, late, time.Second)
	assert.Equal(t, 1, r.tokens)
}

func TestCancelledRequestsLeaveOneSteadyToken(t *testing.T) {
	r, now := in(t, steady)
	r.maxInFlight = 0
	var permits []*Permit
	for range 5 {
		now = next(t, r, now)
		permits = append(permits, take(r, now))
	}
	for _, permit := range permits {
		r.release(permit)
	}
	assert.Equal(t, now, next(t, r, now))
	take(r, now)
	assert.Greater(t, next(t, r, now), now, "tokens are not saved up")
}

func TestTheFirstWindowIsThatOfOneMinute(t *testing.T) {
	for _, s := range []rateState{unlimited, learning, steady} {
		r, now := in(t, s)
		for range 600 { // ten a minute, for an hour
			r.take()
			now += 6 * time.Second
			r.succeed(now)
		}
		sendThrottled(t, r, now, 30*time.Second)
		require.Equal(t, windows, r.state)
		assert.InDelta(t, 10, r.estimate, 1, "from state %d", s)
		assert.LessOrEqual(t, len(r.tokenTimes), 10)
	}
}

func TestTheFirstWindowDoesNotCountIdleTime(t *testing.T) {
	var r rate
	now := send(t, &r, 1) + time.Hour
	require.Equal(t, 20, burst(&r, now, 20))
	sendThrottled(t, &r, now+time.Second, 30*time.Second)
	assert.InDelta(t, 20, r.estimate, 0)
}

func TestSlowStartAfterAnOutageOnlyLowersTheLimit(t *testing.T) {
	for before, want := range map[int]int{0: 4, 1: 1, 3: 3, 100: 4} {
		r := rate{inFlight: 3, maxInFlight: before}
		r.slowStart()
		assert.Equal(t, want, r.maxInFlight, "before: %d", before)
	}
}

func TestRateSurvivesOneStrayRateLimit(t *testing.T) {
	var r rate
	now := sendThrottled(t, &r, 1, 7*time.Second)
	require.Equal(t, now+7*time.Second, next(t, &r, now))
	for range 300 {
		require.LessOrEqual(t, send(t, &r, now+7*time.Second), now+7*time.Second)
		now += 200 * time.Millisecond
	}
}

func TestALoneCallIsHeldBackByRetryAfterOnly(t *testing.T) {
	var r rate
	now := time.Duration(1)
	for _, retryAfter := range []time.Duration{time.Second, time.Second, 30 * time.Second, time.Minute, 700 * time.Millisecond} {
		now = sendThrottled(t, &r, now, retryAfter)
		require.Equal(t, now+retryAfter, next(t, &r, now))
	}
}

func TestASteadyLimitBelowOneAMinuteKeepsRequestsGoing(t *testing.T) {
	s := scenario{requests: 10}
	for _, c := range allKinds(2*time.Minute, 1, 1) {
		r := s.simulate(c, rules())
		assert.LessOrEqual(t, r.time, r.optimum+2*time.Minute, c)
	}
}

// A history is a random sequence of events, as a Pacer may report them.
type history struct {
	rate
	random   *rand.Rand
	now      time.Duration
	inFlight []*Permit
	held     time.Duration // end of the longest Retry-After
	active   time.Duration // time of the last event

	throttling int           // % of the results
	pause      time.Duration // mean time between two events
	retryAfter time.Duration // longest
}

func newHistory(seed uint64) *history {
	random := rand.New(rand.NewPCG(seed, 2))
	return &history{
		random: random, now: 1,
		throttling: 1 + random.IntN(100),
		pause:      time.Duration(1+random.IntN(3000)) * time.Millisecond,
		retryAfter: time.Duration(1+random.IntN(100)) * time.Second,
	}
}

// allTokens counts the tokens that are there, that will come, and that requests in flight use.
func (h *history) allTokens() int {
	n := h.tokens + len(h.tokenTimes)
	for _, permit := range h.inFlight {
		if permit.usedToken {
			n++
		}
	}
	return n
}

// next lets time pass, and something happen.
func (h *history) next(t require.TestingT) {
	h.now += time.Duration(h.random.ExpFloat64() * float64(h.pause))
	if h.random.IntN(200) == 0 {
		h.now += time.Duration(h.random.Int64N(int64(time.Hour)))
	}
	switch n := len(h.inFlight); {
	case h.random.IntN(2) == 0:
		h.send(t)
	case n > 0: // results come in any order
		i := h.random.IntN(n)
		permit := h.inFlight[i]
		h.inFlight = slices.Delete(h.inFlight, i, i+1)
		h.result(permit)
		h.active = h.now
	}
}

// send sends a request, if it may be sent.
func (h *history) send(t require.TestingT) {
	delay := h.delay(h.now)
	if delay > 0 {
		if len(h.inFlight) == 0 {
			require.Less(t, delay, forever, "nothing would ever end this wait")
			require.LessOrEqual(t, h.now+delay, max(h.held, h.active)+time.Minute+3*time.Second, "waits too long")
		}
		return
	}
	require.GreaterOrEqual(t, h.now, h.held, "sent during a hold")
	if h.maxInFlight > 0 {
		require.Less(t, h.rate.inFlight, h.maxInFlight, "slow start")
	}
	needsToken := h.estimated() && !h.probing()
	permit := take(&h.rate, h.now)
	require.True(t, permit.usedToken || !needsToken, "sent without a token")
	h.inFlight = append(h.inFlight, permit)
	h.active = h.now
}

// result reports a random result of a request.
func (h *history) result(permit *Permit) {
	switch chance := h.random.IntN(100); {
	case chance < h.throttling:
		retryAfter := 1 + time.Duration(h.random.Int64N(int64(h.retryAfter)))
		h.held = max(h.held, h.now+retryAfter)
		throttle(&h.rate, h.now, permit, retryAfter)
	case chance < h.throttling+5:
		h.release(permit)
	default:
		h.succeed(h.now)
	}
}

// check requires what must hold at any time. before is the number of all tokens before the last event.
func (h *history) check(t require.TestingT, before int, learned bool) {
	require.Equal(t, h.held, h.holdUntil)
	require.Len(t, h.inFlight, h.rate.inFlight)
	require.GreaterOrEqual(t, h.tokens, 0)
	require.True(t, slices.IsSorted(h.tokenTimes))
	if n := len(h.tokenTimes); n > 0 {
		require.LessOrEqual(t, h.tokenTimes[n-1], max(h.now+time.Minute*32/31, h.held), "a token comes too late")
	}
	switch {
	case !h.estimated():
		require.Zero(t, h.tokens+len(h.tokenTimes))
	case learned:
		require.LessOrEqual(t, float64(h.tokens+len(h.tokenTimes)), h.estimate, "unused tokens are void")
	default:
		require.LessOrEqual(t, h.allTokens(), before+1, "tokens from nowhere")
	}
	if h.state == steady {
		require.Len(t, h.tokenTimes, 1)
		require.True(t, h.tokens == 0 || !learned, "unused tokens are void")
	}
}

func TestRateInvariantsHoldInAnyHistory(t *testing.T) {
	histories := 2 * *seeds
	t.Logf("seeds %d to %d", *firstSeed, *firstSeed+histories-1)
	reached := map[rateState]int{}
	for seed := range histories {
		h := newHistory(*firstSeed + seed)
		for range 1000 {
			before, countingSince := h.allTokens(), h.countingSince
			h.next(t)
			h.check(t, before, h.countingSince > countingSince)
			reached[h.state]++
		}
	}
	t.Logf("events by state: %v", reached)
	for _, s := range rateStates {
		assert.Greater(t, reached[s], 100, "histories reach every state")
	}
}

func BenchmarkRateWithoutALimit(b *testing.B) {
	var r rate
	b.ReportAllocs()
	now := time.Duration(0)
	for b.Loop() {
		now += time.Millisecond
		r.delay(now)
		r.take()
		r.succeed(now)
	}
}
