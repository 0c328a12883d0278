package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTheSampleShowsARetryAndTwoRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := runIn(t, environment{})
		assert.Equal(t, exitSomeNot, r.status)
		assert.Regexp(t, `\AOn the embedded Slack: nobody is really signed out`, r.stdout)
		assert.Contains(t, r.stderr, "Slack's rate limit: waiting 2s")
		assert.Regexp(t, `W0[A-Z]+\d+  .*(after 2 requests|2 attempts)`, r.stdout)
		assert.Regexp(t, sampleGone+`  user_not_found \(.*request [0-9a-f]{32}\)`, r.stdout)
		assert.Regexp(t, sampleBot+`  cannot_reset_bot`, r.stdout)
		assert.Contains(t, r.stdout, "12 users: 10 signed out, 2 refused.\n13 requests")
		assert.Contains(t, r.stdout, advice("user_not_found"))
		assert.WithinRange(t, time.Now(), start.Add(2*time.Second), start.Add(4*time.Second))
	})
}

func TestEverybodyInTheListIsSignedOutOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := signedIn("W1", "W2", "W3", "W4", "W5")
		r := onSlack(t, slack, "-user", "W5", file(t, "users.csv", "user_id,name\nW1,Ana\nW2,Ben\nW1,Ana\nW3,Chi\n"))
		assert.Equal(t, exitAllOut, r.status)
		assert.Regexp(t, `\ALive, on https://slack.com/api\.\n`, r.stdout)
		assert.Contains(t, r.stdout, "4 users: 4 signed out.\n4 requests")
		assert.Equal(t, map[string]int{"W1": 1, "W2": 1, "W3": 1, "W5": 1}, effects(slack))
		assert.NotEmpty(t, slack.Sessions("W4"))
	})
}

func TestOnlyTheSessionsAskedForEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for flag, left := range map[string]slacktest.Device{"-mobile-only": slacktest.Web, "-web-only": slacktest.Mobile} {
			slack := signedIn("W1")
			require.Equal(t, exitAllOut, onSlack(t, slack, flag, "-user", "W1").status)
			require.Len(t, slack.Sessions("W1"), 1)
			assert.Equal(t, left, slack.Sessions("W1")[0].Device)
		}
	})
}

func TestGovSlackIsAnotherHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		require.Equal(t, exitAllOut, onSlack(t, slack, "-gov", "-user", "W1").status)
		assert.Equal(t, "https://slack-gov.com/api/"+slacktest.MethodReset, slack.Calls()[0].URL)
	})
}

func TestARateLimitFailsNobodyAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		r := onSlack(t, slack, users(t, 100))
		assert.Equal(t, exitAllOut, r.status)
		assert.Contains(t, r.stdout, "100 users: 100 signed out.")
		assert.Contains(t, r.stderr, "Slack's rate limit: waiting 1m0s. ")
		assert.Contains(t, r.stderr, "40 of 100 done, 20 a minute, 3m0s left.")
	})
}

func TestTheSameJournalSkipsWhoIsOutAndRepeatsAllOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := signedIn("W1", "W2", "W3")
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W2" { // done, and Slack never says so
				return slacktest.Answer{Err: io.EOF, Effect: true}
			}
			return slacktest.Answer{}
		})
		args := []string{
			"-journal", filepath.Join(t.TempDir(), "journal"), "-report", filepath.Join(t.TempDir(), "report.csv"),
			file(t, "users", "W1\nW2\nW3\nW404\n"),
		}
		r := onSlack(t, slack, args...)
		assert.Equal(t, exitSomeNot, r.status)
		assert.Contains(t, r.stdout, "4 users: 2 signed out, 1 refused, 1 unknown.")
		assert.Contains(t, read(t, args[3]), "W2,unknown,(no answer)")

		slack.Respond(nil)
		slack.AddUser(slacktest.User{ID: "W404"})
		before := len(slack.Calls())
		r = onSlack(t, slack, args...)
		assert.Equal(t, exitAllOut, r.status)
		assert.Contains(t, r.stderr, "2 of 4 users signed out already")
		assert.Contains(t, r.stdout, "4 users: 4 signed out (2 before this run).\n2 requests")
		var again []string
		for _, c := range slack.Calls()[before:] {
			again = append(again, c.UserID)
		}
		assert.ElementsMatch(t, []string{"W2", "W404"}, again)
		assert.Equal(t, 4, strings.Count(read(t, args[3]), ",out,"))

		r = onSlack(t, slack, args...)
		assert.Equal(t, exitAllOut, r.status)
		assert.Len(t, slack.Calls(), before+2)
	})
}

