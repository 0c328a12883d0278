package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// result is what a run of the program leaves behind.
type result struct {
	status         int
	stdout, stderr string
}

// execute runs the program. A Slack, where given, is the one that -live talks to.
func execute(ctx context.Context, slack *slacktest.Slack, stdin string, terminal bool, args ...string) result {
	var stdout, stderr bytes.Buffer
	env := environment{
		stdin:    strings.NewReader(stdin),
		stdout:   &stdout,
		stderr:   &stderr,
		terminal: terminal,
		getenv:   func(name string) string { return map[string]string{"SLACK_TOKEN": "xoxp-test-token"}[name] },

		interruptible: context.WithCancel,
	}
	if slack != nil {
		env.transport = slack
	}
	status := run(ctx, args, env)
	return result{status, stdout.String(), stderr.String()}
}

// logFile writes entries to a file and returns its name.
func logFile(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600))
	return name
}

// login is an entry of somebody who signed in. The session ID is JSON.
func login(user, sessionID string) string {
	return fmt.Sprintf(`{"id":"entry-%s","date_create":1794902400,"action":"user_login",`+
		`"actor":{"type":"user","user":{"id":%q,"name":"N","email":"n@example.com","team":"T0123456789"}},`+
		`"context":{"ua":"Chrome","ip_address":"198.51.100.7","session_id":%s}}`, user, user, sessionID)
}

// sampleSlack is a Slack where the sample's people are signed in.
func sampleSlack(t *testing.T) *slacktest.Slack {
	t.Helper()
	var w world
	require.NoError(t, readLog(strings.NewReader(sample), func(e entry, err error) {
		require.NoError(t, err)
		w.add(e)
	}))
	return w.slack()
}

func TestSampleRunsOnTheEmbeddedSlackAndSaysSo(t *testing.T) {
	r := execute(t.Context(), nil, "", false, "-ip", "198.51.100.0/24")
	assert.Equal(t, exitSomeNot, r.status, "one entry names no session")
	first, _, _ := strings.Cut(r.stdout, "\n")
	assert.Equal(t, "On the embedded Slack: no session really ends. With -live it is for real.", first)
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	slices.Sort(lines[4:7]) // the sessions, in the order in which they ended
	assert.Equal(t, []string{
		"14 entries, 5 match: 3 sessions to end.",
		"Look at 1 entry that may be meant and cannot be acted on:",
		"  1a2b3c0b-6c7d-4900-812f-345678900011  W0123456786   names no session",
		"847288204518    W0123456783   2026-11-17T09:08:40Z  198.51.100.23   ended",
		"847288206733    W0123456784   2026-11-17T09:11:40Z  198.51.100.77   ended",
		"847288210046    W0123456785   2026-11-17T09:18:20Z  198.51.100.91   over already (session_not_found)",
		"2 ended, 1 over already, 0 not ended, 0 unknown, 0 not tried, 1 entry to look at.",
	}, lines[1:])
	assert.Empty(t, r.stderr)
}

func TestOnlyTheSessionsThatAreMeantEndAndEachOnce(t *testing.T) {
	slack := sampleSlack(t)
	slack.KeepCalls(100)
	slack.AddToken("xoxp-test-token", slacktest.Token{})
	signedIn := func(users ...string) (n []int) {
		for _, user := range users {
			n = append(n, len(slack.Sessions(user)))
		}
		return n
	}
	people := []string{"W0123456781", "W0123456782", "W0123456783", "W0123456784", "W0123456786"}
	require.Equal(t, []int{1, 2, 1, 1, 1}, signedIn(people...))
	r := execute(t.Context(), slack, "", false, "-ip", "198.51.100.0/24", "-action", "user_login", "-action", "anomaly",
		"-action", "file_downloaded", "-live", "-yes", logFile(t, sample, sample))
	assert.Equal(t, exitSomeNot, r.status, r.stdout)
	assert.Len(t, slack.Calls(), 3)
	assert.Equal(t, []int{1, 2, 0, 0, 1}, signedIn(people...))
}

func TestDryRunTellsWhatWouldEndAndSendsNothing(t *testing.T) {
	slack := sampleSlack(t)
	slack.KeepCalls(100)
	r := execute(t.Context(), slack, sample, false, "-ip", "198.51.100.23", "-live", "-dry-run", "-")
	assert.Contains(t, r.stdout, "Live, on https://slack.com/api. Dry run: nothing is sent.\n")
	assert.Contains(t, r.stdout, "847288204518    W0123456783   2026-11-17T09:08:40Z  198.51.100.23   would end\n")
	assert.Contains(t, r.stdout, "At 20 a minute it would take about 3s.\n")
	assert.Empty(t, slack.Calls())
}

