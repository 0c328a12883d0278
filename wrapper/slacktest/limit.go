package slacktest

import (
	"slices"
	"sort"
	"time"
)

// Limit is a rate limit: how many requests of a method pass, and when. Throttled requests do not count. The zero
// value, and any limit of 0 requests or of no duration, lets everything pass. Slack does not document which kind it
// uses; for both methods it documents 20 or more requests a minute.
type Limit struct {
	kind       limitKind
	n          int
	per, phase time.Duration
}

type limitKind int

const (
	fixed limitKind = iota
	sliding
	bucket
)

// FixedWindow lets n requests pass in each window of length per. Windows begin at the multiples of per since the
// zero time (see [time.Time.Truncate]), plus phase: with per = [time.Minute] and phase 0, at each full minute.
func FixedWindow(n int, per, phase time.Duration) Limit {
	return Limit{kind: fixed, n: n, per: per, phase: phase}
}

// SlidingWindow lets at most n requests pass in any period of length per.
func SlidingWindow(n int, per time.Duration) Limit {
	return Limit{kind: sliding, n: n, per: per}
}

// TokenBucket lets one request pass for each token in a bucket. The bucket holds n tokens, starts full, and gains a
// token every per/n until it is full again.
func TokenBucket(n int, per time.Duration) Limit {
	return Limit{kind: bucket, n: n, per: per}
}

// Limit sets the rate limit of a method. Requests that passed under the previous limit count in the new one.
func (s *Slack) Limit(method string, l Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.n <= 0 || l.per <= 0 {
		delete(s.limits, method)
		return
	}
	next := &limiter{Limit: l}
	if last := s.limits[method]; last != nil {
		for _, t := range last.passed {
			next.pass(t)
		}
	}
	if s.limits == nil {
		s.limits = map[string]*limiter{}
	}
	s.limits[method] = next
}

// Take uses up part of a method's limit, as another program with the same app would. It makes up to n requests and
// returns the number that passed and the time until the next one would pass.
func (s *Slack) Take(method string, n int) (taken int, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, now := s.limits[method], time.Now()
	for ; taken < n && l.wait(now) == 0; taken++ {
		l.pass(now)
	}
	return taken, l.wait(now)
}

// throttled reports whether the rate limit refuses the request, and refuses it then; else it counts the request.
func (s *Slack) throttled(v *verdict, method string) bool {
	l, now := s.limits[method], time.Now()
	if v.wait = l.wait(now); v.wait > 0 {
		v.Error = "ratelimited"
		return true
	}
	l.pass(now)
	return false
}

// limiter is a Limit with the requests that it counts. A nil limiter lets everything pass.
type limiter struct {
	Limit
	passed []time.Time // times of the requests that passed within the last per, oldest first
	full   time.Time   // time at which the bucket is full again
}

// wait returns the time until a request passes; 0 means that it passes now.
func (l *limiter) wait(now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	switch l.kind {
	case fixed:
		start := now.Add(-l.phase).Truncate(l.per).Add(l.phase)
		if len(l.passed)-l.before(start) >= l.n {
			return start.Add(l.per).Sub(now)
		}
	case sliding:
		if i := len(l.passed) - l.n; i >= 0 {
			return max(0, l.passed[i].Add(l.per).Sub(now))
		}
	case bucket:
		return max(0, l.full.Add(-time.Duration(l.n-1)*l.refill()).Sub(now))
	}
	return 0
}

// pass counts a request that passes.
func (l *limiter) pass(now time.Time) {
	if l == nil {
		return
	}
	l.passed = append(slices.Delete(l.passed, 0, l.before(now.Add(-l.per))), now)
	if l.full.Before(now) {
		l.full = now
	}
	l.full = l.full.Add(l.refill())
	if empty := now.Add(l.per); l.full.After(empty) { // more passed under a larger limit
		l.full = empty
	}
}

// refill is the time in which the bucket gains one token.
func (l *limiter) refill() time.Duration {
	return l.per / time.Duration(l.n)
}

// before returns the number of requests that passed before t.
func (l *limiter) before(t time.Time) int {
	return sort.Search(len(l.passed), func(i int) bool { return !l.passed[i].Before(t) })
}
