// Package transport makes HTTP requests, each once, and knows how far one got. It knows nothing of Slack.
package transport

import (
	"fmt"
	"net/http"
	"sync"
)

// Default is shared by all clients, as net/http's is. It keeps every idle connection that net/http would keep
// in all, because they all lead to one host. It asks for no compression, which makes answers of a few bytes longer.
var Default = sync.OnceValue(func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.DisableCompression = true
	return t
})

// Once makes requests with the Transport and the Jar of an http.Client, and returns a redirect as it came. The client
// itself would fail where Location makes no sense, and quote it, query and all. Its Timeout is left to the caller.
type Once struct{ Client *http.Client }

// Do makes one request.
func (o Once) Do(r *http.Request) (*http.Response, error) {
	transport, jar, address := o.Client.Transport, o.Client.Jar, r.URL
	if transport == nil {
		transport = http.DefaultTransport
	}
	if jar != nil {
		for _, cookie := range jar.Cookies(address) {
			r.AddCookie(cookie)
		}
	}
	hr, err := transport.RoundTrip(r)
	if err == nil && hr == nil {
		err = fmt.Errorf("%T returned neither an answer nor an error", transport)
	}
	if err != nil {
		return nil, err
	}
	if hr.Body == nil {
		hr.Body = http.NoBody
	}
	if jar != nil {
		jar.SetCookies(address, hr.Cookies())
	}
	return hr, nil
}
