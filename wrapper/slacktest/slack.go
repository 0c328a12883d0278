package slacktest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Slack is a fake Slack: an [http.RoundTripper] without sockets and an [http.Handler]. It is safe for
// concurrent use: a test may change users, tokens, limits and answers while requests are under way.
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

	responding sync.Mutex // held around calls of respond, so that a test's function needs no lock
}

var (
	_ http.RoundTripper = (*Slack)(nil)
	_ http.Handler      = (*Slack)(nil)
)

// New returns a Slack that accepts every user token, knows every user and has no rate limit.
func New() *Slack {
	return &Slack{}
}

// Script sets the answers to the next requests, in the order in which these arrive, after the answers that
// were scripted before. Then the state answers again. See [Answer] for what a scripted answer leaves to the state.
func (s *Slack) Script(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, answers...)
}

// Respond sets a function that chooses the answer to every request that meets no outage and has no scripted
// answer: by user, by chance, or the zero [Answer] to let the state decide. nil removes the function.
//
// Its argument says what arrived; the fields about the answer are not set yet. As the function is to see the
// arguments of the request, the body is read before the call: such a request is on record as arrived even if
// the answer's Err means that there never was a connection.
//
// The function is called by several goroutines, but never by two at once: other requests wait for it. It may use
// the Slack, but must not send requests to it. To be slow, it returns a Delay instead of sleeping.
func (s *Slack) Respond(f func(Call) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.respond = f
}

// plan is what is known of the answer before the request is read.
type plan struct {
	at       time.Time // arrival of the request
	answer   *Answer   // of Down or Script; nil: Respond or the state gives it later
	scripted bool      // the answer is Script's
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

// withdraw undoes the arrival of a request that was not sent after all.
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

// choose returns the planned answer, else what Respond chooses, else the zero Answer.
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

// judge answers as the state says. A request that is granted changes the state.
func (s *Slack) judge(r *request) (v verdict) {
	m, known := methods[r.call.Method]
	switch {
	case !known:
		v.Error, v.ReqMethod = "unknown_method", r.call.Method
	case s.limited(&v, r.call.Method), s.unauthorized(&v, r.call.Token):
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
