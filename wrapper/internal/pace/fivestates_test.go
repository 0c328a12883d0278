package pace

import "time"

// fiveStates is an alternative to rate, with five states. It sends probes at times of its own, and none while tokens are left.
type fiveStates struct {
	state          fiveState
	holdUntil      time.Duration
	inFlight       int
	maxInFlight    int // 0 = any number
	probesInFlight int

	log    []logEntry // successes within the last minute
	tokens int

	throttledAt time.Duration // or the time when a steady limit was last idle
	successes   int           // since throttledAt, less the tokens there were

	next      basis         // of the next request
	nextProbe time.Duration // time of the next probe
	probed    int           // successful probes since throttledAt
}

// A fiveState is what is known about the limit.
type fiveState uint8

const (
	nothingKnown fiveState = iota
	amountKnown            // how many requests pass in a minute, but not when
	windowKnown            // when the next window begins
	minuteKnown            // each token comes back a minute after its request succeeded
	steadyKnown            // it refills steadily
)

// A logEntry is n successes that leave the last minute at a time.
type logEntry struct {
	leaves time.Duration
	n      int
}

// A basis is why a request may be sent.
type basis uint8

const (
	noLimit basis = iota
	aToken
	aProbe
)

const (
	logResolution = 50 * time.Millisecond

	// If a window is used up so soon after the last throttled request, and the next one begins then, windows are short.
	shortWindow = 30 * time.Second

	// After a throttled request the next probe waits for probePause + probeWork/n if n requests pass in a minute, at most for
	// maxProbePause.
	probePause    = 22 * time.Second
	probeWork     = 21 * minute
	maxProbePause = 150 * time.Second

	moreProbes = 6 // one more probe is in flight for every so many successful ones
)

func (f *fiveStates) delay(now time.Duration) time.Duration {
	f.advance(now)
	f.next = aToken
	switch {
	case now < f.holdUntil:
		return f.holdUntil - now
	case f.maxInFlight > 0 && f.inFlight >= f.maxInFlight, f.tokens > 0 && f.probesInFlight > 0:
		return Forever
	case f.state == nothingKnown:
		f.next = noLimit
	case f.tokens > 0:
	case f.inFlight > f.probesInFlight || f.probesInFlight > f.probed/moreProbes:
		return f.nextToken(now)
	case f.probed == 0 && f.untilProbe(now) > 0:
		return min(f.untilProbe(now), f.nextToken(now))
	default:
		f.next = aProbe
	}
	return 0
}

func (f *fiveStates) take() any {
	f.inFlight++
	switch f.next {
	case aToken:
		f.tokens--
	case aProbe:
		f.probesInFlight++
	case noLimit:
	}
	return f.next
}

func (f *fiveStates) succeed(now time.Duration, permit any) {
	f.land(now, permit)
	f.successes++
	if f.maxInFlight > 0 {
		f.maxInFlight++
	}
	if permit == aProbe {
		f.probed++
	}
	switch {
	case f.state != amountKnown || now < f.holdUntil:
	case permit == aProbe: // it came before the tokens of the log: a new window has begun
		f.state, f.tokens, f.log = windowKnown, max(0, f.logged()-1), nil
	default:
		f.state = minuteKnown
	}
	f.add(now + minute)
}

func (f *fiveStates) throttle(now time.Duration, permit any, retryAfter time.Duration) {
	f.land(now, permit)
	sentBefore := now < f.holdUntil
	n, since := float64(f.successes), max(logResolution, now-f.throttledAt)
	f.throttledAt, f.successes, f.maxInFlight = now, 0, 1
	f.holdUntil = max(f.holdUntil, now+retryAfter)
	if sentBefore {
		return
	}
	switch minutes := since.Minutes(); {
	case f.state == nothingKnown:
		f.state = amountKnown
	case f.state == steadyKnown: // the estimate stays, if it agrees with the successes, give or take one
		estimate := float64(f.logged() + f.tokens)
		f.spread(now, min(max(estimate, (n-1)/minutes), (n+1)/minutes))
	case f.state == windowKnown && since+retryAfter < shortWindow:
		f.state = steadyKnown
		f.spread(now, n/minutes)
	case permit == aToken:
		f.tokens = 0
	}
	f.probed, f.nextProbe = 0, f.holdUntil
	if f.state != amountKnown {
		f.nextProbe += min(maxProbePause, probePause+probeWork/time.Duration(max(1, f.logged())))
	}
}

// land takes a request out of flight.
func (f *fiveStates) land(now time.Duration, permit any) {
	f.advance(now)
	f.inFlight--
	if permit == aProbe {
		f.probesInFlight--
	}
}

// advance makes tokens of the successes that have left the last minute.
func (f *fiveStates) advance(now time.Duration) {
	for len(f.log) > 0 && f.log[0].leaves <= now {
		if f.state != nothingKnown {
			f.tokens += f.log[0].n
		}
		f.log = f.log[1:]
	}
	if f.state == steadyKnown && len(f.log)+f.inFlight == 0 { // idle for a minute
		f.throttledAt, f.successes = now, -f.tokens
	}
}

// add logs a success.
func (f *fiveStates) add(leaves time.Duration) {
	leaves = (leaves + logResolution - 1).Truncate(logResolution)
	if last := len(f.log) - 1; last >= 0 && f.log[last].leaves == leaves {
		f.log[last].n++
	} else {
		f.log = append(f.log, logEntry{leaves, 1})
	}
}

// spread writes the log as if requests had succeeded steadily, at least one a minute.
func (f *fiveStates) spread(now time.Duration, perMinute float64) {
	f.log, f.tokens = nil, 0
	gap := float64(minute) / max(1, perMinute)
	for at := gap; at <= float64(minute); at += gap {
		f.add(now + time.Duration(at))
	}
}

// logged returns the number of successes in the log.
func (f *fiveStates) logged() (n int) {
	for _, e := range f.log {
		n += e.n
	}
	return n
}

// nextToken returns how long it takes until the next token comes.
func (f *fiveStates) nextToken(now time.Duration) time.Duration {
	if len(f.log) == 0 {
		return Forever
	}
	return f.log[0].leaves - now
}

// untilProbe returns how long it takes until the next probe. It is sent whole seconds before the next token comes, so that its
// Retry-After, which is in whole seconds, does not delay that token.
func (f *fiveStates) untilProbe(now time.Duration) time.Duration {
	early := f.nextToken(now) % time.Second
	switch {
	case now < f.nextProbe:
		return f.nextProbe - now
	case f.state == minuteKnown && len(f.log) > 0 && early < time.Second-logResolution: // else that moment has just passed
		return early
	}
	return 0
}
