package pace

import (
	"slices"
	"time"
)

// A rate learns how many requests a limit lets pass, and decides when the next one may be sent, by the rules in the package
// documentation. It reads no clock: each time is a duration since one fixed moment, and 0 stands for never.
//
// A rate is not safe for concurrent use; that of a [Pacer] requires that Pacer.mu is held.
type rate struct {
	holdUntil       time.Duration // no request is sent before this time
	holdIsRateLimit bool          // a rate limit asked for that, not another response

	inFlight    int // number of requests whose result has not been reported
	maxInFlight int // slow start: no more may be in flight; 0 means any number

	state    state
	estimate float64         // number of requests that the limit lets pass in a minute
	tokens   int             // number of requests that may be sent now, besides probes
	refill   []time.Duration // times at which further tokens come, in order

	successes   int           // number of successes since throttledAt
	throttledAt time.Duration // time of the last throttled request that told more than how long to wait
	lastSuccess time.Duration // time of the last success
	longHold    bool          // some rate limit asked to wait for windowHold or longer
}

// A state is what is known about the limit.
type state uint8

const (
	unlimited state = iota // nothing: requests need no token
	steady                 // it refills steadily, like a token bucket
	windows                // it counts in windows of a minute
)

const (
	minute         = time.Minute
	windowHold     = 12 * time.Second // limits that refill steadily ask for less, unless they are below 5 a minute
	steadyShare    = 31. / 32         // of the estimate: slightly slower than the limit, so that it is rarely met
	probesPerExtra = 8                // one extra probe may be in flight for every so many that succeeded
)

// delay returns how long to wait before the next request: 0 means that it may be sent now, Forever that the result of a
// request in flight must be awaited. Any result may shorten the delay.
func (r *rate) delay(now time.Duration) time.Duration {
	r.advance(now)
	probed := r.successes - int(r.estimate) // number of successful probes; negative before the first
	probing := probed+r.inFlight >= 0       // the next request is a probe
	switch {
	case now < r.holdUntil:
		return r.holdUntil - now
	case r.maxInFlight > 0 && r.inFlight >= r.maxInFlight:
		return Forever
	case r.state == unlimited:
		return 0
	case probing && r.inFlight > probed/probesPerExtra:
		return Forever
	case probing || r.tokens > 0:
		return 0
	default: // a token comes: if none did, as many requests as estimated would be in flight, and the next one a probe
		return r.refill[0] - now
	}
}

// take counts a request as in flight, and reports whether it uses a token. It requires that delay has just returned 0.
func (r *rate) take() (token bool) {
	r.inFlight++
	if r.tokens == 0 {
		return false
	}
	r.tokens--
	return true
}

// cancel reports that a request had no result. Its token is returned.
func (r *rate) cancel(now time.Duration, token bool) {
	r.advance(now)
	r.inFlight--
	if token {
		r.tokens++
	}
}

// succeed reports a success.
func (r *rate) succeed(now time.Duration) {
	r.cancel(now, false)
	r.successes, r.lastSuccess = r.successes+1, now
	if r.maxInFlight > 0 {
		r.maxInFlight++
	}
	if r.state == windows {
		r.refill = append(r.refill, max(now+minute, r.holdUntil))
	}
}

// throttle reports a throttled request, whose response asked to wait for retryAfter.
func (r *rate) throttle(now time.Duration, token bool, retryAfter time.Duration) {
	r.cancel(now, token)
	sentBefore := now < r.holdUntil // another request has met the limit already
	r.hold(now, retryAfter, true)
	r.maxInFlight, r.longHold = 1, r.longHold || retryAfter >= windowHold
	switch counting := r.throttledAt > 0; {
	case sentBefore, counting && r.successes == 0: // it tells only how long to wait
		return
	case !counting && (r.successes == 0 || !r.longHold): // the next one will tell how many requests pass after this one
		r.state = unlimited
	case r.state == windows:
		r.estimate = float64(len(r.refill))
	case r.longHold: // the next window begins at the end of the hold
		r.state, r.estimate = windows, float64(r.successes)
		r.refill = slices.Repeat([]time.Duration{r.holdUntil}, r.successes)
	default:
		r.state, r.estimate = steady, max(1, float64(r.successes)/max(time.Millisecond, now-r.throttledAt).Minutes())
		r.refill = []time.Duration{now + r.gap()}
	}
	r.tokens, r.successes, r.throttledAt = 0, 0, now
}

// advance adds the tokens that have come by now. A minute after the last success it forgets the limit.
func (r *rate) advance(now time.Duration) {
	for len(r.refill) > 0 && r.refill[0] <= now {
		if r.refill = r.refill[1:]; r.state == windows {
			r.tokens++
		} else { // steady: one token is kept at most
			r.tokens, r.refill = 1, append(r.refill, now+r.gap())
		}
	}
	if r.inFlight == 0 && now >= max(r.lastSuccess, r.holdUntil)+minute {
		*r = rate{holdUntil: r.holdUntil, maxInFlight: r.maxInFlight}
	}
}

// gap is the time from one token to the next in the steady state.
func (r *rate) gap() time.Duration {
	return time.Duration(float64(minute) / (steadyShare * r.estimate))
}
