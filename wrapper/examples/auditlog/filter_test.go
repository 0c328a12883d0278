package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestAFilterValueThatIsNotInTheLogIsRefused(t *testing.T) {
	const users = "which has W0123456783 4, W0123456786 3, W0123456782 2, W0123456784 2, W0123456785 2, W0123456781 1"
	for args, want := range map[string]string{
		"--user w0123456784":          `--user: "w0123456784" is no user ID: IDs are in upper case; copy it anew`,
		"--user ana.ruiz@example.com": `--user: "ana.ruiz@example.com" is an e-mail address and no user ID, such as W0123456789`,
		"--user W0123456789":          `--user "W0123456789" is in no entry of the log from 2026-11-17T08:03:00Z to 2026-11-17T09:41:40Z, ` + users,
		"--user W998 --user W999":     `--user "W998", "W999" is in no entry of `,
		"--action user-login":         `--action "user-login" is in no entry of the log from 2026-11-17T08:03:00Z to 2026-11-17T09:41:40Z, which has user_login 9, anomaly 1, file_downloaded 1`,
		"--action Anomaly":            `--action "Anomaly" is in no entry of `,
	} {
		slack := slacktest.New()
		r := execute(slack, sample, append(strings.Fields(args), "--live", "--yes", "-")...)
		assert.Equal(t, runner.Usage, r.status, args)
		assert.Contains(t, r.stderr, want, args)
		assert.Empty(t, slack.Calls(), args)
	}
}

func TestUsersMayBeMentionsAndSeveral(t *testing.T) {
	for _, args := range []string{"--user <@W0123456782|bo>", "--user W0123456782,W0123456781", "--user @W0123456782 --user W0123456781"} {
		r := execute(nil, sample, append(strings.Fields(args), "--dry-run", "-")...)
		assert.Equal(t, runner.AllOut, r.status, args)
		assert.Contains(t, r.stdout, "W0123456782", args)
	}
}

func TestNearMissesAreCounted(t *testing.T) {
	for args, want := range map[string][]string{
		"--ip 198.51.100.0/24": {
			"4 more entries match all but --action: anomaly 1, file_downloaded 1, user_login_failed 1, user_logout 1. More sessions to end with --action any: 0.",
		},
		"--user W0123456783 --action user_login_failed": {"Entries: 14, of which 1 match.", "3 more entries match all but --action: user_login 2, file_downloaded 1. More sessions to end with --action any: 1."},
		"--since 2026-11-18": {
			"Entries: 14, of which 0 match. Sessions to end: 0. The log is from 2026-11-17T08:03:00Z to 2026-11-17T09:41:40Z.",
			"Without --since, 9 would match. No entry of the log matches --since.",
		},
		"--ip 192.0.2.0/24 --since 2026-11-18":                {"No entry of the log matches --since."},
		"--ip 192.0.2.0/24 --until 2026-11-17T09:00:00Z":      {"Without --ip, 2 would match.\nWithout --until, 1 would match.\n"},
		"--user-agent netscape":                               {"Without --user-agent, 9 would match. No entry of the log matches --user-agent."},
		"--user-agent iphone --user-agent-regexp Headless.*/": {"Without --user-agent, 5 would match.\nWithout --user-agent-regexp, 2 would match.\n"},
	} {
		r := execute(nil, sample, append(strings.Fields(args), "--dry-run", "-")...)
		for _, line := range want {
			assert.Contains(t, r.stdout, line, args)
		}
	}
	two := execute(nil, sample, "--dry-run", "--ip", "9.9.9.9", "--user-agent", "netscape", "-")
	assert.Contains(t, two.stdout, "No entry of the log matches --ip.\nNo entry of the log matches --user-agent.\n")
}

