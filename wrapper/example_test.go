package wrapper_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// Without HTTPClient the program talks to Slack; here an in-memory one answers.
func Example() {
	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		fmt.Println("not signed out:", err)
		return
	}
	fmt.Println("signed out")
	// Output: signed out
}

func ExampleClient_ResetSessions() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{
		{ID: 1, Device: slacktest.Mobile},
		{ID: 2, Device: slacktest.Web},
	}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A lost phone: end the sessions on mobile devices, and leave the browser signed in.
	resp, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{
		UserID:     "W0123456789",
		MobileOnly: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("requests:", resp.Attempts)
	fmt.Println("still signed in:", slack.Sessions("W0123456789"))
	// Output:
	// requests: 1
	// still signed in: [{2 web}]
}

func ExampleClient_InvalidateSession() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 847288190092}}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	session := wrapper.InvalidateOptions{SessionID: 847288190092, UserID: "W0123456789"}
	for range 2 {
		_, err = client.InvalidateSession(context.Background(), session)
		switch {
		case err == nil:
			fmt.Println("ended")
		case errors.Is(err, wrapper.ErrSessionNotFound), errors.Is(err, wrapper.ErrSessionExpired):
			fmt.Println("over already")
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// ended
	// over already
}

// A rate limit fails nobody: the run waits it out. What is left are the users whom Slack refuses.
func ExampleClient_BulkReset() {
	slack := slacktest.New()
	slack.AddUser(
		slacktest.User{ID: "W0000000001"},
		slacktest.User{ID: "W0000000002", Bot: true},
		slacktest.User{ID: "W0000000003"},
	)
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	users := []wrapper.ResetOptions{
		{UserID: "W0000000001"},
		{UserID: "W0000000002"},
		{UserID: "W0000000003"},
		{UserID: "W0000000004"},
	}
	tried, out := 0, 0
	for r := range client.BulkReset(context.Background(), slices.Values(users), wrapper.BulkOptions{}) {
		tried++
		var refused *wrapper.Error
		switch {
		case r.Err == nil:
			out++
		case errors.As(r.Err, &refused):
			fmt.Println(r.Options.UserID, "is not out:", refused.Code)
		default:
			fmt.Println(r.Options.UserID, "is not out:", r.Err)
		}
	}
	fmt.Println(out, "of", len(users), "are out")
	if tried < len(users) { // a revoked token, for instance, ends the run
		fmt.Println(len(users)-tried, "were not tried")
	}
	// Unordered output:
	// W0000000002 is not out: cannot_reset_bot
	// W0000000004 is not out: user_not_found
	// 2 of 4 are out
}

func ExampleClient_BulkInvalidate() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 101}, {ID: 102}, {ID: 103}}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A sequence, so that the sessions may come from a file or a page of an API as they are needed.
	suspicious := func(yield func(wrapper.InvalidateOptions) bool) {
		for _, id := range []int64{101, 103} {
			if !yield(wrapper.InvalidateOptions{SessionID: id, UserID: "W0123456789"}) {
				return
			}
		}
	}
	for r := range client.BulkInvalidate(context.Background(), suspicious, wrapper.BulkOptions{Concurrency: 2}) {
		if r.Err != nil {
			fmt.Println(r.Options.SessionID, r.Err)
		}
	}
	fmt.Println("left:", slack.Sessions("W0123456789"))
	// Output: left: [{102 }]
}

