package pace

import (
	"math/rand/v2"
	"time"
)

// untold counts the rate limits in a row that did not say for how long to wait.
type untold struct {
	n    int
	last time.Duration // when the last one that counts came
}

const (
	shortest = 5 * time.Second // first wait after a rate limit that names none
	window   = time.Minute     // longest: limits that are known of count in minutes
)

// refused returns for how long to wait. Requests that were under way when the last such refusal came count with it.
func (u *untold) refused(now, start time.Duration) time.Duration {
	if u.n == 0 || start >= u.last {
		u.n, u.last = u.n+1, now
	}
	hold := min(window, shortest<<min(u.n-1, 4))
	return hold + rand.N(hold/5) //nolint:gosec // jitter is no secret
}

func (u *untold) end() { u.n = 0 }
