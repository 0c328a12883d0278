package slacktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Call is the record of one request: first what arrived, then what was answered. A malformed request is recorded as
// far as it could be read.
type Call struct {
	At          time.Time // time of arrival
	Method      string    // last part of the path: [MethodReset], [MethodInvalidate] or another
	HTTPMethod  string    // "POST"
	URL         string
	Header      http.Header
	ContentType string
	Body        string
	Token       string // from the Authorization header, else from the form
	TokenInForm bool   // the form has a token, whether the header has one or not
	Arguments

	RequestID  string // X-Slack-Req-Id, unless the answer removes it
	Scripted   bool   // answered by [Slack.Down], [Slack.Script] or [Slack.Respond], not by the state
	NotSent    bool   // never sent, see [Answer.Err]; Body, Arguments and TokenInForm are empty
	Effect     bool   // carried out, whatever the answer says
	Ended      int    // number of sessions ended; 0 until a user is added
	Status     int    // HTTP status; 0 if the connection broke, see [Answer.Err]
	Error      string // error code in the answer, if any
	RetryAfter string // Retry-After of the answer, if any
}

// Calls returns the requests so far, in the order in which they were answered.
func (s *Slack) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.record.calls)
}

// KeepCalls limits the record to the last n calls; 0 keeps none. Without it, the record grows with every request.
func (s *Slack) KeepCalls(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.bounded, s.record.most = true, max(n, 0)
	s.record.trim()
}

type record struct {
	calls   []Call
	bounded bool
	most    int
}

func (r *record) add(c Call, sent Answer) {
	if r.bounded && r.most == 0 {
		return
	}
	if sent.Err == nil {
		c.Status = sent.Status
		c.Error = code(sent.Body)
		c.RetryAfter = sent.Header.Get("Retry-After")
	}
	r.calls = append(r.calls, c)
	r.trim()
}

func (r *record) trim() {
	if extra := len(r.calls) - r.most; r.bounded && extra > 0 {
		r.calls = slices.Delete(r.calls, 0, extra)
	}
}

// code returns the error code in a body, "" if there is none.
func code(body string) string {
	var refusal struct{ Error string }
	if json.Unmarshal([]byte(body), &refusal) != nil {
		return ""
	}
	return refusal.Error
}
