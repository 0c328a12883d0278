package wrapper

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const maxAnswer = 1 << 20 // bytes of an answer that are read

// Response is an answer with "ok": true.
type Response struct {
	Attempts  int             // requests that the call took
	RequestID string          // X-Slack-Req-Id, by which Slack's support finds the request
	Warnings  []string        // "warning" and response_metadata.warnings, each once
	Header    http.Header     // of the HTTP response
	Raw       json.RawMessage // the answer as received, unknown fields included
}

// Fields decodes Raw, anew on every call. Numbers are [json.Number].
func (r *Response) Fields() map[string]any {
	d := json.NewDecoder(bytes.NewReader(r.Raw))
	d.UseNumber()
	var fields map[string]any
	if d.Decode(&fields) != nil {
		return nil // not an answer of a Client, whose Raw always decodes
	}
	return fields
}

// read turns what a method answered into a Response or an error, never both. It reads no further than
// maxAnswer. Should the answer quote the token, nobody gets to see it.
func read(method string, hr *http.Response, token string, now time.Time) (*Response, error) {
	body, readErr := io.ReadAll(io.LimitReader(hr.Body, maxAnswer+1))
	a := answer{problem: "no verdict in the answer: cut short"}
	if readErr == nil {
		a = decode(body)
	}
	hide := secret(token)
	requestID := hide.in(hr.Header.Get("X-Slack-Req-Id"))
	if a.verdict && a.ok && hr.StatusCode == http.StatusOK {
		return &Response{
			RequestID: requestID,
			Warnings:  hide.inAll(a.warnings),
			Header:    hr.Header,
			Raw:       hide.inBytes(body),
		}, nil
	}

	e := &Error{
		Method:     method,
		Code:       ErrorCode(hide.in(a.code)),
		StatusCode: hr.StatusCode,
		RetryAfter: retryAfter(hr.Header, now),
		RequestID:  requestID,
		Needed:     hide.in(a.needed),
		Provided:   hide.in(a.provided),
		Messages:   hide.inAll(a.messages),
		problem:    a.problem,
	}
	switch hr.StatusCode / 100 {
	case 1, 2:
		e.noVerdict = !a.verdict || hr.StatusCode != http.StatusOK
	case 3:
		e.problem = fmt.Sprintf("HTTP %d: redirect refused, to %s", hr.StatusCode, hide.in(destination(hr)))
	default:
		e.problem = "" // the status says it
	}
	if e.noVerdict && readErr != nil {
		return nil, fmt.Errorf("%w: %w", e, readErr)
	}
	return nil, e
}
