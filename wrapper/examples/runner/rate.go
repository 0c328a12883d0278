package runner

import "time"

// rate estimates how many items are done in a minute. Slack accepts a minute's worth of requests at once before it limits
// the rate, so the average of a run is far too high at first; before the first limit there is nothing better. What was done
// when that limit ends counts as one minute's worth, but not as less than Slack documents, because other programs may have
// used some of it. This first estimate counts for rateWindow; what is done afterwards counts for the time it took. After each
// rateWindow the estimate becomes the new first one, so that old minutes lose their weight.
type rate struct {
	start time.Time // start of the run
	limit time.Time // end of the first limit; zero before it
	since time.Time // since when items are counted; zero before the end of the first limit
	base  int       // number of items done by then
	first float64   // estimate at that time, per minute
}

const rateWindow = 3 * time.Minute // a longer one would show changes late

// update is called before an item is done and before each estimate.
func (r *rate) update(now time.Time, done int) {
	switch {
	case r.limit.IsZero() || now.Before(r.limit):
		r.base = done
	case r.since.IsZero():
		r.first, r.since = r.firstEstimate(), r.limit
	case now.Sub(r.since) >= rateWindow:
		r.first, r.since, r.base = r.perMinute(now, done), now, done
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
		return (r.first*rateWindow.Minutes() + float64(done-r.base)) / (rateWindow + now.Sub(r.since)).Minutes()
	}
}
