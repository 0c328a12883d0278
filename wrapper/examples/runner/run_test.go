package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestAListIsNotTakenForADemo(t *testing.T) {
	list := file(t, "list", "W1")
	for _, args := range [][]string{{list}, {"--report", "report.csv", list}, {"--report", "report.csv"}, {"-v"}} {
		r := runIn(t, Env{}, args...)
		assert.Equal(t, Usage, r.status)
		for _, mode := range []string{"--live", "--dry-run", "--demo"} {
			assert.Contains(t, r.stderr, mode)
		}
	}
	r := runIn(t, Env{})
	assert.Equal(t, AllOut, r.status, "without arguments it is a demo")
	assert.Contains(t, r.stdout, "demo: signed out  WSAMPLE")
}

func TestFlagsMayFollowTheFile(t *testing.T) {
	list := file(t, "-list", "W1")
	slack := slacktest.New()
	require.Equal(t, AllOut, runIn(t, Env{Transport: slack}, list, "--live", "--yes").status)
	t.Chdir(filepath.Dir(list))
	require.Equal(t, AllOut, runIn(t, Env{Transport: slack}, "--live", "--yes", "--", "-list").status)
	assert.Len(t, slack.Calls(), 2)
}

func TestWrongUsageIsRefusedAndNothingIsSent(t *testing.T) {
	list := file(t, "list", "W1")
	journal := filepath.Join(t.TempDir(), "journal")
	require.Equal(t, AllOut, runIn(t, Env{}, "--demo", "--journal", journal, list).status)
	workbook := file(t, "list.xlsx", "PK\x03\x04")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":               {[]string{"--lice"}, "unknown flag --lice\nwords -h lists the flags"},
		"a long dash":                   {[]string{"—live", list}, "—live: long flags have two dashes; use --live"},
		"a flag without its value":      {[]string{"--demo", "--journal"}, "--journal needs a value"},
		"a flag in place of a value":    {[]string{"--demo", "--journal", "--live", list}, "--journal needs a value"},
		"a flag between arguments":      {[]string{list, "--demo", list}, "; put the flags before or after all arguments"},
		"a token as a flag":             {[]string{"--token", "xoxp-test-x", list}, "unknown flag --token; the token goes into the environment variable SLACK_TOKEN"},
		"a time without a unit":         {[]string{"--demo", "--timeout", "10", list}, `missing unit in duration "10"; add one, such as 10m`},
		"resume without its journal":    {[]string{"--demo", "--resume", "--journal", filepath.Join(t.TempDir(), "typo"), list}, "typo; check its name"},
		"a long flag with one dash":     {[]string{"-live", list}, "-live: long flags have two dashes; use --live"},
		"live and demo":                 {[]string{"--demo", "--live", list}, "--live and --demo can't be used together"},
		"two Slacks":                    {[]string{"--live", "--gov", "--base-url", "http://localhost:1", list}, "--gov and --base-url, or SLACK_BASE_URL in the environment, name two Slacks; give one"},
		"a token in the clear":          {[]string{"--live", "--yes", "--base-url", "http://slack.com/api", list}, "BaseURL"},
		"no URL":                        {[]string{"--live", "--yes", "--base-url", "http://us er:pw@\x7f", list}, "--base-url or SLACK_BASE_URL: "},
		"a URL without its scheme":      {[]string{"--live", "--yes", "--base-url", "slack.com/api", list}, "BaseURL has no host; use one like https://slack.com/api"},
		"a negative number of calls":    {[]string{"--demo", "--concurrency=-1", list}, "--concurrency: expected a valid"},
		"resume without a journal":      {[]string{"--demo", "--resume", list}, "--resume goes with --journal"},
		"no Redis":                      {[]string{"--live", "--yes", "--fleet", "http://u:pw@localhost", list}, "--fleet is no URL such as redis://"},
		"a bad list":                    {[]string{"--live", "--yes", file(t, "list", "bad")}, "a bad word"},
		"no such file":                  {[]string{"--demo", list + ".old"}, "no such file"},
		"an archive":                    {[]string{"--demo", workbook}, "is a ZIP archive"},
		"no terminal to ask on":         {[]string{"--live", list}, "standard input is no terminal to ask on; add --yes"},
		"a journal that is the list":    {[]string{"--demo", "--journal", list, list}, "is no journal"},
		"a demo's journal":              {[]string{"--live", "--yes", "--journal", journal, list}, "the journal is of words for all sessions on the embedded Slack"},
		"... on a dry run":              {[]string{"--dry-run", "--journal", journal, list}, "the journal is of words for all sessions on the embedded Slack"},
		"a report that is the list":     {[]string{"--demo", "--report", list, list}, "the report would overwrite"},
		"a report on the journal":       {[]string{"--demo", "--report", journal, "--journal", journal, list}, "the report would overwrite"},
		"a report below a file":         {[]string{"--demo", "--report", filepath.Join(list, "x"), list}, "not a directory"},
		"a report that is a directory":  {[]string{"--demo", "--report", t.TempDir(), list}, "is a directory"},
		"a journal below a file":        {[]string{"--demo", "--journal", filepath.Join(list, "x"), list}, "not a directory"},
		"a journal that is a directory": {[]string{"--demo", "--journal", t.TempDir(), list}, "is no regular file"},
		"a journal in no directory":     {[]string{"--demo", "--journal", filepath.Join(t.TempDir(), "x", "y"), list}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			r := runIn(t, Env{Transport: slack}, test.args...)
			assert.Equal(t, Usage, r.status)
			assert.Contains(t, r.stderr, test.want)
			assert.Contains(t, r.stderr, "Nothing was sent.")
			assert.NotContains(t, r.stdout+r.stderr, "pw")
			assert.Empty(t, slack.Calls())
			assert.Equal(t, "W1", read(t, list))
		})
	}
}

