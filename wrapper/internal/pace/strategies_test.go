package pace

import (
	"math"
	"time"
)

// holding keeps requests back while a Retry-After lasts.
type holding struct{ until time.Duration }

func (h *holding) delay(now time.Duration) time.Duration { return h.until - now }
func (h *holding) take(time.Duration) *Permit            { return nil }
func (h *holding) succeed(time.Duration)                 {}
func (h *holding) throttle(now time.Duration, _ *Permit, wait time.Duration) {
	h.until = max(h.until, now+wait)
}

// constant sends 20 requests a minute, which is what Slack promises.
type constant struct{ holding }

func (c *constant) delay(now time.Duration) time.Duration {
	wait := c.until - now
	if wait <= 0 {
		c.until = now + time.Minute/20
	}
	return wait
}

// additive adjusts the number of requests in flight as TCP Reno does: additive increase, multiplicative decrease.
type additive struct {
	holding
	window   float64
	inFlight int
}

func (a *additive) delay(now time.Duration) time.Duration {
	if a.until > now {
		return a.until - now
	}
	if a.inFlight > 0 && float64(a.inFlight+1) > a.window {
		return forever
	}
	return 0
}

func (a *additive) take(time.Duration) *Permit {
	a.inFlight++
	return nil
}

func (a *additive) succeed(time.Duration) {
	a.inFlight--
	a.window += 1 / a.window
}

func (a *additive) throttle(now time.Duration, permit *Permit, wait time.Duration) {
	a.inFlight--
	if now >= a.until {
		a.window = max(1, a.window/2)
	}
	a.holding.throttle(now, permit, wait)
}

// cubic adjusts a token bucket as CUBIC does, with the constants of the AWS SDKs' adaptive retry mode.
type cubic struct {
	holding
	rate, tokens, maxRate float64 // a second; rate 0 = no limit was met
	filledAt, throttledAt time.Duration
	measured              float64 // requests a second
	measuredAt            time.Duration
	sent                  int // since measuredAt
}

func (c *cubic) delay(now time.Duration) time.Duration {
	if c.until > now || c.rate == 0 {
		return max(0, c.until-now)
	}
	c.tokens = min(max(1, c.rate), c.tokens+c.rate*(now-c.filledAt).Seconds())
	c.filledAt = now
	if c.tokens >= 1 {
		return 0
	}
	return max(time.Millisecond, time.Duration((1-c.tokens)/c.rate*float64(time.Second)))
}

func (c *cubic) take(time.Duration) *Permit {
	c.tokens = max(0, c.tokens-1)
	return nil
}

func (c *cubic) succeed(now time.Duration) {
	c.measure(now)
	if c.rate == 0 {
		return
	}
	const scale, beta = 0.4, 0.7
	t := (now - c.throttledAt).Seconds() - math.Cbrt(c.maxRate*(1-beta)/scale)
	c.update(scale*t*t*t + c.maxRate)
}

func (c *cubic) throttle(now time.Duration, permit *Permit, wait time.Duration) {
	c.measure(now)
	c.maxRate = c.measured
	if c.rate > 0 {
		c.maxRate = min(c.measured, c.rate)
	}
	c.throttledAt = now
	c.update(0.7 * c.maxRate)
	c.holding.throttle(now, permit, wait)
}

func (c *cubic) update(rate float64) {
	c.rate = max(0.5, min(rate, 2*c.measured))
	c.tokens = min(c.tokens, max(1, c.rate))
}

func (c *cubic) measure(now time.Duration) {
	c.sent++
	const bucket, smooth = 500 * time.Millisecond, 0.8
	if at := now.Truncate(bucket); at > c.measuredAt {
		c.measured = smooth*float64(c.sent)/(at-c.measuredAt).Seconds() + (1-smooth)*c.measured
		c.measuredAt, c.sent = at, 0
	}
}

// alternatives are strategies in common use.
func alternatives() []strategy {
	return []strategy{
		{name: "sleep Retry-After, one at once", atOnce: 1, make: func() sender { return new(holding) }},
		{name: "AIMD on requests in flight", make: func() sender { return &additive{window: 8} }},
		{name: "CUBIC on a token bucket", make: func() sender { return new(cubic) }},
		{name: "constant, 20 a minute", make: func() sender { return new(constant) }},
	}
}
