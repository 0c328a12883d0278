package slacktest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The methods that a [Slack] serves, under any path that ends in "/" and their name.
const (
	MethodReset      = "admin.users.session.reset"
	MethodInvalidate = "admin.users.session.invalidate"
)

// Slack is a fake Slack: an [http.RoundTripper] without sockets and an [http.Handler]. It is safe for
// concurrent use, also while a test changes its users, tokens, limits and answers.
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

	responding sync.Mutex // held around respond, so that it needs no lock of its own
}

var (
	_ http.RoundTripper = (*Slack)(nil)
	_ http.Handler      = (*Slack)(nil)
)

// New returns a Slack that takes any user token, knows every user and has no rate limit.
func New() *Slack {
	return &Slack{}
}

// Script sets the answers to the next requests, in the order of their arrival, after those already
// scripted. Then the state answers again. See [Answer] for what a scripted answer leaves to the state.
func (s *Slack) Script(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, answers...)
}

// Respond sets a function that chooses the answer to every request for which none is scripted: by user, by
// chance, or the zero [Answer] for what the state says. The part of its argument that is about the answer is
// not filled in yet. The function runs once at a time and may use the Slack, but not send to it; to be slow,
// let it return a Delay instead of sleeping. nil takes it away.
func (s *Slack) Respond(f func(Call) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.respond = f
}

// plan is what is settled of an answer before the request is read.
type plan struct {
	at       time.Time // arrival of the request
	answer   *Answer   // by Down or Script; nil if Respond or the state are to give it
	scripted bool      // by Script
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

// withdraw undoes an arrival.
func (s *Slack) withdraw(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.scripted {
		s.script = slices.Insert(s.script, 0, *p.answer)
	}
}

// answer takes a request in, lets it take effect and returns the answer to send, complete.
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
func (s *Slack) judge(r *request) verdict {
	c := &r.call
	var work func(*Call) string
	switch c.Method {
	case MethodReset:
		work = s.reset
	case MethodInvalidate:
		work = s.invalidate
	default:
		return verdict{Error: "unknown_method", ReqMethod: c.Method}
	}
	v := s.limited(c.Method)
	if v.Error == "" {
		v = s.authorize(c.Token)
	}
	if v.Error == "" && r.code != "" {
		v.refuse(r.code, r.messages...)
	}
	if v.Error == "" {
		v.Error = work(c)
	}
	v.OK = v.Error == ""
	v.warn(r.warning)
	c.Effect = v.OK
	return v
}
