package pace

import (
	"fmt"
	"slices"
	"time"
)

// A Run is the circuit breaker of one bulk run, whose calls use one [Pacer]. While it is open, the run sends one request at a
// time, a probe, after each backoff. Calls of other runs and single calls neither open it nor wait for it. Its methods require
// that Pacer.mu is held.
//
//	event                                            NoOutage          OpenOutage  BrokenConnection
//	a call fails, fewer than three in a row          NoOutage          -           -
//	a third call fails in a row                      OpenOutage        OpenOutage  BrokenConnection
//	the same, all failures final, never a response   BrokenConnection  -           BrokenConnection
//	response                                         NoOutage          NoOutage    NoOutage
//	cancelled                                        NoOutage          OpenOutage  BrokenConnection
type Run struct {
	MaxOutage time.Duration             // longest outage to wait for; <= 0 means none
	Backoff   func(n int) time.Duration // time between the starts of two probes; n counts from 1 in each outage

	state        Outage
	failed       []*Waiter     // different calls that failed since the last response
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

// States of a Run.
const (
	NoOutage         Outage = iota // closed: the service responds
	OpenOutage                     // open: the service does not respond, so calls wait until it does
	BrokenConnection               // open: no call of the run got a response, and waiting cannot help
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
	text := fmt.Sprintf("no usable response for %v", e.For.Round(time.Second))
	if e.Broken {
		text = "no call of the run got a usable response, and retrying cannot help"
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

// timeLeft returns for how long calls may still wait for the end of the outage, and an error if they may not.
func (r *Run) timeLeft(now time.Duration) (time.Duration, error) {
	if r.state == NoOutage {
		return Forever, nil
	}
	lasted := now - r.failingSince
	if broken := r.state == BrokenConnection; broken || lasted >= r.MaxOutage {
		return 0, &OutageError{For: lasted, Cause: r.cause, Broken: broken}
	}
	return r.MaxOutage - lasted, nil
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
