package wrapper

import (
	"net/http"
	"net/url"
)

// refusedLocation is the header that keeps the Location of a redirect where http.Client does not look for it.
const refusedLocation = "X-Refused-Location"

// noRedirects makes an http.Client return a redirect as it came. With CheckRedirect alone the client would
// still fail where Location makes no sense, and quote it, query and all.
type noRedirects struct{ transport http.RoundTripper }

func (n noRedirects) RoundTrip(r *http.Request) (*http.Response, error) {
	transport := n.transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	hr, err := transport.RoundTrip(r)
	if err == nil && hr.StatusCode/100 == 3 && hr.Header != nil {
		hr.Header = hr.Header.Clone()
		hr.Header[refusedLocation] = hr.Header["Location"]
		hr.Header.Del("Location")
	}
	return hr, err
}

// destination names where a redirect leads: no query and no user info, for they may be secrets.
func destination(hr *http.Response) string {
	location := hr.Header.Get(refusedLocation)
	if location == "" {
		return "an address that it does not name"
	}
	u, err := url.Parse(location)
	if err != nil {
		return "an address that makes no sense"
	}
	if hr.Request != nil {
		u = hr.Request.URL.ResolveReference(u)
	}
	return printable((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}
