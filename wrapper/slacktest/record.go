package slacktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Call is the record of one request: what arrived, then what was answered. A malformed request is recorded
// as far as it could be read.
type Call struct {
	At          time.Time // arrival
	Method      string    // [MethodReset], [MethodInvalidate], or what else the path ends in
	HTTPMethod  string    // "POST"
	URL         string
	Header      http.Header
	ContentType string
	Body        string
	Token       string // from the Authorization header, else from the form
	TokenInForm bool   // the form has a token, read or not
	UserID      string
	TeamID      string
	SessionID   int64
	MobileOnly  bool
	WebOnly     bool

	RequestID  string // X-Slack-Req-Id
	Scripted   bool   // answered by [Slack.Down], [Slack.Script] or [Slack.Respond] in place of the state
	NotSent    bool   // never arrived: [Answer.Err] let no connection come about; Body and arguments are unknown
	Effect     bool   // carried out, whatever the answer
	Ended      int    // sessions ended; 0 as long as no user was added
	Status     int    // 0: the connection was broken instead
	Error      string // code in the answer; "": none
	RetryAfter string // header of the answer
}

// Calls returns the requests so far, in the order in which they were answered.
func (s *Slack) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.record.calls)
}

// KeepCalls bounds the record, which otherwise grows with every request: only the last n calls are kept,
// with 0 none.
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

// code reads the error code out of an answer's body, "" if that has none.
func code(body string) string {
	var answer struct{ Error string }
	if json.Unmarshal([]byte(body), &answer) != nil {
		return ""
	}
	return answer.Error
}
