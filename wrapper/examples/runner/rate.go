package runner

import "time"

// rate estimates how many items are done in a minute. Slack accepts a minute's worth of requests at once before it limits the
// rate, so the average since the start is far too high at first, and is used only until the first limit. The number of items
// that are done when this limit ends is the first estimate: one minute's worth, but not less than Slack documents, because
// other programs may have used some of it. From then on the estimate is an average over rateWindow, with the previous
// estimate as its rate, and the time since then. After each rateWindow it becomes the previous estimate, so that it follows
// changes.
type rate struct {
	start    time.Time // start of the run
	limit    time.Time // end of the first limit; zero before the limit
	previous float64   // previous estimate, per minute
	since    time.Time // time of the previous estimate; zero before the end of the first limit
	base     int       // number of items that were done then
}

const rateWindow = 3 * time.Minute // a longer one would follow changes late

// update begins a new estimate when it is time. Call it before each change of done, the number of items that are done, and
// before each estimate.
func (r *rate) update(now time.Time, done int) {
	switch {
	case r.limit.IsZero() || now.Before(r.limit):
		r.base = done
	case r.since.IsZero():
		r.previous, r.since = r.firstEstimate(), r.limit
	case now.Sub(r.since) >= rateWindow:
		r.previous, r.since, r.base = r.perMinute(now, done), now, done
	}
}

func (r *rate) firstEstimate() float64 {
	return max(documentedRate, float64(r.base)/max(1, r.limit.Sub(r.start).Minutes()))
}

// perMinute returns the estimate; 0 if there is none.
func (r *rate) perMinute(now time.Time, done int) float64 {
	switch {
	case r.limit.IsZero():
		return float64(done) / max(time.Second, now.Sub(r.start)).Minutes()
	case r.since.IsZero():
		return r.firstEstimate()
	default:
		return (r.previous*rateWindow.Minutes() + float64(done-r.base)) / (rateWindow + now.Sub(r.since)).Minutes()
	}
}
