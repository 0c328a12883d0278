package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ran is the result of a run of the program.
type ran struct {
	status         int
	stdout, stderr string
}

// execute runs the program. --live talks to slack.
func execute(slack *slacktest.Slack, stdin string, args ...string) ran {
	var stdout, stderr bytes.Buffer
	status := runner.Run(context.Background(), program(), runner.Env{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Transport: slack,
		Getenv:  func(string) string { return "xoxp-test-token" },
		Signals: func() <-chan os.Signal { return nil },
	})
	return ran{status, stdout.String(), stderr.String()}
}

// logFile writes entries to a file and returns its name.
func logFile(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600))
	return name
}

// login returns an entry of a user who signed in. The session ID is JSON.
func login(user, sessionID string) string {
	return fmt.Sprintf(`{"id":"entry-%s","date_create":1794902400,"action":"user_login",`+
		`"actor":{"type":"user","user":{"id":%q,"name":"N","email":"n@example.com","team":"T0123456789"}},`+
		`"context":{"ua":"Chrome","ip_address":"198.51.100.7","session_id":%s}}`, user, user, sessionID)
}

// sampleSlack returns a Slack in which the users of the sample are signed in.
func sampleSlack(t *testing.T) *slacktest.Slack {
	t.Helper()
	slack := slacktest.New()
	sessions := map[string][]slacktest.Session{} // by user
	r := reader{each: func(e *entry) {
		require.NoError(t, e.broken)
		user, session := e.Actor.User.ID, slacktest.Session{ID: e.session}
		if e.session != 0 && e.session != sampleEnded && !slices.Contains(sessions[user], session) {
			sessions[user] = append(sessions[user], session)
		}
		slack.AddUser(slacktest.User{ID: user, Sessions: sessions[user]})
	}}
	require.NoError(t, r.read("sample", strings.NewReader(sample)))
	return slack
}

func TestAnEntryWithoutATimeIsDoubtfulIfTheFilterHasOne(t *testing.T) {
	for _, date := range []string{"", `"date_create":null,`, `"date_create":0,`, `"date_create":"",`} {
		timeless := strings.Replace(login("W1", `"7"`), `"date_create":1794902400,`, date, 1)
		r := execute(nil, timeless, "--dry-run", "-")
		assert.Equal(t, 0, r.status, date)
		assert.NotContains(t, r.stdout, "1970")
		for _, flag := range []string{"--since", "--until"} {
			r = execute(nil, timeless, "--dry-run", flag, "2026-11-17", "-")
			assert.Contains(t, r.stdout+r.stderr, "entry-W1  W1            has no date_create", flag)
		}
	}
}

func TestTheDemoRunsOnTheEmbeddedSlack(t *testing.T) {
	r := execute(nil, "", "--demo", "--ip", "198.51.100.0/24")
	assert.Equal(t, runner.SomeNot, r.status, "one entry names no session")
	lines := strings.Split(r.stdout, "\n")
	slices.Sort(lines[7:10]) // the sessions, in the order in which they ended
	lines[9], _, _ = strings.Cut(lines[9], " (request ")
	assert.Equal(t, []string{
		"demo: Entries: 14, of which 5 match. Sessions to end: 3. The log is from 2026-11-17T08:03:00Z to 2026-11-17T09:41:40Z.",
		"demo: 4 more entries match all but --action: anomaly 1, file_downloaded 1, user_login_failed 1, user_logout 1. More sessions to end with --action any: 0.",
		"demo: The users of these sessions may have others. To end all their sessions: signout --live W0123456783 W0123456784 W0123456785",
		"demo: ",
		"demo: 1 doubtful:",
		"demo:   1a2b3c0b-6c7d-4900-812f-345678900011  W0123456786   names no session; to end all sessions of the user: signout --live W0123456786",
		"demo: ended       847288204518    W0123456783   2026-11-17T09:08:40Z  198.51.100.23    Chen Wei",
		"demo: ended       847288206733    W0123456784   2026-11-17T09:11:40Z  198.51.100.77    Dana Oke",
		"demo: not there   847288210046    W0123456785   2026-11-17T09:18:20Z  198.51.100.91    Eli Stone  session_not_found",
		"demo: ",
		"demo: 3 sessions: 2 ended, 1 not there; skipped: 1 doubtful.",
	}, lines[1:12])
	assert.Equal(t, 2, strings.Count(r.stdout, "names no session"), "at the start and at the end")
}

