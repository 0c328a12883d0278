// Package slacktest is an in-memory fake of Slack's methods admin.users.session.reset and
// admin.users.session.invalidate. Use it to test a program that signs people out, without a network and without
// signing anybody out.
//
// A [Slack] is an [http.RoundTripper]. As the transport of an HTTP client, it answers every request of that client,
// for any host. It opens no socket and starts no goroutine, so it works with testing/synctest: a test that waits for
// a rate limit takes no real time:
//
//	slack := slacktest.New()
//	client := &http.Client{Transport: slack}
//
// It is an [http.Handler] as well, for tests over a real connection:
//
//	server := httptest.NewServer(slack) // base URL of the API: server.URL
//
// A new Slack grants every well-formed request. A test adds what it needs: users with [Slack.AddUser], tokens with
// [Slack.AddToken], a rate limit with [Slack.Limit], outages with [Slack.Down], single failures with [Slack.Script]
// and [Slack.Respond]. Afterwards it checks who is still signed in with [Slack.Sessions], and which requests came
// with [Slack.Calls].
//
// # How strict it is
//
// The fake checks the rate limit first, then the token, then the arguments. It refuses with the codes that Slack
// documents: https://docs.slack.dev/reference/methods/admin.users.session.reset. If Slack is lenient, or its
// documentation does not say, the fake is strict, so that tests find mistakes. It refuses unknown and repeated
// arguments, values of the wrong type, arguments in the URL, and mobile_only together with web_only with
// invalid_arguments; it refuses a request other than POST with invalid_post_type. Only a granted request ends
// sessions.
package slacktest