func TestAnImpossibleTokenIsRefusedBeforeTheQuestion(t *testing.T) {
	for token, want := range map[string]string{
		"":                         "set it to a user token",
		"xoxp-test-secret\n":       "has a line break",
		"xoxp-test- secret":        "has a space",
		`"xoxp-test-secret"`:       "a quote",
		"Bearer xoxp-test-secret":  "begins with Bearer",
		"xoxb-test-secret":         "is a bot's or an app-level token",
		"xoxe.xoxb-1-test-secret":  "is a bot's or an app-level token",
		"xapp-test-secret":         "is a bot's or an app-level token",
		"xoxe-1-test-secret":       "is a refresh token",
		"xoxp-test-secret\u200b":   "another character",
		"xoxe.xoxp-1-test-secret":  "",
		"xoxp-test-secret":         "",
		"a-test-servers-own-token": "",
	} {
		env := Env{Transport: slacktest.New(), Getenv: func(string) string { return token }}
		for _, mode := range []string{"--live", "--dry-run"} {
			r := runIn(t, env, mode, "--yes", file(t, "list", "W1"))
			assert.NotContains(t, r.stdout+r.stderr, "secret")
			if want == "" || token == "" && mode == "--dry-run" {
				assert.NotEqual(t, Usage, r.status, token)
				continue
			}
			assert.Equal(t, Usage, r.status, token)
			assert.Contains(t, r.stderr, want)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for name, test := range map[string]struct {
		list   string
		answer slacktest.Answer
		want   int
	}{
		"all out":              {"W1 W2", slacktest.Answer{}, AllOut},
		"refused":              {"W1 W2", slacktest.Refused("user_not_found"), SomeNot},
		"a doubt":              {"W1 doubt", slacktest.Answer{}, SomeNot},
		"a doubt alone":        {"doubt", slacktest.Answer{}, SomeNot},
		"nothing to do":        {"", slacktest.Answer{}, Nothing},
		"a token that is over": {"W1 W2", slacktest.Refused("token_revoked"), Stopped},
		"a bad word":           {"bad", slacktest.Answer{}, Usage},
		"an outage for all":    {"W1 W2 W3 W4 W5 W6 W7 W8 W9", slacktest.ConnectionRefused(), Stopped},
		"an outage for one":    {"W1", slacktest.ConnectionRefused(), Stopped},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Respond(func(slacktest.Call) slacktest.Answer { return test.answer })
				r := onSlack(t, slack, file(t, "list", test.list))
				assert.Equal(t, test.want, r.status, r.stdout+r.stderr)
			})
		})
	}
}