func TestPagesOfTheAPIAreReadAsLinesAre(t *testing.T) {
	var page struct {
		Entries  []json.RawMessage `json:"entries"`
		Metadata map[string]string `json:"response_metadata"`
	}
	page.Metadata = map[string]string{"next_cursor": "dXNlcjpVMEc5V0ZYTlo="}
	for line := range strings.Lines(sample) {
		page.Entries = append(page.Entries, json.RawMessage(line))
	}
	pretty, err := json.MarshalIndent(page, "", "  ")
	require.NoError(t, err)
	lines := execute(t.Context(), nil, sample, false, "-dry-run", "-")
	pages := execute(t.Context(), nil, string(pretty), false, "-dry-run", "-")
	assert.Equal(t, lines, pages)
	assert.Contains(t, lines.stdout, "14 entries, 9 match: 7 sessions to end.")
}

func TestLiveAsksFirst(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		terminal     bool
		args         []string
		status, sent int
		says         string
	}{
		{"yes", "yes\n", true, nil, exitAllOver, 1, "End 1 session? At 20 a minute it takes about 3s. Type yes to go on: "},
		{"no", "no\n", true, nil, exitUsage, 0, "auditlog: not confirmed; nothing was sent"},
		{"nothing", "", true, nil, exitUsage, 0, "auditlog: not confirmed; nothing was sent"},
		{"nobody to ask", "yes\n", false, nil, exitUsage, 0, "add -yes; nothing was sent"},
		{"-yes", "", false, []string{"-yes"}, exitAllOver, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			slack := slacktest.New()
			args := slices.Concat(c.args, []string{"-live", logFile(t, login("W0123456781", `"847288190092"`))})
			r := execute(t.Context(), slack, c.answer, c.terminal, args...)
			assert.Equal(t, c.status, r.status)
			assert.Contains(t, r.stderr, c.says)
			assert.Len(t, slack.Calls(), c.sent)
		})
	}
}

func TestEntriesThatCannotBeActedOnAreReported(t *testing.T) {
	for why, line := range map[string]string{
		"names no session": login("W0123456789", `null`),
		`session_id "847-288" is not the ID of a session`:    login("W0123456789", `"847-288"`),
		`session_id -1 is not the ID of a session`:           login("W0123456789", `-1`),
		`session_id 8.4e11 is not the ID of a session`:       login("W0123456789", `8.4e11`),
		`session_id "99999999999999999999" is not the ID of`: login("W0123456789", `"99999999999999999999"`),
		`session_id {} is not the ID of a session`:           login("W0123456789", `{}`),
		"names no user: USLACKUSER stands for Slack itself":  login("USLACKUSER", `"847288190092"`),
		"names no user": login("", `"847288190092"`),
		`ip_address "1.23.45.678" is not an address`:                 strings.Replace(login("W0123456789", `"1"`), "198.51.100.7", "1.23.45.678", 1),
		`ip_address "" is not an address`:                            strings.Replace(login("W0123456789", `"1"`), "198.51.100.7", "", 1),
		"cannot unmarshal":                                           strings.Replace(login("W0123456789", `"1"`), `"Chrome"`, `{}`, 1),
		"names session 7, which another entry says is of W012345670": login("W0123456789", `"7"`),
	} {
		t.Run(why, func(t *testing.T) {
			slack := slacktest.New()
			r := execute(t.Context(), slack, "", false, "-ip", "198.51.100.0/24", "-live", "-yes",
				logFile(t, login("W012345670", `7`), line))
			assert.Equal(t, exitSomeNot, r.status)
			assert.Contains(t, r.stdout, "Look at 1 entry that may be meant and cannot be acted on:\n")
			assert.Contains(t, r.stdout, why)
			assert.Len(t, slack.Calls(), 1, "the other entry is acted on")
		})
	}
}

