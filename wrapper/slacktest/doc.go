// Package slacktest is a Slack for tests: a fake, in memory, of the methods
// admin.users.session.reset and admin.users.session.invalidate. Use it to test a program that signs
// people out, without a network and without signing anybody out.
//
// A [Slack] is an [http.RoundTripper]. As the transport of an HTTP client it answers every request of that
// client, whatever the host. It opens no socket and starts no goroutine, so it works with testing/synctest, where
// a test that waits for a rate limit takes no time:
//
//	slack := slacktest.New()
//	client := &http.Client{Transport: slack}
//
// It is an [http.Handler] as well, for tests over a real connection:
//
//	server := httptest.NewServer(slack) // base URL of the API: server.URL
//
// A new Slack grants every well-formed request. A test adds what it is about: people with [Slack.AddUser],
// tokens with [Slack.AddToken], a rate limit with [Slack.Limit], outages with [Slack.Down], single failures with
// [Slack.Script] and [Slack.Respond]. Afterwards it looks at who is still signed in, [Slack.Sessions], and
// at the requests, [Slack.Calls].
//
// # How strict it is
//
// The fake checks first the rate limit, then the token, then the arguments. It refuses with the codes of Slack's
// public documentation: https://docs.slack.dev/reference/methods/admin.users.session.reset. Where Slack is
// lenient or its documentation silent, the fake is strict, so that tests find mistakes: unknown and repeated
// arguments, values of another type, arguments in the URL and mobile_only together with web_only are
// invalid_arguments, and a request other than POST is invalid_post_type. Only a request that is granted ends
// sessions.
package slacktest
