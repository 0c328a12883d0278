package wrapper

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Base URLs of Slack's Web API.
const (
	DefaultBaseURL  = "https://slack.com/api"
	GovSlackBaseURL = "https://slack-gov.com/api"
)

const (
	modulePath            = "github.com/seed70860981/slack-admin-sessions"
	defaultAttemptTimeout = 30 * time.Second
)

// Options are the settings of a [Client]. The zero value is ready to use.
type Options struct {
	// BaseURL is where the methods live; "" means [DefaultBaseURL]. Plain http is taken for a loopback
	// host only.
	BaseURL string

	// HTTPClient gives its Transport, Jar and Timeout to the requests; nil means net/http's default
	// transport, except that it keeps a connection for each of a bulk run's calls and asks for no
	// compression. It is copied, never changed. Redirects are refused whatever its CheckRedirect says.
	// Timeout bounds one attempt; 0 means 30 s.
	HTTPClient *http.Client

	Encoding  Encoding     // of request bodies; the zero value is Form
	UserAgent string       // "" means this module's name and version
	Retry     RetryOptions // the zero value retries what Retryable names, 5 attempts in all

	// Limiter is asked before every attempt, in addition to the client's own pacing; nil means the
	// client's own alone. One that several processes share makes them share a workspace's rate limit.
	Limiter Limiter

	// Observe is called after every attempt, for metrics and logs, by the goroutine that made it; nil
	// means nobody watches. See [LogAttempts].
	Observe func(context.Context, Attempt)
}

// Encoding is the media type of request bodies.
type Encoding int

// The media types that Slack takes.
const (
	Form Encoding = iota // application/x-www-form-urlencoded
	JSON                 // application/json
)

// Limiter holds back an attempt until it may be made. *rate.Limiter of golang.org/x/time/rate is one.
// An error ends the call.
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

// checkBaseURL quotes nothing of what it refuses, for that may hold a secret.
func checkBaseURL(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return invalid("BaseURL", "is no URL; use one like "+DefaultBaseURL)
	case u.User != nil:
		return invalid("BaseURL", "has user info; leave it out, the token source supplies the token")
	case u.RawQuery != "" || u.ForceQuery:
		return invalid("BaseURL", "has a query; leave it out")
	case strings.Contains(base, "#"):
		return invalid("BaseURL", "has a fragment; leave it out")
	case strings.Contains(u.Path+"/", "/./") || strings.Contains(u.Path+"/", "/../"):
		return invalid("BaseURL", "has a path with dots; write out where it leads")
	case u.Hostname() == "":
		return invalid("BaseURL", "has no host; use one like "+DefaultBaseURL)
	case strings.ContainsFunc(u.Host, func(r rune) bool {
		return !strings.ContainsRune("-._:[]", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}):
		return invalid("BaseURL", "has a host with a character that no host name has; use one like "+DefaultBaseURL)
	case u.Scheme != "https" && u.Scheme != "http":
		return invalid("BaseURL", "has a scheme other than https; use one like "+DefaultBaseURL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return invalid("BaseURL", "would send the token in the clear; use https (http is for loopback hosts)")
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent()
	}
	hc := http.Client{Transport: defaultTransport()}
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

// defaultTransport is shared by all clients, as net/http's is. It keeps every idle connection that
// net/http would keep in all, for they all lead to one host, and asks for no compression, which makes answers
// of a few bytes longer.
var defaultTransport = sync.OnceValue(func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.DisableCompression = true
	return t
})

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