func TestOnlyMatchingSessionsEndAndEachOnce(t *testing.T) {
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
	r := execute(slack, "", "--ip", "198.51.100.0/24", "--action", "user_login", "--action", "anomaly",
		"--action", "file_downloaded", "--live", "--yes", logFile(t, sample, sample))
	assert.Equal(t, runner.SomeNot, r.status, r.stdout)
	assert.Len(t, slack.Calls(), 3)
	assert.Equal(t, []int{1, 2, 0, 0, 1}, signedIn(people...))
}

func TestDryRunListsSessionsAndSendsNothing(t *testing.T) {
	slack := sampleSlack(t)
	slack.KeepCalls(100)
	r := execute(slack, sample, "--ip", "198.51.100.23", "--dry-run", "-")
	assert.Contains(t, r.stdout, "For https://slack.com/api. Dry run: nothing is sent.\n")
	assert.Contains(t, r.stdout, "would end   847288204518    W0123456783   2026-11-17T09:08:40Z  198.51.100.23")
	assert.Contains(t, r.stdout, "Would end 1 session on https://slack.com/api (about 3s at 20 a minute); skipped: 1 doubtful.\n")
	assert.Empty(t, slack.Calls())
}

func TestTheLogIsReadAsPeopleHaveIt(t *testing.T) {
	var page struct {
		Entries  []json.RawMessage `json:"entries"`
		Metadata map[string]string `json:"response_metadata"`
	}
	for line := range strings.Lines(sample) {
		page.Entries = append(page.Entries, json.RawMessage(line))
	}
	marshal := func(v any) string {
		b, err := json.MarshalIndent(v, "", "  ")
		require.NoError(t, err)
		return string(b)
	}
	want := execute(nil, sample, "--dry-run", "-")
	assert.Contains(t, want.stdout, "Entries: 14, of which 9 match. Sessions to end: 7.")
	for _, log := range []string{marshal(page), marshal(page.Entries), marshal(page.Entries[:7]) + marshal(page.Entries[7:]), "\ufeff" + sample, strings.ReplaceAll(sample, "\n", "\r\n")} {
		assert.Equal(t, want, execute(nil, log, "--dry-run", "-"))
	}

	first, last := page, page
	first.Entries, last.Entries = page.Entries[:7], page.Entries[7:]
	first.Metadata = map[string]string{"next_cursor": "dXNlcjpVMEc5V0ZYTlo="}
	last.Metadata = map[string]string{"next_cursor": ""}
	assert.Equal(t, want, execute(nil, marshal(first)+marshal(last), "--dry-run", "-"))
	sorted := func(r ran) []string {
		lines := strings.Split(r.stdout, "\n")
		slices.Sort(lines)
		return lines
	}
	assert.Equal(t, sorted(want), sorted(execute(nil, marshal(last)+marshal(first), "--dry-run", "-")), "the order of the pages says nothing")
	for _, log := range []string{marshal(first), marshal(first) + marshal(first)} {
		r := execute(nil, log, "--demo", "-", "--ip", "203.0.113.10")
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Equal(t, 2, strings.Count(r.stdout, "WARNING: each page has a next_cursor: the log goes on"))
	}
}

func TestALogWithoutMatchesIsNoSuccess(t *testing.T) {
	for _, log := range []string{"", " \n", "[]", `{"entries":[]}`} {
		r := execute(slacktest.New(), log, "--live", "--yes", "-")
		assert.Equal(t, runner.Usage, r.status)
		assert.Contains(t, r.stderr, "no entries in the log")
	}
	slack := slacktest.New()
	for _, mode := range []string{"--live", "--dry-run"} {
		r := execute(slack, sample, mode, "--yes", "--since", "2026-12-01", "-")
		assert.Equal(t, runner.Nothing, r.status)
		assert.Contains(t, r.stdout, "Entries: 14, of which 0 match. Sessions to end: 0.")
	}
	assert.Contains(t, execute(slack, sample, "--live", "--since", "2026-12-01", "-").stdout, "NOTHING WAS SENT.")
	assert.Empty(t, slack.Calls())
}