func TestARunThatSentNothingPrintsItInCapitals(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	list := file(t, "list", "W1 W2")
	require.Equal(t, AllOut, onSlack(t, slacktest.New(), "--journal", journal, list).status)
	slack := slacktest.New()
	r := onSlack(t, slack, "--journal", journal, list)
	assert.Equal(t, Nothing, r.status)
	assert.Contains(t, r.stdout, "2 users: nothing to do; before this run: 2 signed out.\nNOTHING WAS SENT.\nNot repeated: 2 signed out by earlier runs with this journal, the first on ")
	assert.Empty(t, slack.Calls())
}

func TestAJournalOfAnotherDayNeedsResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := filepath.Join(t.TempDir(), "journal")
		list := file(t, "list", "W1 W404")
		slack := slacktest.New()
		slack.AddUser(slacktest.User{ID: "W1"})
		require.Equal(t, SomeNot, onSlack(t, slack, "--journal", journal, list).status)
		time.Sleep(24*time.Hour + time.Minute)
		for _, mode := range []string{"--live", "--dry-run"} {
			r := runIn(t, Env{Transport: slack}, mode, "--yes", "--journal", journal, list)
			assert.Equal(t, Usage, r.status)
			assert.Contains(t, r.stderr, "the last record of journal "+journal+" is of ")
			assert.Contains(t, r.stderr, ", 24 hours ago.")
			assert.Contains(t, r.stderr, "--resume")
		}
		assert.Len(t, slack.Calls(), 2)
		slack.AddUser(slacktest.User{ID: "W404"})
		assert.Equal(t, AllOut, onSlack(t, slack, "--resume", "--journal", journal, list).status)
		assert.Len(t, slack.Calls(), 3)
		time.Sleep(23 * time.Hour)
		assert.Equal(t, Nothing, onSlack(t, slack, "--journal", journal, list).status, "its last record counts, not its first")
	})
}

func TestTheSameJournalSkipsUsersWhoAreOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		for _, id := range []string{"W1", "W2", "W3"} {
			slack.AddUser(slacktest.User{ID: id, Sessions: []slacktest.Session{{ID: 1}}})
		}
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if c.UserID == "W2" { // the sessions end, and the response is lost
				return slacktest.Answer{Err: io.EOF, Effect: true}
			}
			return slacktest.Answer{}
		})
		args := []string{
			"--journal", filepath.Join(t.TempDir(), "journal"), "--report", filepath.Join(t.TempDir(), "report.csv"),
			file(t, "list", "W404 W1 W2 W3"),
		}
		r := onSlack(t, slack, args...)
		assert.Equal(t, SomeNot, r.status)
		assert.Contains(t, r.stdout, "4 users: 2 signed out, 1 refused, 1 unknown.")
		assert.Contains(t, read(t, args[3]), "W2,unknown,all sessions,no_answer")

		slack.Respond(nil)
		slack.AddUser(slacktest.User{ID: "W404"})
		before := len(slack.Calls())
		r = onSlack(t, slack, append([]string{"--concurrency", "1"}, args...)...)
		assert.Equal(t, AllOut, r.status)
		assert.Contains(t, r.stdout, "2 of 4 users signed out already")
		assert.Contains(t, r.stdout, "4 users: 2 signed out; before this run: 2 signed out.\n2 requests")
		var again []string
		for _, c := range slack.Calls()[before:] {
			again = append(again, c.UserID)
		}
		assert.Equal(t, []string{"W2", "W404"}, again, "refused users come last")
		assert.Equal(t, 4, strings.Count(read(t, args[3]), ",out,"))
	})
}

func TestTheJournalHasAUserBeforeTheRequestGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal")
		slack := slacktest.New()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			assert.Regexp(t, `"event":"start".*"id":"`+c.UserID+`"`, read(t, path))
			return slacktest.Answer{}
		})
		require.Equal(t, AllOut, onSlack(t, slack, "--journal", path, users(t, 30)).status)
	})
}

