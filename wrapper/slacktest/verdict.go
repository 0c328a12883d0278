package slacktest

import (
	"encoding/json"
	"net/http"
	"time"
)

// verdict is what the state decides about a request, in the form of Slack's answers.
type verdict struct {
	OK        bool      `json:"ok"`
	Error     string    `json:"error,omitempty"`
	Needed    string    `json:"needed,omitempty"`
	Provided  string    `json:"provided,omitempty"`
	ReqMethod string    `json:"req_method,omitempty"`
	Warning   string    `json:"warning,omitempty"`
	Metadata  *metadata `json:"response_metadata,omitempty"`

	scopes string        // scopes of the token, for the headers; "" leaves the headers out
	wait   time.Duration // time until the rate limit lets a request pass; 0 if this one passed
}

type metadata struct {
	Messages []string `json:"messages,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

func (v *verdict) refuse(code string, messages ...string) {
	v.Error = code
	if len(messages) > 0 {
		v.Metadata = &metadata{Messages: messages}
	}
}

func (v *verdict) warn(warning string) {
	if warning == "" {
		return
	}
	v.Warning = warning
	if v.Metadata == nil {
		v.Metadata = &metadata{}
	}
	v.Metadata.Warnings = []string{warning}
}

// answer is the verdict as HTTP: 429 if the request was throttled, else 200.
func (v verdict) answer() Answer {
	if v.wait > 0 {
		return RateLimited(v.wait)
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and booleans always marshal
	}
	a := Answer{Status: http.StatusOK, Body: string(body)}
	if v.Error != "" {
		a = a.With("X-Slack-Failure", v.Error)
	}
	if v.scopes != "" {
		a = a.With("X-OAuth-Scopes", v.scopes).With("X-Accepted-OAuth-Scopes", scopeWrite)
	}
	return a
}
