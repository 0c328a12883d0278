package slacktest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Slack is a fake Slack: an [http.RoundTripper] without sockets, and an [http.Handler]. Its state is its users with
// their sessions, its tokens and its rate limits; the state decides every request that has no planned answer. It is
// safe for concurrent use: a test may change state and plans while requests are in flight.
type Slack struct {
	mu       sync.Mutex
	users    map[string]*User
	tokens   map[string]Token
	limits   map[string]*limiter
	outages  []outage
	script   []Answer
	respond  func(Call) Answer
	requests int
	record   record

	responding sync.Mutex // held during calls of respond, so that a test's function needs no lock
}

var (
	_ http.RoundTripper = (*Slack)(nil)
	_ http.Handler      = (*Slack)(nil)
)

// New returns a Slack that accepts every user token, knows every user and has no rate limit.
func New() *Slack {
	return &Slack{}
}

// Script plans the answers to the next requests, in order of arrival; earlier scripted answers come first. After the
// last one, the state decides again. See [Answer] for what a scripted answer leaves to the state.
func (s *Slack) Script(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, answers...)
}

// Respond sets a function that chooses the answer to every request without an outage and without a scripted answer,
// for instance by user or at random. It returns the zero [Answer] to let the state decide. nil removes the function.
//
// Its argument is what arrived; the fields about the answer are not set yet. The request's body is read before the
// call, so the request is recorded as sent even if the answer's Err means that there was no connection.
//
// f is called by several goroutines, one at a time: other requests wait meanwhile. It may use the Slack, but must not
// send requests to it. To be slow, it returns a Delay; it must not sleep.
func (s *Slack) Respond(f func(Call) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.respond = f
}

// plan is what is known about the answer before the request's body is read.
type plan struct {
	at       time.Time // time of arrival
	answer   *Answer   // from Down or Script; nil if Respond or the state decides later
	scripted bool      // answer is from Script
}

// arrival marks the arrival of a request and plans its answer.
func (s *Slack) arrival() plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := plan{at: time.Now()}
	p.answer = s.down(p.at)
	if p.answer == nil && len(s.script) > 0 {
		next := s.script[0]
		p.answer, p.scripted, s.script = &next, true, s.script[1:]
	}
	return p
}

// withdraw undoes the arrival of a request that could not be sent.
func (s *Slack) withdraw(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.scripted {
		s.script = slices.Insert(s.script, 0, *p.answer)
	}
}

// answer carries a request out, records it, and returns the complete answer to send.
func (s *Slack) answer(r request, p plan) Answer {
	given := s.choose(&r.call, p)
	r.call.Scripted = given.replaces()

	s.mu.Lock()
	defer s.mu.Unlock()
	var state Answer
	if !r.call.Scripted || given.Effect && !r.call.NotSent {
		state = s.judge(&r).answer()
	}
	sent := given
	sent.Header = http.Header{
		"Content-Type":   {"application/json; charset=utf-8"},
		"X-Slack-Req-Id": {r.call.RequestID},
	}
	if !r.call.Scripted {
		sent.Status, sent.Body = state.Status, state.Body
		maps.Copy(sent.Header, state.Header)
	}
	if sent.Status == 0 {
		sent.Status = http.StatusOK
	}
	for key, values := range given.Header {
		sent.Header[http.CanonicalHeaderKey(key)] = slices.Clone(values)
	}
	s.record.add(r.call, sent)
	return sent
}

// choose returns the planned answer, else the one that Respond chooses, else the zero Answer. It numbers the request.
func (s *Slack) choose(c *Call, p plan) Answer {
	s.mu.Lock()
	s.requests++
	c.At, c.RequestID = p.at, fmt.Sprintf("%032x", s.requests)
	respond := s.respond
	s.mu.Unlock()

	switch {
	case p.answer != nil:
		return *p.answer
	case respond == nil:
		return Answer{}
	}
	s.responding.Lock()
	defer s.responding.Unlock()
	return respond(*c)
}

// judge lets the state decide. A granted request changes the state. It requires that s.mu is held.
func (s *Slack) judge(r *request) (v verdict) {
	m, known := methods[r.call.Method]
	switch {
	case !known:
		v.Error, v.ReqMethod = "unknown_method", r.call.Method
	case s.throttled(&v, r.call.Method), s.unauthorized(&v, r.call.Token):
		// v is the refusal.
	case r.code != "":
		v.refuse(r.code, r.messages...)
	default:
		v.Error = m.do(s, r)
	}
	v.OK = v.Error == ""
	v.warn(r.warning)
	r.call.Effect = v.OK
	return v
}
