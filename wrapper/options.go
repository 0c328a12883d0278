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
	// BaseURL is where the methods are; "" means [DefaultBaseURL]. It must be https, unless the host is a loopback
	// address. On slack.com and slack-gov.com its path must be /api.
	BaseURL string

	// HTTPClient supplies the Transport, the Jar and the Timeout of the requests. It is copied and never changed. nil
	// means net/http's default transport with more idle connections and without compression. Redirects are always
	// refused, and CheckRedirect is not called. Timeout limits one attempt; 0 means 30 s.
	HTTPClient *http.Client

	Encoding  Encoding     // of request bodies; the zero value is Form
	UserAgent string       // "" means this module's name and version
	Retry     RetryOptions // the zero value makes up to 5 attempts

	// Limiter is asked before every attempt, in addition to the client's own pacing; nil means none. Several processes
	// can share a workspace's rate limit through a Limiter.
	Limiter Limiter

	// Observe is called after every attempt, for metrics and logs; nil means none. It runs in the goroutine of the call,
	// so a slow Observe delays the call. See [LogAttempts].
	Observe func(context.Context, Attempt)
}

// Encoding is the media type of request bodies.
type Encoding int

// The media types that Slack takes.
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

// Limiter delays attempts. Wait returns nil as soon as an attempt may be made; an error ends the call. Several goroutines
// call Wait at once. *rate.Limiter of golang.org/x/time/rate is a Limiter.
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
		return invalid("UserAgent", "has a blank at an end or a character that no header may carry; use visible ASCII")
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
	hc := http.Client{Transport: transport.Default()}
	if o.HTTPClient != nil {
		hc = *o.HTTPClient
	}
	if hc.Timeout <= 0 {
		hc.Timeout = defaultAttemptTimeout
	}
	o.HTTPClient = &hc
	o.Retry = o.Retry.withDefaults()
	return o
}

// defaultUserAgent names this module and its version, as far as the program that it is built into knows it.
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