// What a thief does with a stolen cookie leaves no login.
func TestTheDefaultActionWarnsOfSessionsThatItLeavesOut(t *testing.T) {
	const hint = "1 more entry matches all but --action: file_downloaded 1. More sessions to end with --action any: 1."
	stolen := strings.Replace(login("W0123456789", `"7"`), "user_login", "file_downloaded", 1)
	for log, end := range map[string]string{stolen: "nothing to do", stolen + login("W0123456788", `"8"`): "1 session: 1 ended"} {
		r := execute(slacktest.New(), log, "--live", "--yes", "--ip", "198.51.100.0/24", "-")
		assert.Equal(t, runner.SomeNot, r.status)
		_, after, found := strings.Cut(r.stdout, end)
		require.True(t, found, r.stdout)
		assert.Contains(t, after, "WARNING: "+hint, "at the end as well")
		assert.Contains(t, r.stderr, "WARNING: "+hint)
		assert.Equal(t, runner.SomeNot, execute(nil, log, "--dry-run", "--ip", "198.51.100.0/24", "-").status)
	}
	r := execute(nil, stolen+login("W0123456788", `"8"`), "--dry-run", "--action", "user_login", "-")
	assert.Equal(t, runner.AllOut, r.status, "the action was chosen")
	assert.Contains(t, r.stdout, "\n"+hint)
	r = execute(nil, stolen, "--dry-run", "--ip", "198.51.100.0/24", "--action", "any", "-")
	assert.Equal(t, runner.AllOut, r.status)
	assert.Contains(t, r.stdout, "would end   7 ")
	assert.NotContains(t, r.stdout, "--action")
}

// A session of a thief may be in no entry that the default action finds.
func TestTheDefaultActionNamesUsersWhoseSessionIsNotKnown(t *testing.T) {
	const names = " Users with entries for which it would end no session: 1. To end all their sessions: signout --live W0123456788"
	other := func(part, instead string) string {
		entry := strings.Replace(login("W0123456788", `"8"`), "user_login", "file_downloaded", 1)
		return strings.Replace(entry, part, instead, 1)
	}
	for log, match := range map[string]string{
		other(`"8"`, "null"):                              "matches",
		other("198.51.100.7", ""):                         "matches, or may match,",
		other("198.51.100.7", "on a train"):               "matches, or may match,",
		other("1794902400", `"2026-11-17T08:00:00"`):      "matches, or may match,",
		other("Chrome", ""):                               "matches, or may match,",
		other("1794902400", "null") + login("W9", `"99"`): "matches, or may match,",
	} {
		hint := "WARNING: 1 more entry " + match + " all but --action: file_downloaded 1. More sessions to end with --action any: 0." + names
		for _, log := range []string{log, log + login("W0123456789", `"7"`)} {
			for _, mode := range []string{"--dry-run", "--live"} {
				r := execute(slacktest.New(), log, mode, "--yes", "--ip", "198.51.100.0/24", "--since", "2026-11-17", "--user-agent", "chrome", "-")
				assert.Equal(t, runner.SomeNot, r.status, log)
				assert.Contains(t, r.stdout, hint+"\n", log)
			}
		}
	}
	alone := execute(nil, other(`"8"`, "null"), "--dry-run", "--gov", "-")
	assert.Contains(t, alone.stdout, "signout --live --gov W0123456788\n")
	var many strings.Builder
	for i := range maxPasted + 1 {
		many.WriteString(strings.Replace(login(fmt.Sprintf("W%010d", i), "null"), "user_login", "file_downloaded", 1))
	}
	r := execute(nil, many.String(), "--dry-run", "-")
	assert.Equal(t, runner.SomeNot, r.status)
	assert.Contains(t, r.stdout, " Users with entries for which it would end no session: 21; it lists them.\n")

	failed := strings.Replace(login("W0123456787", "null"), "user_login", "user_login_failed", 1)
	app := strings.Replace(login("", "null"), "user_login", "file_downloaded", 1)
	for what, log := range map[string]string{
		"another entry has a session of the user": other(`"8"`, "null") + login("W0123456788", `"8"`),
		"a failed login makes no session":         failed + login("W0123456788", `"8"`),
		"there is no user":                        app + login("W0123456788", `"8"`),
	} {
		r := execute(nil, log, "--dry-run", "--ip", "198.51.100.0/24", "-")
		assert.Equal(t, runner.AllOut, r.status, what)
		assert.Contains(t, r.stdout, "\n1 more entry matches all but --action: ", what)
		assert.NotContains(t, r.stdout, "it would end no session", what)
	}
	r = execute(nil, other(`"8"`, "null")+login("W0123456789", `"7"`), "--dry-run", "--action", "user_login", "-")
	assert.Equal(t, runner.AllOut, r.status, "the action was chosen")
	assert.Contains(t, r.stdout, "\n1 more entry matches all but --action: file_downloaded 1. More sessions to end with --action any: 0."+names+"\n")
}

