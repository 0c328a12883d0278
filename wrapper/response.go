package wrapper

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/sanitize"
)

// Response is Slack's response with "ok": true. A token of 10 bytes or more is redacted in all fields.
type Response struct {
	Attempts  int             // number of requests that the call made
	RequestID string          // X-Slack-Req-Id; quote it to Slack's support
	Warnings  []string        // "warning" and response_metadata.warnings, each once, at most 100
	Header    http.Header     // header of the HTTP response
	Raw       json.RawMessage // body as received, unknown fields included
}

// Fields decodes Raw on each call. Numbers are [json.Number]. It returns nil if Raw is not a JSON object.
func (r *Response) Fields() map[string]any {
	d := json.NewDecoder(bytes.NewReader(r.Raw))
	d.UseNumber()
	var fields map[string]any
	if d.Decode(&fields) != nil {
		return nil
	}
	return fields
}

const maxRaw = 64 << 10 // bytes of a body that an Error keeps

// parseResponse returns a Response or an Error, never both. cause returns why a body could not be read.
func parseResponse(method string, resp *http.Response, secret sanitize.Token, cause func(error) error) (*Response, *Error) {
	body, readErr := readBody(resp)
	v := verdict{malformed: "no verdict in the response: cut short"}
	if readErr == nil {
		v = parseVerdict(body)
	}
	header := secret.RedactHeader(resp.Header)
	body = secret.RedactBytes(body)
	if v.ok && resp.StatusCode == http.StatusOK {
		return &Response{
			RequestID: header.Get("X-Slack-Req-Id"),
			Warnings:  secret.RedactAll(v.warnings),
			Header:    header,
			Raw:       body,
		}, nil
	}

	e := &Error{
		Method:     method,
		Code:       ErrorCode(secret.Redact(v.code)),
		StatusCode: resp.StatusCode,
		RetryAfter: retryAfter(header, time.Now()),
		RequestID:  cmp.Or(header.Get("X-Slack-Req-Id"), header.Get("X-Slack-Unique-Id")),
		Needed:     secret.Redact(v.needed),
		Provided:   secret.Redact(v.provided),
		Messages:   secret.RedactAll(v.messages),
		Warnings:   secret.RedactAll(v.warnings),
		Header:     header,
		Raw:        bytes.Clone(body[:min(len(body), maxRaw)]),
	}
	e.setKind(responseKind(resp.StatusCode, v.hasOK, ErrorCode(v.code)), true)
	switch {
	case e.kind == refusedOther && resp.StatusCode == http.StatusOK:
		e.detail = v.malformed
	case e.kind == otherStatus:
		e.detail = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))) + " without Slack's JSON, perhaps from a proxy"
	case e.kind == redirected:
		e.detail = fmt.Sprintf("HTTP %d: redirect refused, %s", resp.StatusCode, redirectTarget(resp.Request, header, secret))
	case e.kind == noVerdict:
		e.Code, e.detail = "", v.malformed
		if encoding := contentEncoding(header); encoding != "" && encoding != "gzip" {
			e.detail = "no verdict in the response: its Content-Encoding is " + sanitize.Printable(encoding)
		}
	}
	if e.kind == noVerdict && readErr != nil {
		readErr = cause(readErr)
		e.addCause(readErr, secret)
		if k := noResponseKind(readErr, true); k == canceled || k == deadline {
			e.kind = k
		}
	}
	return nil, e
}

func contentEncoding(header http.Header) string {
	return strings.ToLower(header.Get("Content-Encoding"))
}

// readBody reads at most one byte more than maxBody of the decoded body, so that parseVerdict sees that the body is too long. A
// body that does not begin as gzip does is read as it is, because some proxies decode a body and keep its Content-Encoding.
func readBody(resp *http.Response) ([]byte, error) {
	if resp.StatusCode < 200 {
		return nil, nil // 1xx has no body, and the stream may not end
	}
	var body io.Reader = resp.Body
	if contentEncoding(resp.Header) == "gzip" {
		buffered := bufio.NewReader(resp.Body)
		body = buffered
		if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
			decoder, err := gzip.NewReader(buffered)
			if err != nil {
				return nil, err
			}
			body = decoder
		}
	}
	return io.ReadAll(io.LimitReader(body, maxBody+1))
}

// redirectTarget names where a redirect leads: no query and no user info, because they may be secrets. Parsing the Location
// decodes it, and the decoded text may contain the token.
func redirectTarget(request *http.Request, header http.Header, secret sanitize.Token) string {
	u, err := url.Parse(header.Get("Location"))
	switch {
	case err != nil:
		return "with invalid Location"
	case *u == url.URL{}:
		return "without Location"
	case request != nil && request.URL != nil:
		u = request.URL.ResolveReference(u)
	}
	return "to " + sanitize.Printable(secret.Redact((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()))
}