// What a playbook of a SOAR does next depends on the class of the error alone.
func Example_playbook() {
	next := func(err error) string {
		var answered *wrapper.Error
		switch {
		case err == nil:
			return "close the task"
		case errors.Is(err, wrapper.ErrInvalidOptions):
			return "mend the playbook: nothing was sent"
		case wrapper.OutcomeUnknown(err):
			return "run the step again: the user may or may not be out"
		case errors.Is(err, wrapper.ErrRateLimited) && errors.As(err, &answered):
			return fmt.Sprint("run the step again in ", answered.RetryAfter)
		case wrapper.Retryable(err):
			return "run the step again later: Slack has trouble"
		case errors.Is(err, wrapper.ErrUserNotFound),
			errors.Is(err, wrapper.ErrCannotResetBot),
			errors.Is(err, wrapper.ErrCannotResetPrimaryOwner):
			return "ask an analyst: it is about this user"
		case errors.As(err, &answered):
			return fmt.Sprintf("stop the playbook and tell its owner: %s would refuse every user", answered.Code)
		default:
			return "stop the playbook and tell its owner: " + err.Error()
		}
	}

	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MaxAttempts: 2, MinDelay: time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	unavailable := slacktest.Refused("service_unavailable")
	broken := slacktest.Answer{Err: io.ErrUnexpectedEOF, Effect: true}
	for _, incident := range []struct {
		user    string
		answers []slacktest.Answer
	}{
		{"W0123456789", nil},
		{"", nil},
		{"W0123456789", []slacktest.Answer{slacktest.Refused("user_not_found")}},
		{"W0123456789", []slacktest.Answer{slacktest.Refused("token_revoked")}},
		{"W0123456789", []slacktest.Answer{unavailable, unavailable}},
		{"W0123456789", []slacktest.Answer{broken, broken}},
		{"W0123456789", []slacktest.Answer{slacktest.RateLimited(10 * time.Minute)}},
	} {
		slack.Script(incident.answers...)
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: incident.user})
		fmt.Println(next(err))
	}
	// Output:
	// close the task
	// mend the playbook: nothing was sent
	// ask an analyst: it is about this user
	// stop the playbook and tell its owner: token_revoked would refuse every user
	// run the step again later: Slack has trouble
	// run the step again: the user may or may not be out
	// run the step again in 10m0s
}

func ExampleLogAttempts() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "elapsed", "retry_in", "request_id": // differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Status: http.StatusBadGateway})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
		Observe:    wrapper.LogAttempts(logger),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// level=WARN msg="slack request failed" method=admin.users.session.reset attempt=1 error="slack: admin.users.session.reset: HTTP 502 Bad Gateway (request 00000000000000000000000000000001)"
	// level=INFO msg="slack request" method=admin.users.session.reset attempt=2
}

// Counters by method and outcome are labels without a token and without a user, and few of them.
func ExampleOptions_metrics() {
	requests := map[string]int{}
	outcome := func(err error) string {
		var refused *wrapper.Error
		switch {
		case err == nil:
			return "ok"
		case errors.As(err, &refused) && refused.Code != "":
			return string(refused.Code)
		case errors.As(err, &refused):
			return fmt.Sprint("HTTP ", refused.StatusCode)
		default:
			return "no answer"
		}
	}

	slack := slacktest.New()
	slack.Script(slacktest.Outage(http.StatusServiceUnavailable), slacktest.Answer{}, slacktest.Refused("user_not_found"))
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond},
		Observe: func(_ context.Context, a wrapper.Attempt) { // where calls overlap, guard the map
			requests[a.Method+" "+outcome(a.Err)]++
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, user := range []string{"W0000000001", "W0000000002"} {
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: user})
		fmt.Println(user, err == nil)
	}
	for _, name := range []string{"HTTP 503", "ok", "user_not_found"} {
		fmt.Println(name, requests["admin.users.session.reset "+name])
	}
	// Output:
	// W0000000001 true
	// W0000000002 false
	// HTTP 503 1
	// ok 1
	// user_not_found 1
}

