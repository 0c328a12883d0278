package slacktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Call is the record of one request: what arrived, then what was answered. Of a malformed request it holds what
// could be read.
type Call struct {
	At          time.Time // arrival
	Method      string    // [MethodReset], [MethodInvalidate], or what else the path ends in
	HTTPMethod  string    // "POST"
	URL         string
	Header      http.Header
	ContentType string
	Body        string
	Token       string // from the Authorization header, else from the form
	TokenInForm bool   // the form carries a token, whether or not the header does too
	Arguments

	RequestID  string // X-Slack-Req-Id, which every answer carries that does not remove it
	Scripted   bool   // answered by [Slack.Down], [Slack.Script] or [Slack.Respond] in place of the state
	NotSent    bool   // it never arrived, see [Answer.Err]; Body and all that is read from it are not known
	Effect     bool   // it was carried out, whatever the answer says
	Ended      int    // number of sessions ended; 0 as long as no user was added
	Status     int    // HTTP status; 0: no answer, see [Answer.Err]
	Error      string // code in the answer; "": none
	RetryAfter string // header of the answer
}

// Calls returns the requests so far, in the order in which they were answered.
func (s *Slack) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.record.calls)
}

// KeepCalls bounds the record, which otherwise grows with every request, to the last n calls. With 0 none is kept.
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

// code reads the error code out of a body, "" if there is none.
func code(body string) string {
	var refusal struct{ Error string }
	if json.Unmarshal([]byte(body), &refusal) != nil {
		return ""
	}
	return refusal.Error
}
