package wrapper

import (
	"context"
	"net/http"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

const (
	modulePath            = "github.com/seed70860981/slack-admin-sessions"
	defaultAttemptTimeout = 30 * time.Second
)

// Options are the settings of a [Client]. The zero value is ready to use. HTTPClient's transport, Limiter, Observe and
// Retry.Retryable are called by several goroutines at once.
type Options struct {
	// BaseURL is the root URL of the Web API; "" means [DefaultBaseURL]. It must be https, unless the host is a loopback
	// address. On slack.com and slack-gov.com its path must be /api.
	BaseURL string

	// HTTPClient supplies the Transport, the Jar and the Timeout of the requests. It is copied and never changed. Redirects
	// are always refused, and CheckRedirect is not called. Timeout bounds one attempt; 0 means 30 s.
	//
	// If Transport is nil, it is a copy of net/http's default that keeps enough connections for a bulk run and closes idle
	// ones after 30 s. It stops using connections of HTTP/2 that no longer respond: after 10 s without data it sends a ping,
	// and waits 5 s for the reply. A Transport of your own should do the same, or calls can fail for minutes after a network
	// change; see http.HTTP2Config. If the program has set http.DefaultTransport to another type, that is used as it is.
	HTTPClient *http.Client

	Encoding  Encoding     // of request bodies; the zero value is Form
	UserAgent string       // "" means this module's name and version
	Retry     RetryOptions // the zero value makes up to 5 attempts

	// Limiter is asked before every attempt, after the client's own pacing; nil means none. With a Limiter several processes
	// can share a workspace's rate limit.
	Limiter Limiter

	// Observe is called after every attempt, for metrics and logs; nil means none. It runs in the goroutine of the call,
	// so a slow Observe delays the call. See [LogAttempts].
	Observe func(context.Context, Attempt)
}

// Encoding is the media type of request bodies.
type Encoding int

// The media types that Slack accepts.
const (
	Form Encoding = iota // application/x-www-form-urlencoded
	JSON                 // application/json
)

// String returns "Form", "JSON", or "Encoding(n)" for any other value.
func (e Encoding) String() string {
	switch e {
	case Form:
		return "Form"
	case JSON:
		return "JSON"
	}
	return "Encoding(" + strconv.Itoa(int(e)) + ")"
}

// Limiter delays attempts. Wait returns nil as soon as an attempt may be made; an error ends the call and is not retried.
// Wait is called by several goroutines at once.
//
// *rate.Limiter of golang.org/x/time/rate is a Limiter. If it cannot wait because of ctx's deadline, its error counts as a
// failure of the limiter. A Limiter of your own can return context.DeadlineExceeded, not wrapped, to say that ctx's deadline
// comes before the end of its wait. The call then ends as with a Retry-After beyond the deadline, which stops a bulk run.
type Limiter interface {
	Wait(ctx context.Context) error
}

func (o Options) validate() error {
	if err := checkBaseURL(o.BaseURL); err != nil {
		return err
	}
	if o.Encoding != Form && o.Encoding != JSON {
		return invalid("Encoding", "is neither Form nor JSON")
	}
	if strings.TrimSpace(o.UserAgent) != o.UserAgent || strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalid("UserAgent", "has surrounding space or a character outside printable ASCII; remove it")
	}
	return o.Retry.validate()
}

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent()
	}
	hc := http.Client{}
	if o.HTTPClient != nil {
		hc = *o.HTTPClient
	}
	if hc.Transport == nil {
		hc.Transport = transport.Default()
	}
	if hc.Timeout <= 0 {
		hc.Timeout = defaultAttemptTimeout
	}
	o.HTTPClient = &hc
	o.Retry = o.Retry.withDefaults()
	return o
}

// defaultUserAgent names this module, and its version if build info is available.
var defaultUserAgent = sync.OnceValue(func() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == modulePath && m.Version != "" {
				version = strings.Trim(m.Version, "()")
			}
		}
	}
	return path.Base(modulePath) + "/" + version
})