// Slack limits each workspace on its own, so each has a client of its own, with the same settings.
func ExampleClient_WithTokenSource() {
	slack := slacktest.New()
	slack.AddToken("xoxp-test-emea", slacktest.Token{})
	slack.AddToken("xoxp-test-apac", slacktest.Token{Refusal: "token_revoked"})
	emea, err := wrapper.New(wrapper.StaticToken("xoxp-test-emea"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	apac := emea.WithTokenSource(wrapper.StaticToken("xoxp-test-apac"))

	for _, org := range []struct {
		name   string
		client *wrapper.Client
	}{{"emea", emea}, {"apac", apac}} {
		_, err := org.client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
		fmt.Println(org.name, "token revoked:", errors.Is(err, wrapper.ErrTokenRevoked))
	}
	// Output:
	// emea token revoked: false
	// apac token revoked: true
}

func ExampleOptions_govSlack() {
	slack := slacktest.New()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		BaseURL:    wrapper.GovSlackBaseURL,
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(slack.Calls()[0].URL)
	// Output: https://slack-gov.com/api/admin.users.session.reset
}

// A network that reaches Slack through a proxy which signs its certificates with the company's own CA.
func ExampleOptions_proxyAndCA() {
	server := httptest.NewTLSServer(slacktest.New()) // what the proxy leads to, with a certificate nobody knows
	defer server.Close()

	authorities := x509.NewCertPool() // x509.SystemCertPool, and AppendCertsFromPEM of the company's CA
	authorities.AddCert(server.Certificate())

	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig.RootCAs = authorities
	transport.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.URL.Hostname() == "slack.com" {
			return url.Parse("http://proxy.example.com:3128")
		}
		return http.ProxyFromEnvironment(r)
	}

	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		BaseURL:    server.URL, // leave it out to reach Slack
		HTTPClient: &http.Client{Transport: transport, Timeout: 10 * time.Second},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		fmt.Println("not signed out:", err)
		return
	}
	fmt.Println("signed out")
	// Output: signed out
}

// budget lets a number of requests pass, and then no more.
type budget int

var _ wrapper.Limiter = (*budget)(nil)

func (b *budget) Wait(context.Context) error {
	if *b == 0 {
		return errors.New("no requests left today")
	}
	*b--
	return nil
}

// A limiter's error ends the call, and a bulk run with it.
func ExampleLimiter() {
	today := budget(2)
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slacktest.New()},
		Limiter:    &today, // asked by one call at a time here; a limiter of calls that overlap locks
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		_, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
	// slack: admin.users.session.reset: limiter: no requests left today
}

// Fields that this module does not know are not lost.
func ExampleResponse_Fields() {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Body: `{"ok": true, "enqueued": 3, "warning": "superfluous_charset"}`})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.ResetSessions(context.Background(), wrapper.ResetOptions{UserID: "W0123456789"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Fields()["enqueued"], resp.Warnings)
	// Output: 3 [superfluous_charset]
}

// offboard is what a program of one's own might look like.
func offboard(ctx context.Context, client *wrapper.Client, userID string) string {
	_, err := client.ResetSessions(ctx, wrapper.ResetOptions{UserID: userID})
	switch {
	case err == nil:
		return "signed out"
	case errors.Is(err, wrapper.ErrUserNotFound):
		return "never had an account"
	default:
		return "open: " + err.Error()
	}
}

// Code that takes a *wrapper.Client is tested with the in-memory Slack as its transport. Where it waits,
// run the test in the bubble of testing/synctest, and no time passes.
func Example_testing() {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W0123456789", Sessions: []slacktest.Session{{ID: 1}, {ID: 2}}})
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
		HTTPClient: &http.Client{Transport: slack},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(offboard(context.Background(), client, "W0123456789"))
	fmt.Println(offboard(context.Background(), client, "W9999999999"))

	fmt.Println("sessions left:", len(slack.Sessions("W0123456789")))
	for _, call := range slack.Calls() {
		fmt.Println(call.UserID, call.Method, call.Status)
	}
	// Output:
	// signed out
	// never had an account
	// sessions left: 0
	// W0123456789 admin.users.session.reset 200
	// W9999999999 admin.users.session.reset 200
}
