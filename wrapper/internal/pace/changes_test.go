package pace

import (
	"cmp"
	"time"
)

// paced makes a rate a sender.
type paced struct{ rate }

func (p *paced) take(now time.Duration) *Permit {
	return &Permit{grantedAt: now, usedToken: p.rate.take()}
}

func (p *paced) throttle(now time.Duration, permit *Permit, retryAfter time.Duration) {
	p.hold(now, retryAfter, true)
	p.rate.throttle(now, permit, retryAfter)
}

// rules returns the strategy of this package.
func rules() strategy {
	return strategy{name: "this package", make: func() sender { return new(paced) }}
}

// A change leaves out one rule of the rate, or adds one. Functions that are nil change nothing.
type change struct {
	probeAfter float64                                                                    // share of the estimate after which probes begin; 0 = 1
	delay      func(c *changed, now time.Duration) time.Duration                          // replaces that of the rate
	throttle   func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) // replaces that of the rate
	learned    func(c *changed, now time.Duration, before rate)                           // is called when the estimate was renewed
	after      func(r *rate)                                                              // is called after each result
}

// changed is a rate with a change.
type changed struct {
	paced
	change
	probeAfter float64
	successes  []time.Duration
}

func with(name string, c change) strategy {
	return strategy{name: name, make: func() sender { return &changed{change: c, probeAfter: cmp.Or(c.probeAfter, 1)} }}
}

func (c *changed) delay(now time.Duration) time.Duration {
	if c.change.delay != nil {
		return c.change.delay(c, now)
	}
	return c.unchangedDelay(now)
}

// unchangedDelay is the delay of the rate, but for the time when probes begin.
func (c *changed) unchangedDelay(now time.Duration) time.Duration {
	c.advance(now)
	estimate := c.estimate
	defer func() { c.estimate = estimate }()
	c.estimate *= c.probeAfter
	if c.estimated() && !c.probing() && c.tokens+len(c.tokenTimes) == 0 { // as probes begin later than the rate expects
		c.tokenTimes = []time.Duration{forever}
		defer func() { c.tokenTimes = nil }()
	}
	return c.rate.delay(now)
}

func (c *changed) succeed(now time.Duration) {
	c.rate.succeed(now)
	c.successes = append(c.successes, now)
	if c.after != nil {
		c.after(&c.rate)
	}
}

func (c *changed) throttle(now time.Duration, permit *Permit, retryAfter time.Duration) {
	before, throttle := c.rate, (*rate).throttle
	if c.change.throttle != nil {
		throttle = c.change.throttle
	}
	c.hold(now, retryAfter, true)
	throttle(&c.rate, now, permit, retryAfter)
	if c.learned != nil && c.estimated() && c.countingSince == now {
		c.learned(c, now, before)
	}
	if c.after != nil {
		c.after(&c.rate)
	}
}

// estimated reports whether there is an estimate.
func (r *rate) estimated() bool { return r.state == steady || r.state == windows }

// probing reports whether the next request would be a probe.
func (r *rate) probing() bool {
	return r.estimated() && r.successes+r.inFlight >= int(r.estimate)
}

// changes are the rules of the rate, each left out, and then rules that buy little.
func changes() []strategy {
	return []strategy{
		with("without slow start", change{after: func(r *rate) { r.maxInFlight = 0 }}),
		with("without the windows state", change{
			throttle: func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
				r.throttle(now, permit, min(retryAfter, windowRetryAfter-1))
			},
		}),
		with("no window tokens at the end of Retry-After", change{
			learned: func(c *changed, now time.Duration, before rate) {
				if c.state == windows && before.state != windows {
					c.tokens, c.tokenTimes = 0, nil
					for _, at := range c.successes[len(c.successes)-before.successes:] {
						if at+time.Minute > now {
							c.tokenTimes = append(c.tokenTimes, at+time.Minute)
						}
					}
				}
			},
		}),
		with("without the steady state", change{
			throttle: func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
				r.longRetryAfter = r.longRetryAfter || r.state != unlimited && r.successes > 0
				r.throttle(now, permit, retryAfter)
			},
		}),
		with("steady tokens at the whole estimate", change{
			learned: func(c *changed, now time.Duration, _ rate) {
				if c.state == steady {
					c.estimate /= steadyShare
					c.tokenTimes[0] = now + c.tokenInterval()
				}
			},
		}),
		with("without probes", change{
			probeAfter: 1e9,
			delay: func(c *changed, now time.Duration) time.Duration {
				d := c.unchangedDelay(now)
				if d == forever && c.inFlight == 0 {
					return max(c.lastSuccess, c.holdUntil) + time.Minute - now
				}
				return d
			},
		}),
		with("as many probes at once as slow start allows", change{
			delay: func(c *changed, now time.Duration) time.Duration {
				if d := c.unchangedDelay(now); d != forever || !c.probing() || c.inFlight >= c.maxInFlight {
					return d
				}
				return 0
			},
		}),
		with("never more than one probe at once", change{
			delay: func(c *changed, now time.Duration) time.Duration {
				if d := c.unchangedDelay(now); d != 0 || !c.probing() || c.inFlight == 0 {
					return d
				}
				return forever
			},
		}),
		with("unused tokens are kept", change{
			learned: func(c *changed, _ time.Duration, before rate) { c.tokens += before.tokens },
		}),
		with("late ones renew the estimate too", change{
			throttle: func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
				r.throttle(now, &Permit{grantedAt: now, usedToken: permit.usedToken}, retryAfter)
			},
		}),
		with("late ones do not return their tokens", change{
			throttle: func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
				r.throttle(now, &Permit{grantedAt: permit.grantedAt, usedToken: permit.usedToken && permit.grantedAt > r.countingSince}, retryAfter)
			},
		}),
		with("those without a success renew it too", change{
			throttle: func(r *rate, now time.Duration, permit *Permit, retryAfter time.Duration) {
				none := r.state != unlimited && permit.grantedAt > r.countingSince && r.successes == 0
				if none {
					r.successes = 1
				}
				r.throttle(now, permit, retryAfter)
				if none && r.state == steady {
					r.estimate = 1
					r.tokenTimes[0] = now + r.tokenInterval()
				}
			},
		}),
		with("without forgetting", change{
			delay: func(c *changed, now time.Duration) time.Duration {
				c.lastSuccess = now
				return c.unchangedDelay(now)
			},
		}),
		with("probes from 90% of the estimate on", change{probeAfter: 0.9}),
		with("half as many probes below 30 a minute", change{
			learned: func(c *changed, _ time.Duration, before rate) {
				expected := float64(before.successes) >= before.estimate*c.probeAfter
				c.probeAfter = 1
				if expected && c.estimate < min(30, before.estimate+1) {
					c.probeAfter = 2
				}
			},
		}),
	}
}