func TestARunWhoseJournalFailsTakesNoMore(t *testing.T) {
	slack := slacktest.New()
	var r *run[wrapper.ResetOptions]
	r = &run[wrapper.ResetOptions]{
		Program: program(),
		opts: settings{
			MaxOutage: time.Minute,
			Live:      true, Yes: true, Concurrency: 1,
			Journal: filepath.Join(t.TempDir(), "journal"), Args: []string{users(t, 10)},
		},
		env: Env{
			Stdout: io.Discard, Stderr: io.Discard, Transport: slack,
			Getenv: func(string) string { return testToken },
			Signals: func() <-chan os.Signal {
				require.NoError(t, r.journal.file.Close())
				return nil
			},
		},
	}
	r.output = newOutput(r.env, &r.opts)
	status, err := r.do(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Stopped, status)
	require.ErrorIs(t, r.stopped, os.ErrClosed)
	assert.Empty(t, slack.Calls())
}

func TestARunWaitsForTheEndOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		began := time.Now().Add(70 * time.Second)
		slack.Down(began, 5*time.Minute, slacktest.ConnectionRefused())
		r := onSlack(t, slack, users(t, 60))
		assert.Equal(t, AllOut, r.status, r.stdout)
		assert.Regexp(t, `(?m)^\d+ of 60, connection refused since \d\d:\d\d UTC, trying again; gives up at \d\d:\d\d UTC\.$`, r.stderr)
		assert.Equal(t, 1, strings.Count(r.stderr, "Slack responds again."))
	})
}

func TestALongOutageStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.Outage(503))
		start := time.Now()
		r := onSlack(t, slack, "--max-outage", "3m", users(t, 60))
		assert.Equal(t, Stopped, r.status)
		assert.Less(t, time.Since(start), 5*time.Minute)
		assert.Contains(t, r.stdout, "Stopped early: HTTP 503 since ")
		assert.NotContains(t, r.stdout, "Once more")
	})
}

func TestTemporaryFailuresAreTriedOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		seen := map[string]int{}
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			seen[c.UserID]++
			switch {
			case c.UserID == "W1" && seen["W1"] <= 5, c.UserID == "W2":
				return slacktest.Refused("user_session_reset_failed")
			case c.UserID == "W3" && seen["W3"] <= 5:
				return slacktest.Answer{Err: io.EOF}
			case c.UserID == "W4":
				return slacktest.Refused("user_not_found")
			}
			return slacktest.Answer{}
		})
		var stdout bytes.Buffer
		list := users(t, 20)
		r := runIn(t, Env{Transport: slack, Stdout: &stdout}, "--live", "--yes", "--json", list)
		assert.Equal(t, SomeNot, r.status)
		assert.Contains(t, r.stderr, "Once more for 3 users, because the failure may be temporary.")
		assert.Contains(t, r.stderr, "20 users: 18 signed out, 1 refused, 1 failed.")
		assert.Equal(t, map[string]int{"W1": 6, "W2": 10, "W3": 6, "W4": 1}, map[string]int{"W1": seen["W1"], "W2": seen["W2"], "W3": seen["W3"], "W4": seen["W4"]})
		ids := map[string]string{}
		for d := json.NewDecoder(&stdout); ; {
			var line struct{ ID, Status, Reason, Error string }
			err := d.Decode(&line)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			assert.NotContains(t, ids, line.ID, "one line for each")
			ids[line.ID] = line.Status
		}
		assert.Len(t, ids, 20)
		assert.Equal(t, []string{"out", "failed", "out", "refused"}, []string{ids["W1"], ids["W2"], ids["W3"], ids["W4"]})
	})
}

func TestAnUnknownOutcomeStaysUnknownAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		n := 0
		slack.Respond(func(slacktest.Call) slacktest.Answer {
			if n++; n <= 5 {
				return slacktest.Answer{Err: io.EOF}
			}
			return slacktest.Refused("user_not_found")
		})
		r := onSlack(t, slack, file(t, "list", "W1"))
		assert.Contains(t, r.stdout, "1 user: 1 unknown.")
	})
}

func TestARateLimitFailsNoCallAndIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		r := onSlack(t, slack, users(t, 100))
		assert.Equal(t, AllOut, r.status)
		assert.Contains(t, r.stdout, "100 users: 100 signed out.")
		assert.Regexp(t, `(?m)^Slack limits the rate\. \d+ of \d+, rate limit 1m0s, `, r.stderr)
		rates := regexp.MustCompile(`\d+ of 100, (?:rate limit \w+, )?(\d+) a minute, \w+ left\.`).FindAllStringSubmatch(r.stderr, -1)
		assert.NotEmpty(t, rates)
		for _, rate := range rates {
			n, err := strconv.Atoi(rate[1])
			require.NoError(t, err)
			assert.True(t, n >= 20-8 && n <= 21, "eight may be in flight: %s", r.stderr)
		}
	})
}

func TestTheFirstInterruptWaitsForCallsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		interrupts := make(chan os.Signal, 2)
		requests := atomic.Int64{}
		slack.Respond(func(slacktest.Call) slacktest.Answer {
			if requests.Add(1) == 5 { // Slack's own record counts responses, maybe several at once
				interrupts <- os.Interrupt
			}
			return slacktest.Answer{Delay: time.Second}
		})
		report := filepath.Join(t.TempDir(), "report.csv")
		r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }},
			"--live", "--yes", "--report", report, users(t, 100))
		assert.Equal(t, Stopped, r.status)
		assert.Regexp(t, `Interrupted: no more requests are sent\.\nWaiting for \d requests? in flight\. Interrupt again to end at once`, r.stderr)
		assert.Contains(t, r.stdout, "Stopped early: signal: interrupt.")
		n := len(slack.Calls())
		assert.Less(t, n, 25)
		assert.Contains(t, r.stdout, fmt.Sprintf("100 users: %d signed out, %d not tried.", n, 100-n))
		assert.Equal(t, n, strings.Count(read(t, report), ",out,"))
		assert.Equal(t, 100-n, strings.Count(read(t, report), ",not tried,"))
	})
}

func TestAnInterruptThatComesTooLateStopsNothing(t *testing.T) {
	interrupts := make(chan os.Signal, 2)
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer {
		interrupts <- os.Interrupt
		return slacktest.Refused("user_not_found")
	})
	r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }}, "--live", "--yes", file(t, "list", "W1"))
	assert.Equal(t, SomeNot, r.status)
	assert.NotContains(t, r.stdout, "Stopped early")
}

func TestTheSecondInterruptEndsAtOnceAndASecondHangUpDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.Answer{}, slacktest.Answer{Delay: time.Hour})
		interrupts := make(chan os.Signal, 2)
		start := time.Now()
		go func() {
			for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGTERM} {
				time.Sleep(10 * time.Second)
				interrupts <- s
			}
		}()
		journal := filepath.Join(t.TempDir(), "journal")
		r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }},
			"--live", "--yes", "--concurrency", "1", "--journal", journal, users(t, 10))
		assert.Equal(t, Stopped, r.status)
		assert.Equal(t, 30*time.Second, time.Since(start).Truncate(time.Second))
		assert.Contains(t, r.stderr, "Waiting for 1 request in flight. Interrupt again to end at once")
		assert.Contains(t, r.stdout, "10 users: 1 signed out, 1 unknown, 8 not tried.")
		assert.Contains(t, r.stdout, "The same command goes on from the journal.")
		assert.Equal(t, 2, strings.Count(read(t, journal), `"event":"end"`))
	})
}

func TestAnInterruptEndsCallsThatWaitForTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		limited := slacktest.RateLimited(time.Hour)
		limited.Delay = time.Second // until all are in flight
		slack.Respond(func(slacktest.Call) slacktest.Answer { return limited })
		interrupts := make(chan os.Signal, 2)
		go func() {
			time.Sleep(10 * time.Second)
			interrupts <- os.Interrupt
		}()
		start := time.Now()
		r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }}, "--live", "--yes", users(t, 5))
		assert.Equal(t, Stopped, r.status, "though all were taken")
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Contains(t, r.stdout, "5 users: 5 not tried.")
		assert.Contains(t, r.stdout, "Stopped early: signal: interrupt.")
	})
}

func TestAnInterruptOfTheSecondPassStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		interrupts := make(chan os.Signal, 2)
		requests := map[string]int{}
		var once sync.Once
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			if requests[c.UserID]++; requests[c.UserID] <= 5 {
				return slacktest.Refused("user_session_reset_failed")
			}
			once.Do(func() {
				time.AfterFunc(time.Second, func() { interrupts <- os.Interrupt })
				time.AfterFunc(2*time.Second, func() { interrupts <- os.Interrupt })
			})
			return slacktest.RateLimited(time.Hour)
		})
		r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }}, "--live", "--yes", users(t, 8))
		assert.Contains(t, r.stdout, "Once more for 8 users")
		assert.Equal(t, Stopped, r.status, "calls of the second pass have not ended by themselves")
		assert.Contains(t, r.stdout, "8 users: ")
		assert.NotContains(t, r.stdout, "not tried.", "the first pass has tried all")
	})
}

func TestTheTimeoutStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		start := time.Now()
		r := onSlack(t, slack, "--timeout", "90s", users(t, 1000))
		assert.Equal(t, Stopped, r.status)
		assert.LessOrEqual(t, time.Since(start), 90*time.Second)
		assert.Regexp(t, `1000 users: 40 signed out, 9\d\d not tried\.`, r.stdout)
		assert.Contains(t, r.stdout, "Stopped early: Slack asks to wait 1m0s, longer than --timeout leaves. Run again after 00:02 UTC.\n")
		assert.NotContains(t, r.stdout+r.stderr, "context")
	})
}

func TestATokenThatSlackRefusesStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.AddToken(testToken, slacktest.Token{Scopes: []string{"users:read"}})
		r := onSlack(t, slack, users(t, 100))
		assert.Equal(t, Stopped, r.status)
		assert.Less(t, len(slack.Calls()), 20)
		assert.Contains(t, r.stdout, "Stopped early: every other call would fail too (missing_scope).")
		assert.Contains(t, r.stdout, advice("missing_scope", ""))
		assert.Contains(t, r.stdout, "needs admin.users:write, has users:read")
	})
}

func TestARefusalOfTheTokenIsNoRefusalOfTheUser(t *testing.T) {
	slack := slacktest.New()
	slack.AddToken(testToken, slacktest.Token{Refusal: "account_inactive"})
	r := onSlack(t, slack, "--concurrency", "1", file(t, "list", "W1 W2"))
	assert.Equal(t, Stopped, r.status)
	assert.Contains(t, r.stdout, "failed      W1  Slack refuses every call: account_inactive (request ")
	assert.Contains(t, r.stdout, "2 users: 1 failed, 1 not tried.")
	assert.Contains(t, r.stdout, "1 failed, account_inactive: the account that owns the token is deactivated: ")
}

func TestTwentyItemsThatSlackDoesNotHaveAreSuspicious(t *testing.T) {
	const doubt = "Slack has none of the first 20 users. If the token is of another organisation, interrupt the run.\n"
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W30"})
	assert.Equal(t, 1, strings.Count(onSlack(t, slack, users(t, 30)).stderr, doubt))
	assert.NotContains(t, onSlack(t, slack, users(t, 19)).stderr, doubt)
	slack.AddUser(slacktest.User{ID: "W1"})
	assert.NotContains(t, onSlack(t, slack, "--concurrency", "1", users(t, 30)).stderr, doubt)
}

func TestARunWithNobodyOutIsSimplyRepeated(t *testing.T) {
	slack := slacktest.New()
	slack.AddToken(testToken, slacktest.Token{Refusal: "token_revoked"})
	for _, list := range []string{"W1", "W1 W2"} {
		r := onSlack(t, slack, "--report", filepath.Join(t.TempDir(), "report.csv"), file(t, "list", list))
		assert.Contains(t, r.stdout, "First correct the cause, see below. Repeat the command.\n")
		assert.NotContains(t, r.stdout, signInsGoOn)
	}
}

func TestARunWithoutAnyResponseOfSlackStoppedEarly(t *testing.T) {
	for name, answer := range map[string]slacktest.Answer{
		"no connection": slacktest.ConnectionRefused(), "a proxy's login": slacktest.Proxy(302), "a proxy's refusal": slacktest.Proxy(407),
	} {
		synctest.Test(t, func(t *testing.T) {
			slack := slacktest.New()
			slack.Down(time.Now(), time.Hour, answer)
			report := filepath.Join(t.TempDir(), "report.csv")
			r := onSlack(t, slack, "--timeout", "3s", "--report", report, file(t, "list", "W1"))
			assert.Equal(t, Stopped, r.status, name)
			assert.Equal(t, "failed", statusOf(t, report)["W1"], name)
			assert.Contains(t, r.stdout, "\n1 failed, ", name)
		})
	}
}