func TestEntriesWithoutASessionToEndAreDoubtful(t *testing.T) {
	for why, line := range map[string]string{
		"names no session": login("W0123456789", `null`),
		`session_id "847-288" is not the ID of a session`:                          login("W0123456789", `"847-288"`),
		`session_id -1 is not the ID of a session`:                                 login("W0123456789", `-1`),
		`session_id 847288190092.5 is not the ID of a session`:                     login("W0123456789", `847288190092.5`),
		`session_id 8.4e11 is rounded; export it as text`:                          login("W0123456789", `8.4e11`),
		`session_id "8.47288E+11" is rounded`:                                      login("W0123456789", `"8.47288E+11"`),
		`actor.user.id "@W0123456789" is no user ID`:                               login("@W0123456789", `"847288190092"`),
		`actor.user.id "ana" is no user ID`:                                        login("ana", `"847288190092"`),
		`session_id "99999999999999999999" is not the ID of`:                       login("W0123456789", `"99999999999999999999"`),
		`session_id {} is not the ID of a session`:                                 login("W0123456789", `{}`),
		"names no user: USLACKUSER stands for Slack itself":                        login("USLACKUSER", `"847288190092"`),
		"names no user; an app has no session to end, otherwise look up who acted": login("", `"847288190092"`),
		`ip_address "1.23.45.678" is not an address`:                               strings.Replace(login("W0123456789", `"1"`), "198.51.100.7", "1.23.45.678", 1),
		"has no ip_address":                                                        strings.Replace(login("W0123456789", `"1"`), "198.51.100.7", "", 1),
		"context.ua is of JSON type object, unlike in Slack's entries":             strings.Replace(login("W0123456789", `"1"`), `"Chrome"`, `{}`, 1),
		"names session 7, which another entry says is of W012345670":               login("W0123456789", `"7"`),
	} {
		t.Run(why, func(t *testing.T) {
			slack := slacktest.New()
			r := execute(slack, "", "--ip", "198.51.100.0/24", "--live", "--yes",
				logFile(t, login("W012345670", `7`), line))
			assert.Equal(t, runner.SomeNot, r.status)
			assert.Contains(t, r.stdout, "\n1 doubtful:\n")
			assert.Contains(t, r.stdout, why)
			assert.Len(t, slack.Calls(), 1, "the other entry is acted on")
		})
	}
}

func TestALogThatCannotBeReadIsRefused(t *testing.T) {
	good := login("W0123456789", `"1"`)
	for name, lines := range map[string][]string{
		"2: torn: the log ends in the middle":   {good, good[:len(good)/2]},
		"3: not JSON":                           {good, "", "[oops", good},
		"2: neither an entry of the audit log ": {good, `{"ok":true}`, good},
		"3: neither an entry of the audit log ": {"[", good + "]", `{"entries":7}`},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			file := logFile(t, lines...)
			r := execute(slack, "", "--live", "--yes", file)
			assert.Equal(t, runner.Usage, r.status)
			assert.Contains(t, strings.Replace(r.stderr, file+":", file, 1), "auditlog: "+file+name)
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
		{"--action anomaly", []int64{847288206733}},
		{"--action anomaly --action file_downloaded", []int64{847288204518, 847288206733}},
		{"--ip 203.0.113.0/24", []int64{847288190092, 847288190407}},
		{"--ip 203.0.113.10 --ip 192.0.2.0/24", []int64{847288190092, 847288217012}},
		{"--ip 2001:db8::/32", []int64{847288215590}},
		{"--ip ::ffff:203.0.113.10", []int64{847288190092}},
		{"--user-agent iphone", []int64{847288190407, 847288217012}},
		{"--user-agent iphone --user-agent HEADLESS", []int64{847288190407, 847288204518, 847288206733, 847288210046, 847288217012}},
		{"--user-agent-regexp Headless.*/142 --user-agent-regexp (?i)IPHONE;", []int64{847288190407, 847288204518, 847288206733, 847288210046, 847288217012}},
		{"--user-agent-regexp Headless.*/142", []int64{847288204518, 847288206733, 847288210046}},
		{"--since 2026-11-17T09:30:00Z", []int64{847288215590, 847288217012}},
		{"--since 2026-11-17T10:30:00+01:00 --ip 192.0.2.0/24", []int64{847288217012}},
		{"--since 2026-11-18", nil},
		{"--until 2026-11-17T08:04:20Z", []int64{847288190092}},
		{"--since 2026-11-17T08:04:20Z --until 2026-11-17T09:00:00Z", []int64{847288190407}},
		{"--user W0123456782", []int64{847288190407, 847288217012}},
		{"--user W0123456782 --user W0123456781 --user-agent iphone", []int64{847288190407, 847288217012}},
	} {
		t.Run(c.args, func(t *testing.T) {
			slack := slacktest.New()
			execute(slack, sample, append(strings.Fields(c.args), "--live", "--yes", "-")...)
			var got []int64
			for _, call := range slack.Calls() {
				got = append(got, call.SessionID)
			}
			assert.ElementsMatch(t, c.want, got)
		})
	}
}

func TestATimeMayBeHowLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for text, ago := range map[string]time.Duration{"48h": 48 * time.Hour, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour} {
			var since moment
			require.NoError(t, since.UnmarshalText([]byte(text)))
			assert.Equal(t, ago, time.Since(since.Time), text)
		}
	})
}

