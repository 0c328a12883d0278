package pace

import "time"

// A rate learns how many requests a limit lets pass, and decides when the next one may be sent, by the rules in the package
// documentation. It reads no clock: each time is a duration since one fixed moment.
type rate struct {
	holdUntil       time.Duration // no request is sent before this time
	holdIsRateLimit bool          // a rate limit asked for that, not another response

	inFlight    int // number of requests whose result has not been reported
	maxInFlight int // slow start: no more may be in flight; 0 means any number

	state      rateState
	estimate   float64         // number of requests that the limit lets pass in a minute
	tokens     int             // number of tokens that can be used now
	tokenTimes []time.Duration // times at which further tokens come, in order

	countingSince  time.Duration // time of the last throttled request that changed the state or the estimate; at first 0
	successes      int           // number of successes since countingSince
	lastSuccess    time.Duration // 0 if there was none
	longRetryAfter bool          // some Retry-After was windowRetryAfter or longer
}

// A rateState is what is known about the limit.
type rateState uint8

const (
	unlimited rateState = iota // no request was throttled: requests need no token
	learning                   // one was throttled, and the next one will give an estimate: requests need no token
	steady                     // the limit refills steadily, like a token bucket
	windows                    // the limit counts in windows of a minute
)

const (
	windowRetryAfter       = 12 * time.Second // limits that refill steadily ask for less, unless they are below 5 a minute
	steadyShare            = 31. / 32         // of the estimate: slightly slower than the limit, so that it is rarely met
	successesPerExtraProbe = 8                // past the estimate
)

// delay returns how long to wait before the next request: 0 means that it may be sent now, forever that the result of a
// request in flight must be awaited. Any result may shorten the delay.
func (r *rate) delay(now time.Duration) time.Duration {
	r.advance(now)
	pastEstimate := r.successes - int(r.estimate) // negative until as many have succeeded as estimated
	switch {
	case now < r.holdUntil:
		return r.holdUntil - now
	case r.maxInFlight > 0 && r.inFlight >= r.maxInFlight:
		return forever
	case r.state == unlimited, r.state == learning:
		return 0
	case pastEstimate >= 0 && r.inFlight <= pastEstimate/successesPerExtraProbe: // it is a probe
		return 0
	case pastEstimate+r.inFlight >= 0: // enough probes are in flight, or requests that may reach the estimate
		return forever
	case r.tokens > 0:
		return 0
	default: // a token is still to come, because fewer requests than estimated have succeeded or are in flight
		return r.tokenTimes[0] - now
	}
}

// take counts a request as in flight, and reports whether it uses a token. It requires that delay has just returned 0.
func (r *rate) take() (usedToken bool) {
	r.inFlight++
	if usedToken = r.tokens > 0; usedToken {
		r.tokens--
	}
	return usedToken
}

// release counts the request of permit as no longer in flight, and returns its token, as if the limit had not counted it.
func (r *rate) release(permit *Permit) {
	r.inFlight--
	if permit.usedToken {
		r.tokens++
	}
}

// succeed reports a success.
func (r *rate) succeed(now time.Duration) {
	r.inFlight--
	r.successes, r.lastSuccess = r.successes+1, now
	if r.maxInFlight > 0 {
		r.maxInFlight++
	}
	if r.state == windows {
		r.tokenTimes = append(r.tokenTimes, now+time.Minute)
	}
}

// throttle reports that the request of permit was throttled. retryAfter is 0 if the response did not say how long to wait.
func (r *rate) throttle(now time.Duration, permit *Permit, retryAfter time.Duration) {
	r.advance(now)
	r.release(permit)
	r.maxInFlight, r.longRetryAfter = 1, r.longRetryAfter || retryAfter >= windowRetryAfter
	late := permit.grantedAt <= r.countingSince
	minutes := max(time.Millisecond, now-r.countingSince).Minutes()
	tokens := 0
	switch {
	case r.state != unlimited && (late || r.successes == 0): // it only asks to wait
		return
	case r.state == unlimited && (r.successes == 0 || !r.longRetryAfter):
		r.state = learning
	case r.state == windows:
		r.estimate = float64(len(r.tokenTimes))
	case r.longRetryAfter: // the next window begins when the hold ends
		tokens = int(float64(r.successes) / max(1, minutes))
		r.state, r.estimate, r.tokenTimes = windows, float64(tokens), nil
	default:
		r.state, r.estimate = steady, max(1, float64(r.successes)/minutes)
		r.tokenTimes = []time.Duration{now + r.tokenInterval()}
	}
	r.tokens, r.successes, r.countingSince = tokens, 0, now
}

// hold keeps requests back for d, because a response asked to wait. It is a no-op if d <= 0, or if a longer hold is in force.
func (r *rate) hold(now, d time.Duration, rateLimit bool) {
	if until := now + min(d, forever); d > 0 && until >= r.holdUntil {
		r.holdUntil, r.holdIsRateLimit = until, rateLimit
	}
}

// slowStart allows one request more than there are in flight, and one more with each success.
func (r *rate) slowStart() {
	if limit := r.inFlight + 1; r.maxInFlight == 0 || limit < r.maxInFlight {
		r.maxInFlight = limit
	}
}

// advance adds the tokens that have come by now. It forgets the limit a minute after the last success and the last hold.
func (r *rate) advance(now time.Duration) {
	for len(r.tokenTimes) > 0 && r.tokenTimes[0] <= now {
		r.tokens, r.tokenTimes = r.tokens+1, r.tokenTimes[1:]
		if r.state == steady {
			r.tokenTimes = append(r.tokenTimes, now+r.tokenInterval())
		}
	}
	if r.state == steady {
		r.tokens = min(1, r.tokens)
	}
	if r.inFlight == 0 && now >= max(r.lastSuccess, r.holdUntil)+time.Minute {
		*r = rate{holdUntil: r.holdUntil, maxInFlight: r.maxInFlight, countingSince: now}
	}
}

// tokenInterval is the time from one token to the next in the steady state.
func (r *rate) tokenInterval() time.Duration {
	return time.Duration(float64(time.Minute) / (steadyShare * r.estimate))
}