func TestEveryKindOfFailureHasItsStatusAndReason(t *testing.T) {
	for name, test := range map[string]struct {
		answer slacktest.Answer
		want   string // status and reason
	}{
		"an outage":           {slacktest.Outage(503), "unknown, http_503"},
		"no verdict":          {slacktest.Answer{Body: "[]"}, "unknown, no_verdict"},
		"a broken connection": {slacktest.Answer{Err: io.EOF}, "unknown, no_answer"},
		"no connection":       {slacktest.ConnectionRefused(), "failed, no_answer"},
		"slow answers":        {slacktest.Answer{Delay: time.Hour}, "unknown, timeout"},
		"a failure at Slack":  {slacktest.Refused("user_session_reset_failed"), "failed, user_session_reset_failed"},
		"a new code":          {slacktest.Refused("user_on_the_moon"), "refused, user_on_the_moon"},
		"a hostile code":      {slacktest.Refused("\x1b[2J"), "refused, \ufffd[2J"},
		"a proxy's login":     {slacktest.Proxy(302), "failed, redirect"},
		"a proxy's refusal":   {slacktest.Proxy(407), "failed, http_407"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Down(time.Now(), 24*time.Hour, test.answer)
				r := onSlack(t, slack, "--max-outage=-1s", file(t, "list", "W1"))
				assert.Contains(t, r.stdout, "\n1 "+test.want+": ")
				assert.NotContains(t, r.stdout, "\x1b")
			})
		})
	}
}

func TestJSONSaysWhetherToRepeat(t *testing.T) {
	for name, test := range map[string]struct {
		answer slacktest.Answer
		repeat bool
	}{
		"signed out":          {slacktest.Answer{}, false},
		"no connection":       {slacktest.ConnectionRefused(), true},
		"an outage":           {slacktest.Outage(503), true},
		"a long rate limit":   {slacktest.RateLimited(time.Hour), true},
		"a failure at Slack":  {slacktest.Refused("user_session_reset_failed"), true},
		"a proxy's refusal":   {slacktest.Proxy(407), false},
		"a token that is not": {slacktest.Refused("token_revoked"), false},
		"a bot":               {slacktest.Refused("cannot_reset_bot"), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			slack := slacktest.New()
			slack.Respond(func(slacktest.Call) slacktest.Answer { return test.answer })
			r := onSlack(t, slack, "--json", "--timeout", "20m", file(t, "list", "W1"))
			assert.Equal(t, test.repeat, strings.Contains(r.stdout, `"repeat":true`), "%s: %s", name, r.stdout)
			correct := strings.Contains(r.stderr, "First correct the cause, see below. Repeat the command.")
			assert.Equal(t, name == "a proxy's refusal" || name == "a token that is not", correct, "%s: %s", name, r.stderr)
		})
	}
}

func TestADryRunSendsNothing(t *testing.T) {
	slack := slacktest.New()
	journal := filepath.Join(t.TempDir(), "journal")
	r := runIn(t, Env{Transport: slack}, "--dry-run", "--journal", journal, users(t, 100))
	assert.Equal(t, AllOut, r.status)
	assert.Regexp(t, `\AFor https://slack.com/api\. Dry run: nothing is sent\.\n`, r.stdout)
	assert.Contains(t, r.stdout, "Would end all sessions of 100 users on https://slack.com/api (about 5m at 20 a minute).")
	assert.Empty(t, slack.Calls())
	assert.NoFileExists(t, journal)

	require.Equal(t, AllOut, onSlack(t, slack, "--journal", journal, users(t, 40)).status)
	before := read(t, journal)
	r = runIn(t, Env{Transport: slack}, "--dry-run", "--journal", journal, users(t, 100))
	assert.Contains(t, r.stdout, "40 of 100 users signed out already")
	assert.Contains(t, r.stdout, "of 60 users on https://slack.com/api (about 3m0s at 20 a minute).")
	assert.Equal(t, before, read(t, journal))
	assert.Equal(t, Nothing, runIn(t, Env{Transport: slack}, "--dry-run", "--journal", journal, users(t, 40)).status)
}

