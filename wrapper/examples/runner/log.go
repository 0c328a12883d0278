package runner

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"
)

// logged logs every request and its user. Only the body names the user. The body is read as it goes out: a body that
// were read before would make a request look sent that never was.
type logged struct {
	next http.RoundTripper
	log  *slog.Logger
}

func (l *logged) RoundTrip(req *http.Request) (*http.Response, error) {
	next := l.next
	if next == nil {
		next = http.DefaultTransport
	}
	body := &overheard{ReadCloser: req.Body}
	out := req.WithContext(req.Context())
	out.Body = body
	start := time.Now()
	resp, err := next.RoundTrip(out)
	var fields []any
	form := body.form()
	for _, name := range []string{"session_id", "user_id"} {
		if form.Has(name) {
			fields = append(fields, name, form.Get(name))
		}
	}
	fields = append(fields, "method", path.Base(req.URL.Path), "elapsed", time.Since(start).Round(time.Millisecond))
	if err != nil {
		l.log.Info("request", append(fields, "error", err)...)
		return resp, err
	}
	fields = append(fields, "status", resp.StatusCode, "request_id", resp.Header.Get("X-Slack-Req-Id"))
	if after := resp.Header.Get("Retry-After"); after != "" {
		fields = append(fields, "retry_after", after)
	}
	l.log.Info("request", fields...)
	return resp, nil
}

// overheard is a request's body that keeps a copy of what was read. The response may come while it is being read.
type overheard struct {
	io.ReadCloser
	mu   sync.Mutex
	read []byte
}

func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read = append(o.read, p[:n]...)
	return n, err
}

func (o *overheard) form() url.Values {
	o.mu.Lock()
	defer o.mu.Unlock()
	form, _ := url.ParseQuery(string(o.read)) // a body that cannot be parsed names no user
	return form
}
