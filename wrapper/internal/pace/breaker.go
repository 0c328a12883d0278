package pace

import (
	"fmt"
	"slices"
	"time"
)

// A Run is the circuit breaker of one bulk run, whose calls use one [Pacer].
//
// The breaker is closed until three different calls in a row end an attempt without a response of the service's. Then it
// opens: the run is in an outage. After each pause it is half-open: it lets one request through, a probe. Any response
// closes it again.
//
// Pacer.mu guards the unexported fields. All methods require that it is held.
type Run struct {
	MaxOutage time.Duration             // longest outage to wait for; <= 0 means none
	Backoff   func(n int) time.Duration // time between the starts of two probes; n counts from 1 in each outage

	state        Outage
	failed       []*Waiter     // different calls that failed since the last response, at most failureThreshold
	final        bool          // all failures since the last response were final
	cause        string        // text of the last failure
	failingSince time.Duration // start of the first request that failed since the last response
	lastResponse time.Duration // 0 if there was none
	inFlight     int           // number of requests of the run
	failedProbes int           // number of failed probes in this outage
	nextProbe    time.Duration // earliest time of the next probe
}

// An Outage is the state of a [Run].
type Outage int

const (
	NoOutage         Outage = iota // the breaker is closed: the service responds
	OpenOutage                     // the breaker is open: the service does not respond
	BrokenConnection               // the breaker is open, and waiting cannot help: no call of the run got a response
)

// A Failure describes an attempt without a response of the service's.
type Failure struct {
	Cause string        // text for OutageError
	Hold  time.Duration // for how long somebody asked to wait; 0 if nobody did
	Final bool          // trying again cannot help, for example because a certificate is not trusted
}

// An OutageError reports that a call of a bulk run got no permit because the service does not respond.
type OutageError struct {
	For    time.Duration // duration of the outage so far
	Cause  string        // text of the last failure
	Broken bool          // the connection cannot work; if false, the outage has lasted for MaxOutage
}

func (e *OutageError) Error() string {
	text := fmt.Sprintf("no response for %v", e.For.Round(time.Second))
	if e.Broken {
		text = "no call of the run got a response, and retrying cannot help"
	}
	if e.Cause != "" {
		text += ", last: " + e.Cause
	}
	return text
}

const (
	failureThreshold = 3                      // two failures may be due to one input and one lost connection
	minProbeGap      = 500 * time.Millisecond // from the end of a request to the next probe, however short the backoff
)

// delay returns how long to wait before the next request: 0 if the breaker allows it now, Forever until the end of the
// request in flight.
func (r *Run) delay(now time.Duration) time.Duration {
	switch {
	case r.state == NoOutage:
		return 0
	case r.inFlight > 0:
		return Forever
	default:
		return max(0, r.nextProbe-now)
	}
}

// patience returns for how long calls should still wait for the end of the outage, and the error if they should not.
func (r *Run) patience(now time.Duration) (time.Duration, error) {
	if r.state == NoOutage {
		return Forever, nil
	}
	lasted := now - r.failingSince
	if broken := r.state == BrokenConnection; broken || lasted >= r.MaxOutage {
		return 0, &OutageError{For: lasted, Cause: r.cause, Broken: broken}
	}
	return r.MaxOutage - lasted, nil
}

// finish ends a request. One of the methods below says how, unless it was cancelled.
func (r *Run) finish(now time.Duration) {
	r.inFlight--
	r.nextProbe = max(r.nextProbe, now+minProbeGap)
}

// onResponse closes the breaker, and reports whether it was open.
func (r *Run) onResponse(now time.Duration) (wasOpen bool) {
	wasOpen = r.state != NoOutage
	r.state, r.failed, r.nextProbe, r.lastResponse = NoOutage, nil, 0, now
	return wasOpen
}

// onFailure opens the breaker if t belongs to the third call that failed in a row. Only probes prolong the backoff: a
// request that was in flight when the breaker opened tells nothing about the time since.
func (r *Run) onFailure(t *Permit, f Failure) Outage {
	if len(r.failed) == 0 {
		r.failingSince, r.final, r.failedProbes = max(t.given, r.lastResponse), true, 0
	}
	r.cause, r.final = f.Cause, r.final && f.Final
	if t.probe {
		r.failedProbes++
	}
	if !slices.Contains(r.failed, t.waiter) {
		r.failed = append(r.failed, t.waiter)
	}
	switch {
	case len(r.failed) < failureThreshold:
		return NoOutage
	case r.state == NoOutage && r.final && r.lastResponse == 0:
		r.state = BrokenConnection
	case r.state == NoOutage:
		r.state = OpenOutage
	}
	r.nextProbe = max(r.nextProbe, t.given+r.Backoff(r.failedProbes+1))
	return r.state
}