func TestAnEmptyFilterIsRefused(t *testing.T) {
	for _, flag := range []string{"--action", "--user", "--ip", "--user-agent", "--user-agent-regexp"} {
		slack := slacktest.New()
		r := execute(slack, sample, "--live", "--yes", flag, "", "-")
		assert.Equal(t, runner.Usage, r.status, flag)
		assert.Contains(t, r.stderr, "auditlog: "+flag+" is empty; give it a value, or leave it out\nNothing was sent.\n")
		assert.Empty(t, slack.Calls())
	}
	for args, says := range map[string]string{
		"--ip=203.0.113.7,":                        `--ip "203.0.113.7," has an empty value; fill it in, or leave out the comma`,
		"--ip=,203.0.113.7":                        `--ip ",203.0.113.7" has an empty value`,
		"--ip=203.0.113.7|--ip=":                   "--ip is empty; give it a value",
		"--user=W0123456782,":                      `--user "W0123456782," has an empty value`,
		"--user=W0123456782, ,W0123456781":         `--user "W0123456782, ,W0123456781" has an empty value`,
		"-a|user_login,":                           `--action "user_login," has an empty value`,
		"--user-agent= ":                           "--user-agent is empty",
		"--user-agent=Chrome|--user-agent=":        "--user-agent is empty",
		"--user-agent-regexp=.|--since=":           `"" is not a time`,
		"--user-agent-regexp=.|--ip=|--ip=9.9.9.9": "--ip is empty",
	} {
		r := execute(nil, sample, append(strings.Split(args, "|"), "--dry-run", "-")...)
		assert.Equal(t, runner.Usage, r.status, args)
		assert.Contains(t, r.stderr, says, args)
	}
	assert.Contains(t, execute(nil, sample, "--dry-run", "-").stdout, "No filter: every user_login of the log matches.\n")
	assert.NotContains(t, execute(nil, sample, "--dry-run", "--user", "W0123456782", "-").stdout, "No filter")
}

func TestNetworksWithoutEntriesAreNoted(t *testing.T) {
	r := execute(nil, sample, "--dry-run", "--ip", "203.0.113.10", "--ip", "203.0.113.77", "-")
	assert.Contains(t, r.stdout, "WARNING: no entry of the log is from --ip 203.0.113.77.\n")
	assert.NotContains(t, r.stdout, "from --ip 203.0.113.10")
	r = execute(nil, sample, "--demo", "--ip", "203.0.113.10,203.0.113.77, 2001:DB8::/32,192.0.2.0/30", "-")
	assert.Equal(t, 2, strings.Count(r.stdout, "WARNING: no entry of the log is from --ip 203.0.113.77, 192.0.2.0/30.\n"), "before the run and at its end")
	r = execute(nil, sample, "--dry-run", "--ip", "203.0.113.7/8", "-")
	assert.Equal(t, runner.Usage, r.status)
	assert.Contains(t, r.stderr, "--ip: 203.0.113.7/8 may mean the address 203.0.113.7 or the network 203.0.0.0/8; give one of them")
}

func TestOfATimeGivenTwiceTheLastCounts(t *testing.T) {
	for _, flag := range []string{"--since", "--until"} {
		r := execute(nil, sample, "--dry-run", flag, "2026-11-17", flag, "2026-11-18", "-")
		assert.Contains(t, r.stdout, "\n"+flag+" is 2026-11-18T00:00:00Z.\n")
	}
}

