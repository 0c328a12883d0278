package slacktest

import (
	"mime"
	"net/http"
	"strings"
)

// request is a request as far as it could be read, and what is wrong with it.
type request struct {
	call       Call
	conditions []condition // those of the arguments
	code       string      // "": no objection
	messages   []string
	warning    string
}

// read reads a request whose body was read before, whole or up to bodyErr.
func read(req *http.Request, body []byte, bodyErr error) request {
	r := request{call: Call{
		Method:      req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:],
		HTTPMethod:  req.Method,
		URL:         address(req),
		Header:      req.Header.Clone(),
		ContentType: req.Header.Get("Content-Type"),
		Body:        string(body),
	}}
	arguments := r.arguments(bodyErr)
	r.call.Token, r.call.TokenInForm = arguments.token()
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		r.call.Token = token
	}
	if r.code == "" {
		r.fill(arguments)
	}
	switch {
	case req.Method != http.MethodPost:
		// Slack documents no code of its own for this.
		r.object("invalid_post_type", "[ERROR] POST expected: "+req.Method)
	case req.URL.RawQuery != "":
		r.object("invalid_arguments", "[ERROR] arguments belong in the body, not in the URL")
	}
	return r
}

func (r *request) object(code string, messages ...string) {
	r.code, r.messages = code, messages
}

// arguments decodes the body as its Content-Type says.
func (r *request) arguments(bodyErr error) arguments {
	if bodyErr != nil {
		r.object("request_timeout")
		return nil
	}
	if r.call.ContentType == "" && r.call.Body != "" {
		r.object("missing_post_type")
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(r.call.ContentType)
	if err != nil && r.call.ContentType != "" {
		r.object("invalid_post_type")
		return nil
	}
	charset, declared := parameters["charset"]
	if declared && !strings.EqualFold(charset, "utf-8") {
		r.object("invalid_charset")
		return nil
	}
	var decoded arguments
	switch mediaType {
	case "", "application/x-www-form-urlencoded":
		if declared {
			r.warning = "superfluous_charset"
		}
		decoded, r.code = parseForm(r.call.Body)
	case "application/json":
		if !declared {
			r.warning = "missing_charset"
		}
		decoded, r.code = parseJSON(r.call.Body)
	default:
		r.object("invalid_post_type")
	}
	return decoded
}

// address is the URL of a request with scheme and host, which a server finds elsewhere.
func address(req *http.Request) string {
	u := *req.URL
	if u.Host == "" {
		u.Host = req.Host
		u.Scheme = "http"
		if req.TLS != nil {
			u.Scheme = "https"
		}
	}
	return u.String()
}
