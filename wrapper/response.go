package wrapper

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

// Response is an answer with "ok": true. None of its fields contains the token.
type Response struct {
	Attempts  int             // requests that the call made
	RequestID string          // X-Slack-Req-Id: by it Slack's support finds the request
	Warnings  []string        // "warning" and response_metadata.warnings, each once, at most 100
	Header    http.Header     // of the HTTP response
	Raw       json.RawMessage // the answer as received, unknown fields included
}

// Fields decodes Raw, anew on every call. Numbers are [json.Number]. It is nil where Raw is not a JSON object, which the
// Raw of a [Client]'s response always is.
func (r *Response) Fields() map[string]any {
	d := json.NewDecoder(bytes.NewReader(r.Raw))
	d.UseNumber()
	var fields map[string]any
	if d.Decode(&fields) != nil {
		return nil
	}
	return fields
}

const maxRaw = 64 << 10 // bytes of an answer that an Error keeps

// read turns an answer into a Response or an Error, never both. It reads no further than it must to know that an answer
// is too long. cause says why an answer could not be read to its end.
func read(method string, hr *http.Response, hide untrusted.Token, cause func(error) error) (*Response, *Error) {
	var body []byte
	var readErr error
	if hr.StatusCode >= 200 { // what follows a lower status is no body, and may never end
		body, readErr = io.ReadAll(io.LimitReader(hr.Body, maxAnswer+1))
	}
	v := verdict{problem: "no verdict in the answer: cut short"}
	if readErr == nil {
		v = decode(body)
	}
	header := hide.HideInHeader(hr.Header)
	if v.given && v.ok && hr.StatusCode == http.StatusOK {
		return &Response{
			RequestID: header.Get("X-Slack-Req-Id"),
			Warnings:  hide.HideInAll(v.warnings),
			Header:    header,
			Raw:       hide.HideInJSON(body),
		}, nil
	}

	raw := hide.HideInJSON(body)
	e := &Error{
		Method:     method,
		Code:       ErrorCode(hide.HideIn(v.code)),
		StatusCode: hr.StatusCode,
		RetryAfter: retryAfter(header, time.Now()),
		RequestID:  cmp.Or(header.Get("X-Slack-Req-Id"), header.Get("X-Slack-Unique-Id")),
		Needed:     hide.HideIn(v.needed),
		Provided:   hide.HideIn(v.provided),
		Messages:   hide.HideInAll(v.messages),
		Warnings:   hide.HideInAll(v.warnings),
		Header:     header,
		Raw:        bytes.Clone(raw[:min(len(raw), maxRaw)]),
		spoken:     v.given,
	}
	switch status := hr.StatusCode; {
	case status < 300:
		e.problem = v.problem
		if e.noVerdict = !v.given || status != http.StatusOK; e.noVerdict {
			e.Code = "" // whoever says so, it is not Slack's verdict
		}
	case status < 400:
		e.problem = fmt.Sprintf("HTTP %d: redirect refused, to %s", status, destination(hr))
	}
	if e.noVerdict && readErr != nil {
		readErr = cause(readErr)
		e.Err, e.says = readErr, untrusted.Printable(hide.HideIn(readErr.Error()))
	}
	return nil, e
}

// destination names where a redirect leads: no query and no user info, because they may be secrets.
func destination(hr *http.Response) string {
	location := hr.Header.Get("Location")
	if location == "" {
		return "an address that it does not name"
	}
	u, err := url.Parse(location)
	if err != nil {
		return "an address that makes no sense"
	}
	if hr.Request != nil && hr.Request.URL != nil {
		u = hr.Request.URL.ResolveReference(u)
	}
	return untrusted.Printable((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}