func TestAnEntryWithoutAUserAgentIsDoubtful(t *testing.T) {
	for what, agent := range map[string]string{"empty": `"ua":""`, "null": `"ua":null`, "missing": `"x":1`} {
		log := strings.Replace(login("W0123456789", `"7"`), `"ua":"Chrome"`, agent, 1)
		for _, flag := range []string{"--user-agent", "--user-agent-regexp"} {
			r := execute(nil, log+login("W0123456788", `"8"`), "--dry-run", flag, "Chrome", "-")
			assert.Equal(t, runner.SomeNot, r.status, what)
			assert.Contains(t, r.stdout, "entry-W0123456789  W0123456789   has no user agent", what)
			assert.Equal(t, runner.Nothing, execute(nil, log, "--dry-run", flag, "Chrome", "--ip", "203.0.113.7", "-").status, "another flag leaves it out")
		}
		assert.Equal(t, runner.AllOut, execute(nil, log, "--dry-run", "-").status, what)
	}
}

func TestAnEntryThatMayMatchAndNamesNobodyIsCounted(t *testing.T) {
	const note = "\nEntries that may match and name neither user nor session: "
	app := strings.NewReplacer("198.51.100.7", "", `"Chrome"`, "null").Replace(login("", "null"))
	slackItself := strings.Replace(app, `{"id":"",`, `{"id":"USLACKUSER",`, 1)
	for _, args := range []string{"--ip 198.51.100.0/24", "--user-agent Chrome"} {
		r := execute(nil, app+app+slackItself+login("W0123456789", `"7"`), append(strings.Fields(args), "--dry-run", "-")...)
		assert.Equal(t, runner.AllOut, r.status, args)
		assert.Contains(t, r.stdout, note+"3.\n", args)
		assert.NotContains(t, r.stdout, "doubtful", args)
		assert.Equal(t, runner.Nothing, execute(nil, app, append(strings.Fields(args), "--dry-run", "-")...).status, args)
	}
	for what, entry := range map[string]string{
		"it surely matches":           login("", "null"),
		"it names a user":             strings.Replace(login("W0123456789", "null"), "198.51.100.7", "", 1),
		"it names a session":          strings.Replace(login("", "7"), "198.51.100.7", "", 1),
		"its user ID is wrong":        strings.Replace(login("ana", "null"), "198.51.100.7", "", 1),
		"its user ID cannot be read":  strings.Replace(login("7", "null"), `"7"`, "7", 1),
		"its session is not readable": strings.Replace(login("", "{}"), "198.51.100.7", "", 1),
	} {
		r := execute(nil, entry, "--dry-run", "--ip", "198.51.100.0/24", "-")
		assert.Equal(t, runner.SomeNot, r.status, what)
		assert.Contains(t, r.stdout, "1 doubtful:", what)
		assert.NotContains(t, r.stdout, note, what)
	}
}

func TestAValueThatIsNotInTheLogAmongOthersIsAWarning(t *testing.T) {
	const log = "the log from 2026-11-17T08:03:00Z to 2026-11-17T09:41:40Z"
	for args, want := range map[string]string{
		"--user W0123456782,W0123456789":        `--user "W0123456789" is in no entry of ` + log + ", which has W0123456783 4, ",
		"--user W0123456782,W998 --user W999":   `--user "W998", "W999" is in no entry of ` + log,
		"--action user_login --action anomalie": `--action "anomalie" is in no entry of ` + log + ", which has user_login 9, anomaly 1, ",
		"--action any,anomalie":                 `--action "anomalie" is in no entry of ` + log,
	} {
		r := execute(nil, sample, append(strings.Fields(args), "--demo", "--user", "W0123456782", "-")...)
		assert.Equal(t, runner.AllOut, r.status, args)
		assert.Contains(t, r.stdout, "ended       847288190407", args)
		assert.Equal(t, 2, strings.Count(r.stdout, "WARNING: "+want), "%s: before the run and at its end", args)
	}
}

func TestALogThatEndsLongBeforeNowIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1000 * time.Hour)
		log := func(ago time.Duration) string {
			return strings.Replace(login("W0123456789", `"7"`), "1794902400", strconv.FormatInt(time.Now().Add(-ago).Unix(), 10), 1)
		}
		const since = " before now; it does not show what happened since.\n"
		for ago, want := range map[time.Duration]string{
			time.Hour + time.Minute:      "\nThe log ends 1h" + since,
			9*time.Hour + 59*time.Minute: "\nThe log ends 9h" + since,
			48 * time.Hour:               "\nThe log ends 2 days" + since,
			100 * time.Hour:              "\nThe log ends 4 days" + since,
		} {
			assert.Contains(t, execute(nil, log(ago), "--dry-run", "--since", "300h", "-").stdout, want)
		}
		for _, args := range []string{"--since 300h --until 1h", "--since 20m", "--user W0123456789", "--until 1h"} {
			r := execute(nil, log(9*time.Hour), append(strings.Fields(args), "--dry-run", "-")...)
			assert.NotContains(t, r.stdout, since, args)
		}
		for _, ago := range []time.Duration{-time.Hour, 0, 59 * time.Minute} {
			assert.NotContains(t, execute(nil, log(ago), "--dry-run", "--since", "300h", "-").stdout, since)
		}
	})
}

func TestTimesThatTheLogDoesNotCoverAreNoted(t *testing.T) {
	r := execute(nil, sample, "--dry-run", "--since", "2026-10-17T08:03:00Z", "--until", "2026-11-20T10:41:40+01:00", "-")
	assert.Contains(t, r.stdout, "--since is 2026-10-17T08:03:00Z.\nThe log begins 31 days after --since; it does not show what happened before.\n")
	assert.Contains(t, r.stdout, "--until is 2026-11-20T09:41:40Z.\nThe log ends 3 days before --until; it does not show what happened after.\n")
	r = execute(nil, sample, "--dry-run", "--since", "2026-11-17", "--until", "2026-11-18", "-")
	assert.NotContains(t, r.stdout, "does not show")
	const ended = "The log ends 2026-11-17T09:41:40Z, before --since: export a newer one.\n"
	assert.Contains(t, execute(nil, sample, "--dry-run", "--since", "2026-11-17T09:41:41Z", "-").stdout, ended)
	assert.NotContains(t, execute(nil, sample, "--dry-run", "--since", "2026-11-17T09:41:40Z", "-").stdout, ended)
	r = execute(nil, sample, "--dry-run", "--since", "2026-11-16T07:03:00Z", "-")
	assert.Contains(t, r.stdout, "The log begins 25h after --since;")
}

func TestADoubtfulEntryHasARowAndANextStep(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	log := login("W0123456789", `"7"`) + login("W0123456788", `null`) + login("W0123456787", `null`) + login("W0123456787", `null`)
	r := execute(slacktest.New(), log, "--live", "--yes", "--json", "--report", report, "-")
	assert.Equal(t, runner.SomeNot, r.status)
	lines := map[string]map[string]any{}
	for line := range strings.Lines(r.stdout) {
		var of map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &of))
		lines[of["id"].(string)] = of
	}
	require.Len(t, lines, 3, "one entry was there twice")
	assert.Equal(t, "out", lines["7"]["status"])
	doubt := lines["entry-W0123456788"]
	assert.Equal(t, "doubtful", doubt["status"])
	const why = "names no session; to end all sessions of the user: signout --live W0123456788"
	assert.Equal(t, why, doubt["error"])
	assert.Contains(t, r.stderr, "Users with entries that name no session: 2. To end all their sessions: signout --live W0123456787 W0123456788\n")

	gov := execute(nil, log, "--dry-run", "--gov", "-")
	assert.Contains(t, gov.stdout, "to end all sessions of the user: signout --live --gov W0123456788\n")
	assert.Contains(t, gov.stdout, ": signout --live --gov W0123456787 W0123456788\n")

	data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	assert.Equal(t, []string{"", "W0123456788", "N", "n@example.com", "2026-11-17T08:00:00Z", "198.51.100.7", "Chrome", "user_login", "entry-W0123456788", "doubtful"}, rows[2][:10])
	assert.Contains(t, rows[2], why)
}

