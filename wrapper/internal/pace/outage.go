package pace

import (
	"fmt"
	"slices"
	"time"
)

// Run is a bulk run. While no call of it is answered, it sends one request at a time. Its calls share one Pacer.
type Run struct {
	MaxOutage time.Duration             // longest time without an answer to wait for; 0 or less: none
	Backoff   func(n int) time.Duration // pause before probe n of an outage, n from 1

	outage   bool
	row      []*Call       // different calls that went unanswered since the last answer, at most callsInARow
	since    time.Duration // start of the first request of the row
	answered time.Duration // the last answer
	inflight int           // requests
	probes   int           // of this outage that went unanswered
	next     time.Duration // earliest time of the next probe
}

const (
	callsInARow = 3                      // that went unanswered are an outage: fewer may share one fault
	apart       = 500 * time.Millisecond // between the end of a request and the next, at least, in an outage
)

// Outage is why a call of a bulk run did not get its turn.
type Outage struct { //nolint:errname // it names what happened
	For time.Duration // no request was answered for that long
}

func (e *Outage) Error() string { return fmt.Sprintf("no answer for %v", e.For.Round(time.Second)) }

// The methods below take a nil Run, which is that of a single call and knows no outage.

// holds reports whether no call of the run may go now.
func (r *Run) holds(now time.Duration) bool {
	return r != nil && r.outage && (r.inflight > 0 || now < r.next)
}

// lasted is for how long no call of the run was answered; 0 where that is no outage.
func (r *Run) lasted(now time.Duration) time.Duration {
	if r == nil || !r.outage {
		return 0
	}
	return max(1, now-r.since)
}

// news is how long it takes until time alone changes something for the calls that wait.
func (r *Run) news(now time.Duration) time.Duration {
	lasted := r.lasted(now)
	switch {
	case lasted == 0:
		return Forever
	case r.inflight == 0 && now < r.next:
		return min(r.MaxOutage-lasted, r.next-now)
	}
	return r.MaxOutage - lasted
}

// sends notes that a request goes, and reports whether it is a probe.
func (r *Run) sends() (probe bool) {
	if r == nil {
		return false
	}
	r.inflight++
	return r.outage
}

// lands notes that a request is over.
func (r *Run) lands() {
	if r != nil {
		r.inflight--
	}
}

// answer notes an answer, and reports whether an outage ends by it.
func (r *Run) answer(now time.Duration) (ended bool) {
	if r == nil {
		return false
	}
	ended = r.outage
	r.outage, r.row, r.answered = false, nil, now
	return ended
}

// unanswered notes that the request of t got no answer, and reports whether that is an outage.
func (r *Run) unanswered(now time.Duration, t *Turn) bool {
	if r == nil {
		return false
	}
	if len(r.row) == 0 {
		r.since = max(t.start, r.answered)
	}
	if !r.outage && !slices.Contains(r.row, t.call) {
		r.row = append(r.row, t.call)
		r.outage, r.probes = len(r.row) == callsInARow, 0
	} else if t.probe {
		r.probes++
	}
	if r.outage {
		r.next = max(r.next, now+apart, t.start+r.Backoff(r.probes+1))
	}
	return r.outage
}