func TestATimeWithoutAZoneIsLocal(t *testing.T) {
	zone := time.Local
	defer func() { time.Local = zone }()
	time.Local = time.FixedZone("TEST", 3600)
	for _, text := range []string{"2026-11-17 10:30", "2026-11-17T10:30", "2026-11-17 10:30:00", "2026-11-17T10:30:00"} {
		r := execute(nil, sample, "--dry-run", "--since", text, "-")
		assert.Contains(t, r.stdout, "of which 3 match. Sessions to end: 2.", text)
		assert.Contains(t, r.stdout, "--since is 2026-11-17T09:30:00Z.\n")
	}
	assert.Contains(t, execute(nil, sample, "--dry-run", "--since", "2026-11-17", "-").stdout, "--since is 2026-11-17T00:00:00Z.\n")
}

func TestWrongUsageIsExplained(t *testing.T) {
	for args, says := range map[string]string{
		"--demo --ip 198.51.100":                       `"198.51.100" is not a network; give one in CIDR notation`,
		"--demo --since yesterday":                     `"yesterday" is not a time; give one such as`,
		"--demo --since=-3h":                           `"-3h" is not a time`,
		"--demo --since 2026-11-20 --until 2026-11-20": "--until is not after --since",
		"--demo --user-agent-regexp (":                 "missing closing )",
		"--live --yes":                                 "no log given; pass a FILE",
		"--ip 198.51.100.0/24":                         "--live does it for real, --dry-run checks the input and sends nothing, --demo",
		"--dry-run W0123456789 log.jsonl":              "FILE W0123456789: no such file or directory; to name a user give --user W0123456789",
		"--dry-run no-such-file.log":                   "FILE no-such-file.log: no such file",
	} {
		r := execute(slacktest.New(), "", strings.Fields(args)...)
		assert.Equal(t, runner.Usage, r.status, args)
		assert.Contains(t, r.stderr, says, args)
	}
	r := execute(nil, "", "-h")
	assert.Equal(t, runner.AllOut, r.status)
	for _, flag := range []string{"--action", "--user", "--ip", "--user-agent", "--user-agent-regexp", "--since", "--until", "--journal", "--report"} {
		assert.Regexp(t, `(?m)^  (-\w, |    )?`+flag+`\b`, r.stdout)
	}
}

func TestASessionThatSlackCallsExpiredIsEnded(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.Refused("session_expired"))
	r := execute(slack, "", "--live", "--yes", logFile(t, login("W0123456789", `"1"`)))
	assert.Equal(t, runner.AllOut, r.status)
	assert.Contains(t, r.stdout, "already (session_expired)")
	assert.Contains(t, r.stdout, "1 session: 1 ended.")

	slack.Script(slacktest.Refused("cannot_invalidate_primary_owner"))
	r = execute(slack, "", "--live", "--yes", logFile(t, login("W0123456789", `"1"`)))
	assert.Equal(t, runner.SomeNot, r.status)
	assert.Contains(t, r.stdout, "1 session: 1 refused.")
}

func TestASessionThatSlackDoesNotHaveIsNotThere(t *testing.T) {
	const warning = "WARNING: Slack found none of these sessions. If you ended them before, this is normal."
	log := login("W1", `"1"`) + login("W2", `"2"`)
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W1", Sessions: []slacktest.Session{{ID: 1}}})
	slack.AddUser(slacktest.User{ID: "W2"})
	report := filepath.Join(t.TempDir(), "report.csv")
	r := execute(slack, log, "--live", "--yes", "--report", report, "-")
	assert.Equal(t, runner.AllOut, r.status, "Slack knows one of them")
	assert.Contains(t, r.stdout, "2 sessions: 1 ended, 1 not there.")
	assert.NotContains(t, r.stdout, warning)
	assert.NotContains(t, r.stdout, "already")
	data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
	require.NoError(t, err)
	assert.Contains(t, string(data), "entry-W2,not there,session_not_found,")

	for _, more := range []string{"", login("W3", "null")} {
		r = execute(slack, log+more, "--live", "--yes", "-")
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Contains(t, r.stdout, "sessions: 0 ended, 2 not there")
		assert.Contains(t, r.stdout, warning)
		assert.Contains(t, r.stderr, warning, "also without standard output")
	}
	r = execute(slack, log, "--live", "--yes", "--json", "-")
	assert.Equal(t, 2, strings.Count(r.stdout, `"status":"not there"`))
}