func TestACommandForManyUsersTakesTheReport(t *testing.T) {
	var log strings.Builder
	for i := range maxPasted + 1 {
		log.WriteString(login(fmt.Sprintf("W%010d", i), "null"))
	}
	r := execute(nil, log.String(), "--dry-run", "-")
	assert.Contains(t, r.stdout, "Users with entries that name no session: 21. To end all their sessions: add --report FILE to the live run; then: signout --live FILE (first remove the rows that are not doubtful)\n")
	r = execute(nil, log.String(), "--dry-run", "--report", "the report.csv", "-")
	assert.Contains(t, r.stdout, "To end all their sessions: signout --live 'the report.csv' (first remove the rows that are not doubtful)\n")
}

func TestADateOfAnotherProgramIsConverted(t *testing.T) {
	const note = "Entries whose date_create is not in seconds, and was converted: "
	for date, form := range map[string]string{
		`1794902400000`:                      "milliseconds",
		`1794902400000000`:                   "microseconds",
		`1794902400000000000`:                "nanoseconds",
		`1794902400999.0`:                    "milliseconds",
		`"1794902400000"`:                    "milliseconds",
		`"2026-11-17T08:00:00Z"`:             "RFC 3339",
		`"2026-11-17T08:00:00.123456Z"`:      "RFC 3339",
		`"2026-11-17T09:00:00+01:00"`:        "RFC 3339",
		`"2026-11-17T00:00:00.999999-08:00"`: "RFC 3339",
		`"1794902400"`:                       "",
		`1794902400.0`:                       "",
		`1794902400.999999`:                  "",
		`"1794902400."`:                      "",
	} {
		entry := strings.Replace(login("W0123456789", `"7"`), "1794902400", date, 1)
		r := execute(nil, entry, "--dry-run", "--since", "2026-11-17T08:00:00Z", "--until", "2026-11-17T08:00:01Z", "-")
		assert.Equal(t, runner.AllOut, r.status, date)
		assert.Contains(t, r.stdout, "would end   7               W0123456789   2026-11-17T08:00:00Z", date)
		assert.Contains(t, r.stdout, "The log is from 2026-11-17T08:00:00Z to 2026-11-17T08:00:00Z.", date)
		assert.Equal(t, form != "", strings.Contains(r.stdout, note), date)
		assert.Equal(t, form != "", strings.Contains(r.stdout, note+form+" 1.\n"), date)
		assert.Equal(t, runner.Nothing, execute(nil, entry, "--dry-run", "--since", "2026-11-17T08:00:01Z", "-").status, date)
	}
	var log strings.Builder
	for _, date := range []string{`1794902400000`, `"2026-11-17T08:00:00Z"`, `1794902400001`, `1794902400`} {
		log.WriteString(strings.Replace(login("W0123456789", `"7"`), "1794902400", date, 1))
	}
	assert.Contains(t, execute(nil, log.String(), "--dry-run", "-").stdout, "\n"+note+"milliseconds 2, RFC 3339 1.\n")
}

func FuzzADateIsTheSameInEachForm(f *testing.F) {
	f.Add(int64(1794902400), int64(0))
	f.Add(int64(year2000), int64(999_999_999))
	f.Add(int64(year2100-1), int64(999_999_999))
	f.Add(int64(year2100), int64(0))
	f.Add(int64(-1), int64(1))
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64) {
		const first, last = -62135596800, 253402300799 // of the years 1 to 9999, which RFC 3339 can write
		if seconds < first || seconds > last || nanoseconds < 0 || nanoseconds > 999_999_999 {
			return
		}
		at := time.Unix(seconds, nanoseconds).UTC()
		forms := []string{
			strconv.FormatInt(seconds, 10), strconv.FormatInt(seconds, 10) + ".5", strconv.FormatInt(at.UnixMilli(), 10), at.Format(time.RFC3339Nano),
			at.In(time.FixedZone("", -8*3600)).Format(time.RFC3339),
		}
		for _, date := range forms {
			for _, text := range []string{date, `"` + date + `"`} {
				got, _, err := unixTime(text)
				switch {
				case seconds >= year2000 && seconds < year2100:
					require.NoError(t, err, text)
					require.Equal(t, seconds, got.Unix(), text)
				case err == nil: // the number is a time of the century in another unit
					require.NotEqual(t, seconds, got.Unix(), text)
				}
			}
		}
	})
}

