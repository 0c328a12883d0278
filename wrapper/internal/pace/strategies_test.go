package pace

import "time"

// paced makes a rate a sender.
type paced struct{ rate }

func (p *paced) take() any                        { return p.rate.take() }
func (p *paced) succeed(now time.Duration, _ any) { p.rate.succeed(now) }
func (p *paced) throttle(now time.Duration, token any, retryAfter time.Duration) {
	p.rate.throttle(now, token.(bool), retryAfter)
}

func rules() strategy {
	return strategy{name: "this package", make: func() sender { return new(paced) }}
}