func TestTheJournalHasAUserBeforeTheRequestGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal")
		slack := slacktest.New()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			assert.Regexp(t, `"event":"start".*"user":"`+c.UserID+`"`, read(t, path))
			return slacktest.Answer{}
		})
		require.Equal(t, exitAllOut, onSlack(t, slack, "-journal", path, users(t, 30)).status)
	})
}

func TestARunWhoseJournalFailsTakesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		s := settings{live: true}
		p := newProgress(environment{stdout: io.Discard, stderr: io.Discard})
		client, err := s.newClient(nil, p, environment{transport: slack, getenv: func(string) string { return testToken }})
		require.NoError(t, err)
		j, err := openJournal(filepath.Join(t.TempDir(), "journal"), s.occasion())
		require.NoError(t, err)
		t.Cleanup(func() { _ = j.lock.Close() })
		require.NoError(t, j.file.Close())

		b := &batch{settings: s, client: client, journal: j, progress: p}
		outcomes, stopped := b.run(t.Context(), []user{{ID: "W1"}, {ID: "W2"}}, nil)
		assert.Empty(t, outcomes)
		require.ErrorIs(t, stopped, os.ErrClosed)
		assert.Empty(t, slack.Calls())
	})
}

func TestTheFirstInterruptFinishesWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		interrupts := make(chan os.Signal, 2)
		slack.Respond(func(slacktest.Call) slacktest.Answer {
			if len(slack.Calls()) == 5 {
				interrupts <- os.Interrupt
			}
			return slacktest.Answer{Delay: time.Second}
		})
		report := filepath.Join(t.TempDir(), "report.csv")
		r := runIn(t, environment{transport: slack, interrupts: func() <-chan os.Signal { return interrupts }},
			"-live", "-yes", "-report", report, users(t, 100))
		assert.Equal(t, exitStopped, r.status)
		assert.Regexp(t, `Interrupted: takes no more users, waits for \d in flight\.\nInterrupt again to end at once\.`, r.stderr)
		assert.Contains(t, r.stdout, "Stopped early: interrupted.")
		n := len(slack.Calls())
		assert.Less(t, n, 25)
		assert.Contains(t, r.stdout, fmt.Sprintf("100 users: %d signed out, %d not tried.", n, 100-n))
		assert.Equal(t, n, strings.Count(read(t, report), ",out,"))
		assert.Equal(t, 100-n, strings.Count(read(t, report), ",not tried,"))
	})
}

func TestTheSecondInterruptEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.Answer{}, slacktest.RateLimited(time.Hour))
		interrupts := make(chan os.Signal, 2)
		start := time.Now()
		go func() {
			time.Sleep(10 * time.Second)
			interrupts <- os.Interrupt
			time.Sleep(10 * time.Second)
			interrupts <- syscall.SIGTERM
		}()
		journal := filepath.Join(t.TempDir(), "journal")
		r := runIn(t, environment{transport: slack, interrupts: func() <-chan os.Signal { return interrupts }},
			"-live", "-yes", "-concurrency", "1", "-journal", journal, users(t, 10))
		assert.Equal(t, exitStopped, r.status)
		assert.Equal(t, 20*time.Second, time.Since(start).Truncate(time.Second))
		assert.Contains(t, r.stderr, "waits for 1 in flight (the rate limit may take a minute).\nInterrupt again to end at once.")
		assert.Contains(t, r.stdout, "10 users: 1 signed out, 1 failed, 8 not tried.")
		assert.Contains(t, r.stdout, "The same command goes on from the journal.")
		assert.Equal(t, 2, strings.Count(read(t, journal), `"event":"end"`))
	})
}

func TestAfterTheTimeoutNobodyElseIsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		start := time.Now()
		r := onSlack(t, slack, "-timeout", "90s", users(t, 1000))
		assert.Equal(t, exitStopped, r.status)
		assert.LessOrEqual(t, time.Since(start), 90*time.Second)
		assert.Regexp(t, `1000 users: 40 signed out, \d failed, 9\d\d not tried\.`, r.stdout)
		assert.Contains(t, r.stdout, "Stopped early: -timeout has passed.")
		assert.Contains(t, r.stdout, advice("ratelimited"))
	})
}

func TestATokenThatSlackRefusesStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.AddToken(testToken, slacktest.Token{Scopes: []string{"users:read"}})
		r := onSlack(t, slack, users(t, 100))
		assert.Equal(t, exitStopped, r.status)
		assert.Less(t, len(slack.Calls()), 20)
		assert.Contains(t, r.stdout, "Stopped early: what refused the last ones would refuse all others.")
		assert.Contains(t, r.stdout, advice("missing_scope"))
		assert.Contains(t, r.stdout, "needs admin.users:write, has users:read")
	})
}

