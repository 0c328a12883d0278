package runner

import "time"

// rate estimates how fast a run goes. Slack lets up to a minute's worth of requests pass at once and then counts them, so
// an average is far too good at first. Until the first rate limit there is no better one. From then on what was done
// until the limit's end counts as a minute's worth, though not as less than Slack documents, for others may have used
// some of it. A minute later the last whole minutes since count alone.
type rate struct {
	start time.Time
	marks []mark // at the end of the first limit, and each minute from there; the latest few
	limit time.Time
}

// mark is how many were done at a time.
type mark struct {
	at   time.Time
	done int
}

const mostMarks = 4 // that is the last three minutes

// limited records when the first rate limit ends.
func (r *rate) limited(until time.Time) {
	if r.limit.IsZero() {
		r.limit = until
	}
}

// advance sets the marks that are due. It is called before done changes.
func (r *rate) advance(now time.Time, done int) {
	if r.limit.IsZero() || now.Before(r.limit) {
		return
	}
	if len(r.marks) == 0 {
		r.marks = []mark{{r.limit, done}}
	}
	for next := r.marks[len(r.marks)-1].at.Add(time.Minute); !next.After(now); next = next.Add(time.Minute) {
		r.marks = append(r.marks, mark{next, done})
	}
	r.marks = r.marks[max(0, len(r.marks)-mostMarks):]
}

// estimate returns how many are done in a minute, and the time until all are. ok is false if that is not known.
func (r *rate) estimate(now time.Time, done, total int) (perMinute float64, left time.Duration, ok bool) {
	from, base := now, done // the time left is counted from here
	var span time.Duration
	n := done
	switch {
	case r.limit.IsZero():
		span = max(now.Sub(r.start), time.Second)
	case len(r.marks) == 0:
		from, span = r.limit, max(r.limit.Sub(r.start), time.Minute)
	case len(r.marks) == 1:
		from, base = r.marks[0].at, r.marks[0].done
		n, span = base, max(from.Sub(r.start), time.Minute)
	default:
		first, last := r.marks[0], r.marks[len(r.marks)-1]
		from, base = last.at, last.done
		n, span = last.done-first.done, last.at.Sub(first.at)
	}
	perMinute = float64(n) / span.Minutes()
	if !r.limit.IsZero() && len(r.marks) < 2 {
		perMinute = max(perMinute, documentedRate)
	}
	if perMinute == 0 {
		return 0, 0, false
	}
	left = from.Sub(now) + time.Duration(float64(total-base)/perMinute*float64(time.Minute))
	if done == total {
		left = 0
	}
	return perMinute, max(left, 0), true
}
