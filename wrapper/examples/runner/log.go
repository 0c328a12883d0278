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

// logged logs every request with whom it is for. The user stands in the request's body alone; it is read as it
// goes out, so that a request that never did is not taken for one that may have.
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

// overheard is a request's body that remembers what of it was read. The answer may come while it is being read.
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
	form, _ := url.ParseQuery(string(o.read)) // what cannot be parsed names nobody
	return form
}