func TestADateThatMayMeanSeveralTimesIsDoubtful(t *testing.T) {
	const (
		outside = " is not in the years 2000 to 2099"
		rounded = " may be rounded; export it with all its digits"
		unknown = " is neither a Unix time nor a time with a zone, such as 2026-11-17T08:00:00Z"
	)
	for date, why := range map[string]string{
		`253402300800`:              outside, // the year 9999, or 1978 in milliseconds
		`9223372036854775807`:       outside,
		`1`:                         outside,
		`-1`:                        outside,
		`-1794902400`:               outside,
		`17.11`:                     outside,
		`"9999-12-31T23:59:59Z"`:    outside,
		`"1970-01-01T00:00:00Z"`:    outside,
		`1.7949024e+09`:             rounded,
		`1.7949024e12`:              rounded,
		`"1.79E+12"`:                rounded,
		`1e99`:                      rounded,
		`1e400`:                     unknown,
		`99999999999999999999`:      unknown,
		`{}`:                        unknown,
		`true`:                      unknown,
		`[1794902400]`:              unknown,
		`"2026-11-17 08:00:00"`:     unknown,
		`"2026-11-17T08:00:00"`:     unknown,
		`"2026-11-17T08:00:00 CET"`: unknown,
		`"2026-11-17"`:              unknown,
		`"17.11.2026"`:              unknown,
		`"1794902400x"`:             unknown,
	} {
		t.Run(date, func(t *testing.T) {
			entry := strings.Replace(login("W0123456789", `"7"`), "1794902400", date, 1)
			for _, args := range []string{"", "--since 2026-11-17", "--until 2026-11-18", "--since 2026-11-17 --ip 198.51.100.7"} {
				slack := slacktest.New()
				r := execute(slack, entry+login("W0123456788", `"8"`), append(strings.Fields(args), "--live", "--yes", "-")...)
				assert.Equal(t, runner.SomeNot, r.status, args)
				assert.Contains(t, r.stdout, "entry-W0123456789  W0123456789   date_create "+date+why)
				assert.NotContains(t, r.stdout, "converted")
				assert.Len(t, slack.Calls(), 1, "the other entry is acted on")
			}
			r := execute(nil, entry, "--dry-run", "--ip", "203.0.113.0/24", "-")
			assert.Equal(t, runner.Nothing, r.status, "another flag leaves it out")
		})
	}
}

func TestABrokenEntryIsDoubtfulOnlyIfTheRestMatches(t *testing.T) {
	broken := strings.Replace(login("W0123456789", `"7"`), `"Chrome"`, `{"name":"Chrome"}`, 1)
	for args, want := range map[string]int{
		"":                       runner.SomeNot,
		"--user-agent chrome":    runner.SomeNot,
		"--ip 203.0.113.0/24":    runner.Nothing,
		"--since 2026-11-18":     runner.Nothing,
		"--action any":           runner.SomeNot,
		"--user W0123456789":     runner.SomeNot,
		"--user-agent-regexp ^C": runner.SomeNot,
	} {
		r := execute(nil, broken, append(strings.Fields(args), "--dry-run", "-")...)
		assert.Equal(t, want, r.status, args)
	}
	entry := login("W0123456789", `"7"`)
	for what, broken := range map[string]string{
		"action":        strings.Replace(entry, `"user_login"`, "7", 1),
		"actor.user.id": strings.Replace(entry, `"W0123456789"`, "7", 1),
	} {
		r := execute(nil, "["+entry+","+strings.Replace(broken, "entry-", "broken-", 1)+"]", "--dry-run", "--user", "W0123456789", "--action", "user_login", "-")
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Contains(t, r.stdout, what+" is of JSON type number, unlike in Slack's entries")
	}
}