func TestLogThatCannotBeReadIsRefusedWhole(t *testing.T) {
	good := login("W0123456789", `"1"`)
	for name, lines := range map[string][]string{
		"value 2, from byte 252 on: not JSON":                                   {good, good[:len(good)/2]},
		"value 2, from byte 252 on: neither an entry of the audit log nor":      {good, `{"ok":false,"error":"missing_scope"}`},
		"value 1, from byte 0 on: neither an entry of the audit log nor a page": {`[]`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Len(t, good, 252)
			slack := slacktest.New()
			file := logFile(t, lines...)
			r := execute(t.Context(), slack, "", false, "-live", "-yes", file)
			assert.Equal(t, exitUsage, r.status)
			assert.Contains(t, r.stderr, "auditlog: "+file+": "+name)
			assert.Contains(t, r.stderr, "nothing was sent")
			assert.Empty(t, slack.Calls())
		})
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		args string
		want []int64
	}{
		{"", []int64{847288190092, 847288190407, 847288204518, 847288206733, 847288210046, 847288215590, 847288217012}},
		{"-action anomaly", []int64{847288206733}},
		{"-action anomaly -action file_downloaded", []int64{847288204518, 847288206733}},
		{"-ip 203.0.113.0/24", []int64{847288190092, 847288190407}},
		{"-ip 203.0.113.10 -ip 192.0.2.0/24", []int64{847288190092, 847288217012}},
		{"-ip 2001:db8::/32", []int64{847288215590}},
		{"-ip ::ffff:203.0.113.10", []int64{847288190092}},
		{"-user-agent iphone", []int64{847288190407, 847288217012}},
		{"-user-agent-regexp Headless.*/142", []int64{847288204518, 847288206733, 847288210046}},
		{"-since 2026-11-17T09:30:00Z", []int64{847288215590, 847288217012}},
		{"-since 2026-11-17T10:30:00+01:00 -ip 192.0.2.0/24", []int64{847288217012}},
		{"-since 2026-11-18", nil},
	} {
		t.Run(c.args, func(t *testing.T) {
			s, err := parseFlags(strings.Fields(c.args))
			require.NoError(t, err)
			var p plan
			require.NoError(t, readLog(strings.NewReader(sample), func(e entry, err error) { p.add(s.filter, e, err) }))
			var got []int64
			for _, n := range p.sessions {
				got = append(got, n.id)
			}
			assert.ElementsMatch(t, c.want, got)
		})
	}
}

func TestSinceMayBeHowLongAgo(t *testing.T) {
	now := time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC)
	since, err := parseSince("48h", now)
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 11, 15, 8, 0, 0, 0, time.UTC), since)
}

func TestWrongUsageIsExplained(t *testing.T) {
	for args, says := range map[string]string{
		"-ip 198.51.100":            "give a network in CIDR notation",
		"-since yesterday":          "give a time such as",
		"-since -3h":                "give a time such as",
		"-user-agent-regexp (":      "missing closing )",
		"-live":                     "-live needs a FILE",
		"log.jsonl -live":           "give flags first",
		"-no-such-flag":             "flag provided but not defined",
		"-dry-run no-such-file.log": "no such file",
	} {
		r := execute(t.Context(), slacktest.New(), "", false, strings.Fields(args)...)
		assert.Equal(t, exitUsage, r.status, args)
		assert.Contains(t, r.stderr, says, args)
	}
	r := execute(t.Context(), nil, "", false, "-h")
	assert.Equal(t, exitAllOver, r.status)
	assert.Contains(t, r.stdout, "-user-agent-regexp REGEXP")
}

func TestLiveWithoutATokenSendsNothing(t *testing.T) {
	var stderr bytes.Buffer
	slack := slacktest.New()
	status := run(t.Context(), []string{"-live", "-yes", logFile(t, login("W0123456789", `"1"`))}, environment{
		stdout: &bytes.Buffer{}, stderr: &stderr, getenv: func(string) string { return "" }, transport: slack,
	})
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, stderr.String(), "set the environment variable SLACK_TOKEN")
	assert.Empty(t, slack.Calls())
}

func TestGovSlackIsReachedThere(t *testing.T) {
	slack := slacktest.New()
	execute(t.Context(), slack, "", false, "-gov", "-live", "-yes", logFile(t, login("W0123456789", `"1"`)))
	require.Len(t, slack.Calls(), 1)
	assert.Equal(t, "https://slack-gov.com/api/admin.users.session.invalidate", slack.Calls()[0].URL)
}

