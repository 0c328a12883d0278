package pace

import (
	"fmt"
	"slices"
	"time"
)

const (
	callsInARow = 3                      // that went unanswered are an outage: fewer may share one fault
	apart       = 500 * time.Millisecond // between the end of a request and the next, at least, in an outage
	stale       = time.Minute            // after which the requests of an earlier run say nothing
)

// Outage is why a call of a bulk run did not get its turn.
type Outage struct { //nolint:errname // it names what happened
	For time.Duration // no request was answered for that long
}

func (e *Outage) Error() string { return fmt.Sprintf("no answer for %v", e.For.Round(time.Second)) }

// outage knows whether any call of a bulk run is answered. Its zero value is no outage.
type outage struct {
	on       bool
	row      []*Call       // different calls that went unanswered since the last answer, at most callsInARow
	since    time.Duration // start of the first request of the row
	answered time.Duration // the last answer
	ended    time.Duration // the last request of a bulk run
	probes   int           // of this outage that went unanswered
	next     time.Duration // earliest time of the next probe
	inside   int           // calls of bulk runs that wait or have a request under way
	flying   int           // those of them that have
}

// enter notes that c waits. What an earlier run met is forgotten: where a new call finds nobody who sits the outage
// out, and no request lately.
func (o *outage) enter(now time.Duration, c *Call) {
	if !c.Outages {
		return
	}
	if !c.begun && o.inside == 0 && (o.on && now > o.ended || now-o.ended > stale) {
		o.on, o.row = false, nil
	}
	c.begun = true
	o.inside++
}

// leave notes that c waits no longer.
func (o *outage) leave(c *Call) {
	if c.Outages {
		o.inside--
	}
}

// grant notes that c sends a request, and reports whether it is a probe.
func (o *outage) grant(c *Call) bool {
	if c.Outages {
		o.flying++
	}
	return c.Outages && o.on
}

// land notes that the request of t is over.
func (o *outage) land(now time.Duration, t *Turn) {
	if t.call.Outages {
		o.ended = now
		o.inside--
		o.flying--
	}
}

// holds reports whether c must not go now.
func (o *outage) holds(now time.Duration, c *Call) bool {
	return o.on && c.Outages && (o.flying > 0 || now < o.next)
}

// lasted is for how long c has met no answer; 0 where there is no outage for it.
func (o *outage) lasted(now time.Duration, c *Call) time.Duration {
	if !o.on || !c.Outages {
		return 0
	}
	return max(1, now-o.since)
}

// news is how long it takes until time alone changes something for c.
func (o *outage) news(now time.Duration, c *Call) time.Duration {
	if !o.on || !c.Outages {
		return Forever
	}
	end := c.MaxOutage - (now - o.since)
	if o.flying == 0 && now < o.next {
		return min(end, o.next-now)
	}
	return end
}

// over notes an answer. It reports whether an outage ends by it.
func (o *outage) over(now time.Duration) bool {
	was := o.on
	o.on, o.row, o.answered = false, nil, now
	return was
}

// unanswered notes that the request of t got no answer.
func (o *outage) unanswered(now time.Duration, t *Turn, backoff func(int) time.Duration) {
	if len(o.row) == 0 {
		o.since = max(t.start, o.answered)
	}
	if !o.on {
		o.add(t.call)
		if len(o.row) < callsInARow {
			return
		}
		o.on, o.probes = true, 0
	} else if t.probe {
		o.probes++
	}
	o.next = max(o.next, now+apart, t.start+backoff(o.probes+1))
}

func (o *outage) givenBack(now time.Duration, t *Turn) {
	if t.probe {
		o.next = max(o.next, now+apart)
	}
}

func (o *outage) add(c *Call) {
	if !slices.Contains(o.row, c) {
		o.row = append(o.row, c)
	}
}
