package runner

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestARetryAfterLongerThanTheTimeoutStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.RateLimited(time.Hour) })
		start := time.Now()
		r := onSlack(t, slack, "--timeout", "20m", users(t, 10))
		assert.Equal(t, Stopped, r.status)
		assert.Zero(t, time.Since(start))
		assert.Contains(t, r.stdout, "Stopped early: Slack asks to wait 1h0m0s, longer than --timeout leaves. Run again after 01:00 UTC.\n")
		assert.NotContains(t, r.stdout+r.stderr, "context")
		assert.NotContains(t, r.stdout, "has passed")
		assert.Contains(t, r.stderr, "Slack limits the rate. 0 of 10, rate limit 1h0m0s until 01:00 UTC, ")
	})
}

func TestAFailedRunPrintsItsSummaryOnStandardErrorToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		report := filepath.Join(dir, "report.csv")
		for name, test := range map[string]struct {
			args []string
			next string
		}{
			"nothing kept": {nil, "The same command begins anew; with --journal FILE it would go on.\n"},
			"a report":     {[]string{"--report", report}, "To go on, remove the rows with the status out from " + report + ", and give it as the list with the same flags but another --report.\n"},
			"a journal":    {[]string{"--journal", filepath.Join(dir, "journal")}, "The same command goes on from the journal.\n"},
		} {
			slack := slacktest.New()
			slack.Respond(func(c slacktest.Call) slacktest.Answer {
				if c.UserID == "W1" {
					return slacktest.Answer{}
				}
				return slacktest.Refused("missing_scope")
			})
			r := onSlack(t, slack, append(test.args, users(t, 100))...)
			assert.Equal(t, Stopped, r.status)
			for _, said := range []string{r.stdout, r.stderr} {
				assert.Contains(t, said, "Stopped early: every other call would fail too (missing_scope).\nFirst correct the cause, see below. "+test.next, name)
				assert.Contains(t, said, advice("missing_scope", ""))
				assert.Contains(t, said, " not tried.\n")
			}
		}
		assert.Empty(t, onSlack(t, slacktest.New(), users(t, 5)).stderr, "all is well")
	})
}

func TestAnUndocumentedCodeIsNamed(t *testing.T) {
	slack := slacktest.New()
	slack.Respond(func(c slacktest.Call) slacktest.Answer {
		return slacktest.Refused(map[string]string{"W1": "user_on_the_moon", "W2": "user_on_mars", "W3": "user_on_mars"}[c.UserID])
	})
	r := onSlack(t, slack, file(t, "list", "W1 W2 W3"))
	assert.Contains(t, r.stdout, "\n2 refused, user_on_mars: this program does not know the code: see docs.slack.dev/reference/methods, or ask Slack's support with the request ID.\n")
	assert.Contains(t, r.stdout, "\n1 refused, user_on_the_moon: this program does not know the code: ")
	assert.NotContains(t, r.stdout, "other_code")
}

func TestErrorsUseTheTermsOfTheCommandLine(t *testing.T) {
	for library, want := range map[string]string{
		"HTTP 503; asked to wait 3m0s, longer than MaxRetryAfter (2m0s) (request 1a)": "HTTP 503; asked to wait 3m0s, longer than the 2m0s that a call waits (request 1a)",
		`Post "https://slack.com/api/admin.users.session.reset": EOF`:                 "EOF",
		"ratelimited; the context would end first":                                    "ratelimited; the run would end before",
		"context deadline exceeded; context deadline exceeded; outcome unknown":       "--timeout has passed; outcome unknown",
		"context deadline exceeded":                                                   "--timeout has passed",
	} {
		assert.Equal(t, want, commandLineWords(library))
	}
}

func TestAdviceKnowsProxiesAndCertificates(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"http_407", "", "only Basic is supported, so NTLM and Kerberos need a local helper"},
		{"proxy_refused", "", "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"},
		{"not_trusted", "", "SSL_CERT_FILE"},
		{"not_trusted", "", "GODEBUG="},
		{"no_answer", "proxyconnect tcp: tls: first record does not look like a TLS handshake", "if HTTPS_PROXY begins with https://, write http://"},
	} {
		assert.Contains(t, advice(c.reason, c.text), c.want)
	}
}

func TestTheVersionCanBeStamped(t *testing.T) {
	defer func(old string) { Version = old }(Version)
	Version = "v1.2.3"
	r := runIn(t, Env{}, "--version")
	require.Equal(t, AllOut, r.status)
	assert.Regexp(t, `\Awords v1\.2\.3 go1\.`, r.stdout)
}