func TestWhatBecameOfASession(t *testing.T) {
	down := slices.Repeat([]slacktest.Answer{slacktest.Outage(http.StatusBadGateway)}, 5)
	for _, c := range []struct {
		name    string
		answers []slacktest.Answer
		status  int
		says    []string
	}{
		{"over", []slacktest.Answer{slacktest.Refused("session_not_found")}, exitAllOver, []string{
			"over already (session_not_found)", "0 ended, 1 over already", "Slack knows none of these sessions.",
		}},
		{"expired", []slacktest.Answer{slacktest.Refused("session_expired")}, exitAllOver, []string{
			"over already (session_expired)", "0 ended, 1 over already",
		}},
		{"refused", []slacktest.Answer{slacktest.Refused("cannot_invalidate_primary_owner")}, exitSomeNot, []string{
			"NOT ENDED: slack: admin.users.session.invalidate: cannot_invalidate_primary_owner", "1 not ended",
		}},
		{"unknown", down, exitSomeNot, []string{"UNKNOWN, run again: ", "HTTP 502", "1 unknown"}},
		{"rate limited first", []slacktest.Answer{slacktest.RateLimited(time.Hour)}, exitAllOver, []string{"1 ended"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Script(c.answers...)
				r := execute(t.Context(), slack, "", false, "-live", "-yes", logFile(t, login("W0123456789", `"1"`)))
				assert.Equal(t, c.status, r.status, r.stdout)
				for _, said := range c.says {
					assert.Contains(t, r.stdout, said)
				}
			})
		})
	}
}

// hundred is a log of a hundred sessions.
func hundred(t *testing.T) string {
	t.Helper()
	var lines []string
	for i := range 100 {
		lines = append(lines, login(fmt.Sprintf("W%010d", i), fmt.Sprintf(`"%d"`, 847288190000+i)))
	}
	return logFile(t, lines...)
}

func TestRateLimitIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodInvalidate, slacktest.SlidingWindow(20, time.Minute))
		r := execute(t.Context(), slack, "", false, "-live", "-yes", hundred(t))
		assert.Equal(t, exitAllOver, r.status)
		assert.Contains(t, r.stdout, "100 ended, 0 over already, 0 not ended, 0 unknown, 0 not tried, 0 entries to look at.")
	})
}

func TestRunThatEndsEarlySaysWhatItDidNotTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.AddToken("xoxp-test-token", slacktest.Token{Refusal: "token_revoked"})
		r := execute(t.Context(), slack, "", false, "-live", "-yes", hundred(t))
		assert.Equal(t, exitSomeNot, r.status)
		assert.Equal(t, 100, strings.Count(r.stdout, "NOT ENDED: ")+strings.Count(r.stdout, "NOT TRIED: "))
		assert.Contains(t, r.stdout, "token_revoked")
	})
}

func TestInterruptedRunSaysWhatItDidNotTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodInvalidate, slacktest.SlidingWindow(20, time.Minute))
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(90*time.Second, interrupt)
		r := execute(ctx, slack, "", false, "-live", "-yes", hundred(t))
		assert.Equal(t, exitSomeNot, r.status)
		ended := strings.Count(r.stdout, "   ended\n")
		assert.GreaterOrEqual(t, ended, 20)
		assert.Equal(t, 100, ended+strings.Count(r.stdout, "NOT ENDED: ")+strings.Count(r.stdout, "NOT TRIED: "))
	})
}

func TestLogDoesNotSteerTheTerminal(t *testing.T) {
	line := strings.Replace(login(`W\u001b[2J`, `null`), `"198.51.100.7"`, `"\u001b[1A"`, 1)
	line = strings.ReplaceAll(line, `W\\u001b`, `W\u001b`)
	r := execute(t.Context(), nil, line+strings.Replace(line, "null", `"1"`, 1), false, "-")
	assert.Contains(t, r.stdout, "2 entries, 2 match: 1 session to end.")
	assert.NotContains(t, r.stdout+r.stderr, "\x1b")
}

func FuzzLogReadTwiceNamesEachSessionOnce(f *testing.F) {
	f.Add(sample)
	f.Add(`{"entries":[` + login("W1", "7") + `]}`)
	f.Fuzz(func(t *testing.T, log string) {
		filter := filter{actions: []string{"user_login"}}
		var once, twice plan
		err := readLog(strings.NewReader(log), func(e entry, err error) { once.add(filter, e, err) })
		if err != nil {
			return
		}
		require.NoError(t, readLog(strings.NewReader(log+"\n"+log), func(e entry, err error) { twice.add(filter, e, err) }))
		assert.Equal(t, once.sessions, twice.sessions)
		assert.Equal(t, 2*once.matches, twice.matches)
		for _, n := range twice.sessions {
			assert.Positive(t, n.id)
			assert.NotEmpty(t, n.user)
		}
	})
}