func TestEveryEndOfACallIsToldForWhatItIs(t *testing.T) {
	for name, test := range map[string]struct {
		answer slacktest.Answer
		want   string // status and reason
	}{
		"an outage":           {slacktest.Outage(503), "unknown  HTTP 503"},
		"no verdict":          {slacktest.Answer{Body: "[]"}, "unknown  (no verdict)"},
		"a broken connection": {slacktest.Answer{Err: io.EOF}, "unknown  (no answer)"},
		"no connection":       {slacktest.Answer{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, "failed  (no answer)"},
		"slow answers":        {slacktest.Answer{Delay: time.Hour}, "unknown  (no answer)"},
		"a failure at Slack":  {slacktest.Refused("user_session_reset_failed"), "refused  user_session_reset_failed"},
		"a new code":          {slacktest.Refused("user_on_the_moon"), "refused  user_on_the_moon"},
		"a hostile code":      {slacktest.Refused("\x1b[2J"), "refused  \ufffd[2J"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Respond(func(slacktest.Call) slacktest.Answer { return test.answer })
				r := onSlack(t, slack, "-user", "W1")
				assert.Equal(t, exitSomeNot, r.status)
				assert.Regexp(t, "(?m)^W1 +"+strings.ReplaceAll(regexp.QuoteMeta(test.want), "  ", " +"), r.stdout)
				assert.NotContains(t, r.stdout, "\x1b")
			})
		})
	}
}

func TestADryRunSendsNothing(t *testing.T) {
	slack := slacktest.New()
	journal := filepath.Join(t.TempDir(), "journal")
	r := onSlack(t, slack, "-dry-run", "-journal", journal, users(t, 1000))
	assert.Equal(t, exitAllOut, r.status)
	assert.Regexp(t, `\ALive, on https://slack.com/api\. Dry run: nothing is sent\.\n`, r.stdout)
	assert.Contains(t, r.stdout, "1000 users in the list, 0 duplicates.\nWould end all sessions on https://slack.com/api of 1000 users (about 50m at 20 a minute).")
	assert.Empty(t, slack.Calls())
	assert.NoFileExists(t, journal)

	require.Equal(t, exitAllOut, onSlack(t, slack, "-journal", journal, users(t, 400)).status)
	before := read(t, journal)
	r = onSlack(t, slack, "-dry-run", "-journal", journal, users(t, 1000))
	assert.Contains(t, r.stdout, "400 of 1000 users signed out already")
	assert.Contains(t, r.stdout, "of 600 users (about 30m at 20 a minute).")
	assert.Equal(t, before, read(t, journal))
}

func TestTheListMayComeFromStandardInput(t *testing.T) {
	slack := slacktest.New()
	r := runIn(t, environment{transport: slack, stdin: strings.NewReader("W1\nW2\n")}, "-live", "-yes", "-")
	assert.Equal(t, exitAllOut, r.status)
	assert.Len(t, slack.Calls(), 2)
}

func TestWhatCannotBeMeantIsRefusedAndNothingIsSent(t *testing.T) {
	list := file(t, "users.csv", "user_id\nW1\n")
	journal := filepath.Join(t.TempDir(), "journal")
	require.Equal(t, exitAllOut, runIn(t, environment{}, "-journal", journal, list).status) // a rehearsal's
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":             {[]string{"-lice"}, "-lice"},
		"flags after FILE":            {[]string{list, "-live"}, "flags before it"},
		"both kinds of sessions":      {[]string{"-mobile-only", "-web-only", list}, "-mobile-only and -web-only exclude each other"},
		"the sample for real":         {[]string{"-live", "-yes"}, "-live needs a FILE or -user"},
		"a base URL on the fake":      {[]string{"-base-url", "http://localhost:1", list}, "-base-url goes with -live"},
		"two Slacks":                  {[]string{"-live", "-gov", "-base-url", "http://localhost:1", list}, "-base-url and -gov exclude each other"},
		"a token in the clear":        {[]string{"-live", "-yes", "-base-url", "http://slack.com/api", list}, "use https"},
		"no URL":                      {[]string{"-live", "-yes", "-base-url", "http://us er:pw@\x7f", list}, "BaseURL"},
		"less than no calls":          {[]string{"-concurrency", "-1", list}, "-concurrency is negative"},
		"less than no time":           {[]string{"-timeout", "-1s", list}, "-timeout is negative"},
		"a name for an ID":            {[]string{"-user", "ana"}, `"ana" is no user ID`},
		"no such file":                {[]string{list + ".old"}, "no such file"},
		"a directory":                 {[]string{t.TempDir()}, "is a directory"},
		"nobody":                      {[]string{"-"}, "standard input: no users in it"},
		"nobody to ask":               {[]string{"-live", list}, "standard input is no terminal to ask on: add -yes"},
		"a journal that is the list":  {[]string{"-journal", list, list}, "is no journal of signout"},
		"a rehearsal's journal":       {[]string{"-live", "-yes", "-journal", journal, list}, "the journal is about all sessions on the embedded Slack"},
		"... on a dry run":            {[]string{"-live", "-dry-run", "-journal", journal, list}, "the journal is about all sessions on the embedded Slack"},
		"a report that is the list":   {[]string{"-report", list, list}, "the report would overwrite"},
		"a report on the journal":     {[]string{"-report", journal, "-journal", journal, list}, "the report would overwrite"},
		"a report that cannot be":     {[]string{"-report", filepath.Join(list, "x"), list}, "not a directory"},
		"a journal that cannot be":    {[]string{"-journal", filepath.Join(list, "x"), list}, "not a directory"},
		"a journal that is directory": {[]string{"-journal", t.TempDir(), list}, "is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			r := runIn(t, environment{transport: slack}, test.args...)
			assert.Equal(t, exitUsage, r.status)
			assert.Contains(t, r.stderr, test.want)
			assert.NotContains(t, r.stdout+r.stderr, "pw")
			assert.Empty(t, slack.Calls())
			assert.Equal(t, "user_id\nW1\n", read(t, list))
		})
	}
	t.Run("no token", func(t *testing.T) {
		r := runIn(t, environment{getenv: func(string) string { return "" }}, "-live", "-yes", list)
		assert.Equal(t, exitUsage, r.status)
		assert.Contains(t, r.stderr, "SLACK_TOKEN")
	})
}

