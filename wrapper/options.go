package wrapper

import (
	"context"
	"net/http"
	"path"
	"runtime/debug"
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
	// BaseURL is where the methods are; "" means [DefaultBaseURL]. Plain http is taken for a loopback host only, and
	// slack.com and slack-gov.com only with the path /api.
	BaseURL string

	// HTTPClient gives its Transport, Jar and Timeout to the requests; nil means net/http's default transport, except
	// that it keeps a connection for each of a bulk run's calls and asks for no compression. It is copied, never
	// changed. Redirects are refused whatever its CheckRedirect says. Timeout bounds one attempt; 0 means 30 s.
	HTTPClient *http.Client

	Encoding  Encoding     // of request bodies; the zero value is Form
	UserAgent string       // "" means this module's name and version
	Retry     RetryOptions // the zero value makes up to 5 attempts

	// Limiter is asked before every attempt, in addition to the client's own pacing; nil means the client's own
	// alone. With one limiter, several processes can share a workspace's rate limit.
	Limiter Limiter

	// Observe is called after every attempt, for metrics and logs, by the goroutine that made the attempt: what it
	// takes delays the call. nil means that nobody watches. See [LogAttempts].
	Observe func(context.Context, Attempt)
}

// Encoding is the media type of request bodies.
type Encoding int

// The media types that Slack takes.
const (
	Form Encoding = iota // application/x-www-form-urlencoded
	JSON                 // application/json
)

// Limiter holds an attempt back until it may be made, or fails, which ends the call. Several goroutines call it at once.
// *rate.Limiter of golang.org/x/time/rate is one.
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