func TestASessionNotFoundAfterAnUnknownOutcomeHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, attempts := range map[string]int{"in one call": 1, "in the second pass": 5} {
			slack := slacktest.New()
			slack.AddUser(slacktest.User{ID: "W1", Sessions: []slacktest.Session{{ID: 1}}})
			for range attempts {
				slack.Script(slacktest.Answer{Err: io.EOF, Effect: true})
			}
			r := execute(slack, login("W1", `"1"`), "--live", "--yes", "-")
			assert.Equal(t, runner.AllOut, r.status, name)
			assert.Contains(t, r.stdout, "1 session: 1 ended.", name)
		}
	})
}

func TestTheReportNamesSessionUserAndEntry(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	r := execute(slacktest.New(), sample, "--live", "--yes", "--report", report, "--ip", "203.0.113.10", "-")
	require.Equal(t, runner.AllOut, r.status)
	b, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
	require.NoError(t, err)
	assert.Contains(t, string(b), "session_id,user_id,name,email,entry_time,ip_address,user_agent,action,entry_id,status,reason,error,attempts,request_id,time\n"+
		"847288190092,W0123456781,Ana Ruiz,ana.ruiz@example.com,2026-11-17T08:03:00Z,203.0.113.10,")
}

func TestARateLimitIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodInvalidate, slacktest.SlidingWindow(20, time.Minute))
		var lines []string
		for i := range 100 {
			lines = append(lines, login(fmt.Sprintf("W%010d", i), fmt.Sprintf(`"%d"`, 847288190000+int64(i))))
		}
		r := execute(slack, "", "--live", "--yes", logFile(t, lines...))
		assert.Equal(t, runner.AllOut, r.status)
		assert.Contains(t, r.stdout, "100 sessions: 100 ended.")
	})
}

func TestALogCannotControlTheTerminal(t *testing.T) {
	steering := func(line string) string {
		for _, text := range []string{"198.51.100.7", "user_login", "Chrome", `"N"`, "n@example.com", "entry-"} {
			line = strings.Replace(line, text, strings.Trim(text, `"`)+`\u001b[1A`, 1)
		}
		return strings.Replace(line, `N\u001b[1A`, `"N\u001b[1A"`, 1)
	}
	log := steering(login("W1", `"1"`)) + steering(login("W2", `null`)) + strings.Replace(steering(login("WID", `"3"`)), "WID", `W\u001b[2J`, 2)
	r := execute(nil, log, "--demo", "--action", "user_login\x1b[1A", "-")
	assert.Contains(t, r.stdout, "Entries: 3, of which 3 match. Sessions to end: 1.")
	assert.NotContains(t, r.stdout+r.stderr, "\x1b")
	r = execute(nil, log, "--demo", "--action", "user_logout", "-")
	assert.Contains(t, r.stderr, `user_login\x1b[1A 3`)
	assert.NotContains(t, r.stdout+r.stderr, "\x1b")
}

func FuzzLogReadTwiceNamesEachSessionOnce(f *testing.F) {
	for line := range strings.Lines(sample) {
		f.Add(line)
	}
	f.Add(login("W1", "7") + "\n" + login("W2", `"8"`) + "\n" + login("W1", "7"))
	f.Add(`{"entries":[` + login("W1", "7") + `]}`)
	f.Add("[" + login("W1", "7") + "," + login("W2", "8") + "]")
	f.Add(`{"result":{"_raw":"{\"action\":\"user_login\"}"}}{"event":` + login("W1", "7.0") + `}`)
	f.Add(`{"hits":{"total":{"value":2},"hits":[{"_source":` + login("W1", `"8.47288190092e+11"`) + `}]}}`)
	f.Add("Date,Action\n")
	located := regexp.MustCompile(`^log:\d+: `)
	f.Fuzz(func(t *testing.T, log string) {
		if len(log) > 2<<10 {
			return // a longer text takes longer and says nothing else
		}
		planned := func(log string) (*plan, error) {
			p := newPlan(&filter{actions: []string{"user_login"}}, "signout --live ")
			r := reader{each: func(e *entry) { p.add(e) }}
			err := r.read("log", strings.NewReader(log))
			return p, err
		}
		once, err := planned(log)
		if err != nil {
			assert.Regexp(t, located, err.Error())
			return
		}
		twice, err := planned(log + "\n" + log)
		require.NoError(t, err)
		assert.Equal(t, once.sessionsToEnd(), twice.sessionsToEnd())
		assert.Equal(t, 2*once.matches, twice.matches)
		for _, n := range twice.sessionsToEnd() {
			assert.Positive(t, n.Options.SessionID)
			assert.NotEmpty(t, n.Options.UserID)
		}
	})
}

func (p *plan) sessionsToEnd() []*item {
	return slices.DeleteFunc(slices.Clone(p.items), func(i *item) bool { return i.Skip != nil })
}