func TestHelpTellsEveryFlag(t *testing.T) {
	r := runIn(t, environment{}, "-h")
	assert.Equal(t, exitAllOut, r.status)
	for _, flag := range []string{
		"-user", "-mobile-only", "-web-only", "-gov", "-concurrency", "-timeout", "-dry-run", "-live", "-yes",
		"-journal", "-report", "-base-url", "-v",
	} {
		assert.Regexp(t, `(?m)^  `+flag+`\b`, r.stdout)
	}
}

func TestTheLogTellsOfEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.Outage(503))
		r := onSlack(t, slack, "-v", "-user", "W1")
		assert.Equal(t, 2, strings.Count(r.stderr, "method="+slacktest.MethodReset))
		assert.Contains(t, r.stderr, "HTTP 503")
	})
}

func TestLiveAsksOnATerminal(t *testing.T) {
	for answer, want := range map[string]int{"yes\n": exitAllOut, "y\n": exitUsage, "\n": exitUsage, "\x04": exitUsage} {
		keyboard, terminal, err := pty.Open()
		require.NoError(t, err)
		_, err = keyboard.WriteString(answer)
		require.NoError(t, err)
		slack := slacktest.New()
		r := runIn(t, environment{transport: slack, stdin: terminal}, "-live", users(t, 40))
		assert.Equal(t, want, r.status, "%q", answer)
		assert.Contains(t, r.stderr, "End all sessions on https://slack.com/api of 40 users (about 2m0s at 20 a minute)? Type yes: ")
		if want == exitUsage {
			assert.Empty(t, slack.Calls())
		}
		require.NoError(t, terminal.Close())
		require.NoError(t, keyboard.Close())
	}
}

func TestATerminalShowsABarBelowTheLines(t *testing.T) {
	screen, terminal, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 100}))
	shown := make(chan string)
	go func() {
		b, _ := io.ReadAll(screen) // ends with an error when the terminal is closed
		shown <- string(b)
	}()
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: 40 * time.Millisecond} })
	slack.Script(slacktest.Answer{}, slacktest.RateLimited(time.Second))
	status := run(t.Context(), []string{"-live", "-yes", users(t, 12)}, environment{
		stdout: terminal, stderr: terminal, transport: slack,
		getenv:     func(string) string { return testToken },
		interrupts: func() <-chan os.Signal { return nil },
	})
	require.NoError(t, terminal.Close())
	text := <-shown
	require.NoError(t, screen.Close())

	assert.Equal(t, exitAllOut, status)
	assert.Regexp(t, `\d+/12 \[=*>? *\] `, text)
	assert.Regexp(t, `rate limit 1s`, text)
	assert.Regexp(t, `12/12 \[=+\] \d+ a minute, 0s left`, text)
	assert.Len(t, regexp.MustCompile(`signed out  W\d+`).FindAllString(text, -1), 12)
	assert.Less(t, strings.LastIndex(text, "signed out  W"), strings.LastIndex(text, "12/12 ["))
	assert.Less(t, strings.LastIndex(text, "12/12 ["), strings.LastIndex(text, "12 users: 12 signed out."))
}

// users writes a list of n users.
func users(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "W%d\n", i+1)
	}
	return file(t, "users", b.String())
}
