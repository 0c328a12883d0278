package pace

import (
	"fmt"
	"slices"
	"time"
)

// A Breaker is the circuit breaker of one bulk run, whose calls use one [Pacer]. It opens when the service does not respond. Then
// the requests in flight must end first, and the run sends one trial request at a time, each after a backoff. Any response to a
// request of the run closes the breaker. Calls of other runs and single calls neither open it nor wait for it.
//
//	event                                            NoOutage          OpenOutage  BrokenConnection
//	failure, one or two calls since a response       NoOutage          -           -
//	failure, three or more calls since a response    OpenOutage        OpenOutage  BrokenConnection
//	the same, all failures final, never a response   BrokenConnection  -           BrokenConnection
//	response                                         NoOutage          NoOutage    NoOutage
//	cancelled                                        NoOutage          OpenOutage  BrokenConnection
type Breaker struct {
	MaxOutage time.Duration             // longest outage to wait for, from the start of its first request; <= 0 means none
	Backoff   func(n int) time.Duration // time between the starts of two trials; n counts from 1 in each outage; required

	inFlight     int           // number of requests of the run
	lastResponse time.Duration // 0 if there was none

	// What follows is about the time since the last response.
	state        Outage
	failed       []*Waiter     // different calls that failed
	failingSince time.Duration // start of the first request that failed
	mayRecover   bool          // some failure was not final
	cause        string        // text of the last failure
	failedTrials int           // number of failed trials
	nextTrial    time.Duration // earliest time of the next trial
}

// An Outage is the state of a [Breaker].
type Outage int

// The states of a Breaker, with the names that circuit breakers have for them.
const (
	NoOutage         Outage = iota // closed: the service responds
	OpenOutage                     // open: the service does not respond, so calls wait until it does
	BrokenConnection               // open: no call of the run got a response, and waiting cannot help
)

// A Failure describes an attempt without a response of the service's.
type Failure struct {
	Cause      string        // text for OutageError
	RetryAfter time.Duration // how long the response asked to wait; 0 if it did not
	Final      bool          // trying again cannot help, for example because a certificate is not trusted
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
	failureThreshold = 3                      // calls; two failures may be due to one input and one lost connection
	minTrialGap      = 500 * time.Millisecond // from a failure to the next trial, however short the backoff
)

// delay returns how long to wait before the next request; forever means until no request is in flight.
func (b *Breaker) delay(now time.Duration) time.Duration {
	switch {
	case b.state == NoOutage:
		return 0
	case b.inFlight > 0:
		return forever
	default:
		return max(0, b.nextTrial-now)
	}
}

// timeLeft returns for how long calls may still wait for the end of the outage, and an error if they may not.
func (b *Breaker) timeLeft(now time.Duration) (time.Duration, error) {
	if b.state == NoOutage {
		return forever, nil
	}
	lasted := now - b.failingSince
	if broken := b.state == BrokenConnection; broken || lasted >= b.MaxOutage {
		return 0, &OutageError{For: lasted, Cause: b.cause, Broken: broken}
	}
	return b.MaxOutage - lasted, nil
}

// onResponse closes the breaker, and reports whether it was open.
func (b *Breaker) onResponse(now time.Duration) (wasOpen bool) {
	wasOpen = b.state != NoOutage
	*b = Breaker{MaxOutage: b.MaxOutage, Backoff: b.Backoff, inFlight: b.inFlight, lastResponse: now}
	return wasOpen
}

// onFailure opens the breaker if permit belongs to the third different call that has failed since the last response. Only a
// failed trial increases the backoff. A request that was sent before the breaker opened does not.
func (b *Breaker) onFailure(now time.Duration, permit *Permit, f Failure) Outage {
	if len(b.failed) == 0 {
		b.failingSince = max(permit.grantedAt, b.lastResponse)
	}
	b.cause, b.mayRecover = f.Cause, b.mayRecover || !f.Final
	if permit.trial {
		b.failedTrials++
	}
	if !slices.Contains(b.failed, permit.waiter) {
		b.failed = append(b.failed, permit.waiter)
	}
	switch {
	case len(b.failed) < failureThreshold:
		return NoOutage
	case b.state == NoOutage && !b.mayRecover && b.lastResponse == 0:
		b.state = BrokenConnection
	case b.state == NoOutage:
		b.state = OpenOutage
	}
	b.nextTrial = max(b.nextTrial, permit.grantedAt+min(b.Backoff(b.failedTrials+1), forever), now+minTrialGap)
	return b.state
}