func TestDoubtfulEntriesWithoutAnIDAreNamedByLine(t *testing.T) {
	entry := strings.Replace(login("W0123456789", `null`), `"id":"entry-W0123456789",`, "", 1)
	r := execute(nil, entry+"\n\n"+entry, "--dry-run", "-")
	assert.Contains(t, r.stdout, "2 doubtful:\n  standard input:1  W0123456789   names no session")
	assert.Contains(t, r.stdout, "\n  standard input:3  W0123456789   names no session")
}

func TestASessionOfTwoUsersIsDoubtful(t *testing.T) {
	match := login("W1", `"7"`)
	other := strings.Replace(login("W2", `"7"`), "198.51.100.7", "203.0.113.5", 1)
	for _, log := range []string{match + other, other + match} {
		r := execute(nil, log, "--dry-run", "--ip", "198.51.100.0/24", "-")
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Contains(t, r.stdout, "Sessions to end: 1.")
		assert.Regexp(t, `\n1 doubtful:\n.* names session 7, which another entry says is of W[12];`, r.stdout)
		assert.Regexp(t, "; to end all sessions of both: signout --live (W1 W2|W2 W1)\n", r.stdout)
		r = execute(nil, log, "--dry-run", "--ip", "192.0.2.1", "-")
		assert.Equal(t, runner.Nothing, r.status, "the session does not match")
	}
}

func TestTheCommandForOtherSessionsOfTheUsersIsPrinted(t *testing.T) {
	const others = "The users of these sessions may have others. To end all their sessions: "
	log := login("W2", `"9"`) + login("W1", `"7"`)
	r := execute(nil, log, "--demo", "-")
	assert.Equal(t, runner.AllOut, r.status)
	assert.Equal(t, 2, strings.Count(r.stdout, others+"signout --live W1 W2\n"), "before the run and at its end")
	assert.Contains(t, execute(nil, log, "--dry-run", "--gov", "-").stdout, others+"signout --live --gov W1 W2\n")
	assert.Contains(t, execute(nil, log, "--dry-run", "--base-url", "http://127.0.0.1:8810/api", "-").stdout, others+"signout --live --base-url http://127.0.0.1:8810/api W1 W2\n")
	many := strings.Builder{}
	for i := range maxPasted + 1 {
		many.WriteString(login(fmt.Sprintf("W%010d", i), strconv.Itoa(100+i)))
	}
	assert.Contains(t, execute(nil, many.String(), "--dry-run", "-").stdout, others+"add --report FILE to the live run; then: signout --live FILE\n")
	many.WriteString(login("W0123456788", "null"))
	assert.Contains(t, execute(nil, many.String(), "--dry-run", "-").stdout, others+"add --report FILE to the live run; then: signout --live FILE (first remove the rows that are doubtful)\n")
	assert.Contains(t, execute(nil, many.String(), "--dry-run", "--gov", "--report", "rb.csv", "-").stdout, others+"signout --live --gov rb.csv (first remove the rows that are doubtful)\n")
	assert.NotContains(t, execute(nil, log, "--dry-run", "--ip", "9.9.9.9", "-").stdout, others)
}

func TestDoubtfulEntriesAreNotCountedAsSessions(t *testing.T) {
	r := execute(nil, login("W1", "null"), "--demo", "-")
	assert.Equal(t, runner.SomeNot, r.status)
	assert.Contains(t, r.stdout, "demo: No sessions: nothing to do; skipped: 1 doubtful.\n")

	journal := filepath.Join(t.TempDir(), "journal")
	for range 2 {
		r = execute(nil, login("W1", "null")+login("W2", `"7"`), "--demo", "--journal", journal, "-")
	}
	assert.Contains(t, r.stdout, ": 1 of 1 session ended already.\n")
	assert.Contains(t, r.stdout, "demo: 1 session: nothing to do; before this run: 1 ended; skipped: 1 doubtful.\n")
}