func TestTheListMayComeFromStandardInput(t *testing.T) {
	slack := slacktest.New()
	r := runIn(t, Env{Transport: slack, Stdin: strings.NewReader("\ufeffW1\nW2\n")}, "--live", "--yes", "-")
	assert.Equal(t, AllOut, r.status)
	assert.Len(t, slack.Calls(), 2)
}

func TestGovSlackIsAnotherHost(t *testing.T) {
	slack := slacktest.New()
	require.Equal(t, AllOut, onSlack(t, slack, "--gov", file(t, "list", "W1")).status)
	assert.Equal(t, "https://slack-gov.com/api/"+slacktest.MethodReset, slack.Calls()[0].URL)
}

func TestHelpListsEveryFlagAndExitStatus(t *testing.T) {
	r := runIn(t, Env{}, "-h")
	assert.Equal(t, AllOut, r.status)
	for _, flag := range []string{
		"--live", "--dry-run", "--demo", "--yes", "--gov", "--base-url", "--fleet", "--concurrency", "--timeout", "--max-outage",
		"--journal", "--resume", "--report", "--json", "-v", "--version",
	} {
		assert.Regexp(t, `(?m)^  (-\w, |    )?`+flag+`\b`, r.stdout)
	}
	for status := range Nothing + 1 {
		assert.Regexp(t, fmt.Sprintf(`\b%d [a-z]+`, status), r.stdout)
	}
	assert.Contains(t, r.stdout, "Examples:")
}

func TestVersionIsPrinted(t *testing.T) {
	r := runIn(t, Env{}, "--version")
	assert.Equal(t, AllOut, r.status)
	assert.Regexp(t, `\Awords .*go1\.`, r.stdout)
}

func TestVerboseLogsEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.Outage(503), slacktest.Answer{Err: io.EOF}, slacktest.RateLimited(time.Second))
		r := onSlack(t, slack, "-v", file(t, "list", "W1"))
		assert.Equal(t, 4, strings.Count(r.stderr, "method="+slacktest.MethodReset))
		for _, attr := range []string{"status=503", "reason=no_answer", "status=429", "retry_in=1", `msg="slack request" `, "request_id=0000"} {
			assert.Contains(t, r.stderr, attr)
		}
	})
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestAFullDiskUnderStandardOutputIsNoSuccess(t *testing.T) {
	slack := slacktest.New()
	r := runIn(t, Env{Transport: slack, Stdout: full{}}, "--live", "--yes", "--json", users(t, 20))
	assert.Equal(t, SomeNot, r.status)
	assert.Equal(t, 1, strings.Count(r.stderr, "Cannot write to standard output (no space left on device)"))
	assert.Len(t, slack.Calls(), 20)
}

func TestTheResultGoesToStandardErrorIfStandardOutputIsFull(t *testing.T) {
	r := runIn(t, Env{Transport: slacktest.New(), Stdout: full{}}, "--live", "--yes", users(t, 20))
	assert.Equal(t, SomeNot, r.status)
	assert.Contains(t, r.stderr, "20 users: 20 signed out.\n20 requests")
}

func TestAMissingRedisIsReportedBeforeTheQuestion(t *testing.T) {
	slack := slacktest.New()
	r := onSlack(t, slack, "--fleet", "redis://:secret@127.0.0.1:1/0?max_retries=-1&dial_timeout=100ms#key", file(t, "list", "W1"))
	assert.Equal(t, Usage, r.status)
	assert.Contains(t, r.stderr, "--fleet: Redis at 127.0.0.1:1: ")
	assert.NotContains(t, r.stderr, "secret")
	assert.Empty(t, slack.Calls())
}

func TestAnOutageOfRedisIsShownWithCauseAndEnd(t *testing.T) {
	at := time.Date(2026, 11, 26, 20, 27, 0, 0, time.UTC)
	assert.Equal(t, "Waiting for Redis at redis.test:6379 (EOF) since "+timeOfDay(at)+"; gives up after 2m0s.", redisState("redis.test:6379", io.EOF, at))
	assert.Equal(t, "Redis at redis.test:6379 responds again.", redisState("redis.test:6379", nil, at))
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
