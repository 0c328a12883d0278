package runner

import "time"

// rate estimates how fast a run goes. Slack lets up to a minute's worth of requests pass at once and then counts them, so
// an average is far too good at first. Until the first rate limit there is no better one. What was done until that limit's
// end counts as a minute's worth, though not as less than Slack documents, because others may have used some of it. That is
// the first estimate. From then on the latest three minutes count, and for those not over yet the first estimate.
type rate struct {
	start time.Time
	limit time.Time // end of the first limit
	marks []mark    // at the limit's end, and each minute from there; the latest few
	first float64   // estimate at the limit's end, a minute
}

// mark is how many were done at a time.
type mark struct {
	at   time.Time
	done int
}

const minutes = 3 // that count; more would be slow to show a change

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
		r.marks, r.first = []mark{{r.limit, done}}, r.atLimit(done)
	}
	for next := r.marks[len(r.marks)-1].at.Add(time.Minute); !next.After(now); next = next.Add(time.Minute) {
		r.marks = append(r.marks, mark{next, done})
	}
	r.marks = r.marks[max(0, len(r.marks)-minutes-1):]
}

// atLimit is the first estimate.
func (r *rate) atLimit(done int) float64 {
	return max(documentedRate, float64(done)/max(1, r.limit.Sub(r.start).Minutes()))
}

// estimate returns how many are done in a minute, and the time until all are. ok is false if that is not known.
func (r *rate) estimate(now time.Time, done, total int) (perMinute float64, left time.Duration, ok bool) {
	from, base := now, done // the time left is counted from here
	switch {
	case r.limit.IsZero():
		perMinute = float64(done) / max(time.Second, now.Sub(r.start)).Minutes()
	case len(r.marks) == 0:
		from, perMinute = r.limit, r.atLimit(done)
	default:
		first, last := r.marks[0], r.marks[len(r.marks)-1]
		over := len(r.marks) - 1
		from, base = last.at, last.done
		perMinute = (float64(last.done-first.done) + float64(minutes-over)*r.first) / minutes
	}
	if perMinute == 0 {
		return 0, 0, false
	}
	if done < total {
		left = from.Sub(now) + time.Duration(float64(total-base)/perMinute*float64(time.Minute))
	}
	return perMinute, max(left, 0), true
}
