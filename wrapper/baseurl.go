package wrapper

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// Base URLs of Slack's Web API.
const (
	DefaultBaseURL  = "https://slack.com/api"
	GovSlackBaseURL = "https://slack-gov.com/api"
)

// checkBaseURL quotes nothing of a URL that it refuses, because it may hold a secret.
func checkBaseURL(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return invalid("BaseURL", "is not a valid URL; use one like "+DefaultBaseURL)
	case u.User != nil:
		return invalid("BaseURL", "has user info; leave it out, the token source supplies the token")
	case u.RawQuery != "" || u.ForceQuery:
		return invalid("BaseURL", "has a query; leave it out")
	case strings.Contains(base, "#"):
		return invalid("BaseURL", "has a fragment; leave it out")
	case strings.Contains(u.Path+"/", "/./") || strings.Contains(u.Path+"/", "/../"):
		return invalid("BaseURL", "has a path with . or ..; give the full path")
	case u.Hostname() == "":
		return invalid("BaseURL", "has no host; use one like "+DefaultBaseURL)
	case strings.ContainsFunc(u.Host, func(r rune) bool {
		return !strings.ContainsRune("-._:[]", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}):
		return invalid("BaseURL", "has a host with a character that host names cannot have; use one like "+DefaultBaseURL)
	case u.Scheme != "https" && u.Scheme != "http":
		return invalid("BaseURL", "has a scheme other than https; use one like "+DefaultBaseURL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return invalid("BaseURL", "would send the token in the clear; use https (http is for loopback hosts)")
	case slackHost(u.Hostname()) && strings.TrimSuffix(u.Path, "/") != "/api":
		return invalid("BaseURL", "must have the path /api on Slack's hosts, as in "+DefaultBaseURL)
	}
	return nil
}

// slackHost reports whether Slack serves web pages on host too, which answer a wrong path with HTTP 200 or a redirect.
func slackHost(host string) bool {
	host = "." + strings.ToLower(strings.TrimSuffix(host, "."))
	return strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com")
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
