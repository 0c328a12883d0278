package wrapper

import (
	"fmt"
	"net/http"
	"net/url"
)

// noRedirects makes requests with the settings of an http.Client and returns a redirect as it came. Told by
// its CheckRedirect not to follow one, the client would still fail where Location makes no sense, and
// quote it, query and all. The client's Timeout is left to exchange.
type noRedirects struct{ client *http.Client }

// Do is what gen needs of an http.Client.
func (n noRedirects) Do(r *http.Request) (*http.Response, error) {
	transport, jar := n.client.Transport, n.client.Jar
	if transport == nil {
		transport = http.DefaultTransport
	}
	if jar != nil {
		for _, cookie := range jar.Cookies(r.URL) {
			r.AddCookie(cookie)
		}
	}
	hr, err := transport.RoundTrip(r)
	if err == nil && hr == nil {
		err = fmt.Errorf("%T returned neither an answer nor an error", transport)
	}
	if err != nil {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: err}
	}
	if hr.Body == nil {
		hr.Body = http.NoBody
	}
	if jar != nil {
		jar.SetCookies(r.URL, hr.Cookies())
	}
	return hr, nil
}

// destination names where a redirect leads: no query and no user info, for they may be secrets.
func destination(hr *http.Response) string {
	location := hr.Header.Get("Location")
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
