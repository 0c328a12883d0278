package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
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
func execute(t *testing.T, slack *slacktest.Slack, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := runner.Run(context.Background(), program(), runner.Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Transport: slack,
		Getenv:  func(string) string { return "xoxp-test-signout" },
		Signals: func() <-chan os.Signal { return nil },
	})
	return ran{status, stdout.String(), stderr.String()}
}

// file writes a file for one test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// signedIn returns a Slack in which these users have a mobile and a web session.
func signedIn(ids ...string) *slacktest.Slack {
	slack := slacktest.New()
	for _, id := range ids {
		slack.AddUser(slacktest.User{ID: id, Sessions: []slacktest.Session{
			{ID: 1, Device: slacktest.Mobile}, {ID: 2, Device: slacktest.Web},
		}})
	}
	return slack
}

func TestTheDemoShowsAnUnknownOutcomeAndTwoRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := execute(t, nil)
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Contains(t, r.stdout, "demo: Users in the list: 12. Duplicates left out: 1 (line 14).\n")
		assert.Regexp(t, `Slack limits the rate\. \d+ of 12, rate limit 2s`, r.stderr)
		assert.Regexp(t, `unknown     `+sampleUnclear+` .*503.*outcome unknown\n(.*\n)*demo: signed out  `+sampleUnclear, r.stdout)
		assert.Regexp(t, sampleGone+`  Ito, Ida  user_not_found \(.*request [0-9a-f]{32}\)`, r.stdout)
		assert.Regexp(t, sampleBot+`  Deploy Bot  cannot_reset_bot`, r.stdout)
		assert.Contains(t, r.stdout, "demo: 12 users: 10 signed out, 2 refused.\ndemo: 18 requests")
		assert.Contains(t, r.stdout, "demo: The embedded Slack's own account: of the 10 signed out, 0 sessions are left; of the 2 others, 2.\n")
		assert.Equal(t, 2, strings.Count(r.stdout, sampleGone), "once while it happens, once at the end")
		for line := range strings.Lines(r.stdout + r.stderr) {
			assert.Contains(t, line, "demo: ")
		}
		assert.WithinRange(t, time.Now(), start.Add(2*time.Second), start.Add(13*time.Second))
	})
}

func TestEachUserOfTheListIsSignedOutOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := signedIn("W1", "W2", "W3", "W4", "W5")
		report := filepath.Join(t.TempDir(), "report.csv")
		r := execute(t, slack, "--live", "--yes", "--user", "W5", "--report", report,
			file(t, "users.csv", "name;User ID;Status\nAna;W1;active\nBen;W2;active\nAna;W1;old\nChi;W3;\n"))
		assert.Equal(t, runner.AllOut, r.status, r.stderr)
		assert.Regexp(t, `\ALive, on https://slack.com/api\.\nColumn with the users: "User ID"\.\nUsers in the list: 4. Duplicates left out: 1 \(line 4\).\n`, r.stdout)
		assert.Contains(t, r.stdout, "4 users: 4 signed out.\n4 requests")
		assert.Len(t, slack.Calls(), 4)
		assert.NotEmpty(t, slack.Sessions("W4"))
		data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
		require.NoError(t, err)
		reader := csv.NewReader(bytes.NewReader(data))
		reader.Comma = ';' // as in the list, so that the same spreadsheet opens both
		lines, err := reader.ReadAll()
		require.NoError(t, err)
		assert.Equal(t, []string{"name", "User ID", "list_Status", "status"}, lines[0][:4])
		assert.Equal(t, []string{"Ana", "W1", "active", "out"}, lines[1][:4])
		assert.Equal(t, []string{"", "W5", "", "out"}, lines[4][:4])
	})
}

func TestOnlySessionsOfTheDeviceEnd(t *testing.T) {
	for flag, want := range map[string]struct {
		left slacktest.Device
		says string
	}{
		"--mobile-only": {slacktest.Web, "Would end mobile sessions only of 1 user"},
		"--web-only":    {slacktest.Mobile, "Would end web sessions only of 1 user"},
	} {
		slack := signedIn("W1")
		assert.Contains(t, execute(t, slack, "--dry-run", flag, "--user", "W1").stdout, want.says)
		report := filepath.Join(t.TempDir(), "report.csv")
		r := execute(t, slack, "--live", "--yes", flag, "--report", report, "--user", "W1")
		require.Equal(t, runner.AllOut, r.status)
		kind := strings.TrimPrefix(flag, "--")
		kind = "(" + strings.ReplaceAll(kind, "-", " ") + ")"
		assert.Contains(t, r.stdout, "signed out "+kind+"  W1\n")
		assert.Contains(t, r.stdout, "1 user: 1 signed out "+kind+".\n")
		data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
		require.NoError(t, err)
		about := strings.TrimSuffix(strings.TrimPrefix(want.says, "Would end "), " of 1 user")
		assert.Contains(t, string(data), "user_id,status,sessions,reason,")
		assert.Contains(t, string(data), "W1,out,"+about+",")
		r = execute(t, signedIn("W1"), "--live", "--yes", "--json", flag, "--user", "W1")
		assert.Contains(t, r.stdout, `"sessions":"`+about+`"`)
		require.Len(t, slack.Sessions("W1"), 1)
		assert.Equal(t, want.left, slack.Sessions("W1")[0].Device)
	}
}

func TestUsersOutOfOtherSessionsDoNotCountAsOut(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	require.Equal(t, runner.AllOut, execute(t, signedIn("W1"), "--live", "--yes", "--web-only", "--report", report, "--user", "W1").status)
	assert.NotContains(t, execute(t, nil, "--dry-run", report).stdout, "are out in it")
	assert.Contains(t, execute(t, nil, "--dry-run", "--web-only", report).stdout, "1 of the 1 user are out in it")
}

func TestWrongUsageIsRefusedAndNothingIsSent(t *testing.T) {
	list := file(t, "users.csv", "user_id\nW1\n")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a list alone":           {[]string{list}, "--live does it for real, --dry-run checks the input and sends nothing, --demo does it on an embedded Slack"},
		"a user alone":           {[]string{"--user", "W1"}, "--live does it for real"},
		"both kinds of sessions": {[]string{"--live", "--yes", "--mobile-only", "--web-only", list}, "--mobile-only and --web-only can't be used together"},
		"the sample for real":    {[]string{"--live", "--yes"}, "pass a FILE or a user ID"},
		"the sample, checked":    {[]string{"--dry-run"}, "pass a FILE or a user ID"},
		"two names":              {[]string{"--live", "--yes", "ana", "ben"}, `"ana" is not a user ID such as W0123456789, an e-mail address or a file`},
		"two lists":              {[]string{"--live", "--yes", list, list}, "more than one FILE"},
		"a name for an ID":       {[]string{"--live", "--yes", "--user", "ana"}, `"ana" is no user ID`},
		"an empty list":          {[]string{"--live", "--yes", "-"}, "standard input: no users in it"},
		"a list as member list":  {[]string{"--live", "--yes", "--members", list, list}, "is not a member list"},
		"no member list":         {[]string{"--demo", "--members", "nofile.csv", list}, "--members nofile.csv: no such file or directory"},
		"the report on members":  {[]string{"--demo", "--members", file(t, "m", "userid,email\nW1,a@example.com\n"), "--report", list, list}, "the report would overwrite"},
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			r := execute(t, slack, test.args...)
			assert.Equal(t, runner.Usage, r.status)
			assert.Contains(t, r.stderr, test.want)
			assert.Empty(t, slack.Calls())
		})
	}
}

func TestHelpListsEveryFlag(t *testing.T) {
	r := execute(t, nil, "-h")
	assert.Equal(t, runner.AllOut, r.status)
	for _, flag := range []string{"--user", "--mobile-only", "--web-only", "--column", "--members", "--live"} {
		assert.Regexp(t, `(?m)^  (-\w, |    )?`+flag+`\b`, r.stdout)
	}
}

func TestAnyEncodingOfExcelIsRead(t *testing.T) {
	for name, list := range map[string]string{
		"UTF-8":        "name;user_id\nJ\u00fcrgen;W1\n",
		"with a mark":  "\ufeffname;user_id\nJ\u00fcrgen;W1\n",
		"Windows-1252": "name;user_id\nJ\xfcrgen;W1\n",
		"UTF-16":       "\xff\xfen\x00a\x00m\x00e\x00;\x00u\x00i\x00d\x00\n\x00J\x00\xfc\x00r\x00g\x00e\x00n\x00;\x00W\x001\x00\n\x00",
	} {
		r := execute(t, nil, "--dry-run", file(t, "users.csv", list))
		assert.Contains(t, r.stdout, "would end   W1  J\u00fcrgen\n", name)
	}
}

func TestUsersMayBeArguments(t *testing.T) {
	for _, args := range [][]string{
		{"W0123456789"},
		{"<@W0123456789|ana>"},
		{"@W0123456789"},
		{"https://example.slack.com/team/W0123456789"},
		{"W0123456789", "W0123456789"},
		{"--user", "<@W0123456789>"},
	} {
		slack := signedIn("W0123456789", "W0123456788")
		r := execute(t, slack, append(args, "--live", "--yes")...)
		assert.Equal(t, runner.AllOut, r.status, r.stderr)
		assert.Empty(t, slack.Sessions("W0123456789"))
		assert.Len(t, slack.Calls(), 1)
	}
	slack := signedIn("W1", "W2", "W0123456789")
	r := execute(t, slack, "--live", "--yes", "W0123456789", file(t, "users", "W1\nW2\n"))
	assert.Equal(t, runner.AllOut, r.status, r.stderr)
	assert.Len(t, slack.Calls(), 3, "a list and a user")

	for arg, want := range map[string]string{
		"ana@example.com": `"ana@example.com" is an e-mail address, not a user ID; to look it up, add --members FILE`,
		"w0123456789":     `"w0123456789" is no user ID: IDs are in upper case; copy it anew`,
		"@ana":            `"@ana" is no user ID`,
		"<!here>":         `"<!here>" is no user ID`,
		"leavers.csv":     `there is no file "leavers.csv"; correct its name`,
		"lists/leavers":   `there is no file "lists/leavers"; correct its name`,
		`lists\leavers`:   `there is no file "lists\\leavers"; correct its name`,
		"T0123456789":     `"T0123456789" is not a user ID such as W0123456789, an e-mail address or a file; correct it`,
	} {
		slack := signedIn()
		r := execute(t, slack, "--live", "--yes", arg)
		assert.Equal(t, runner.Usage, r.status, arg)
		assert.Contains(t, r.stderr, want)
		assert.Empty(t, slack.Calls())
	}
	members := file(t, "members.csv", export)
	slack = signedIn("W1")
	require.Equal(t, runner.AllOut, execute(t, slack, "--live", "--yes", "--members", members, "ana.ruiz@example.com").status)
	assert.Empty(t, slack.Sessions("W1"))
}

func TestUnknownAddressesAreRefusedOrSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := file(t, "members.csv", export)
		hr := file(t, "hr.csv", "name,email\nAna,ana.ruiz@example.com\nBen,ben@example.com\nNoa,nobody@example.com\nDee,dee@example.com\n")
		slack := signedIn("W1", "W7")
		r := execute(t, slack, "--live", "--yes", "--members", members, hr)
		assert.Equal(t, runner.Usage, r.status)
		assert.Contains(t, r.stderr, "Lines that do not name one member: 2. --skip-unknown skips these, and no others; to list them: --skip-unknown --dry-run --json")
		assert.Empty(t, slack.Calls())

		report := filepath.Join(t.TempDir(), "report.csv")
		r = execute(t, slack, "--live", "--yes", "--json", "--skip-unknown", "--members", members, "--report", report, hr)
		assert.Equal(t, runner.SomeNot, r.status)
		assert.Contains(t, r.stderr, "the only active one is used")
		assert.Contains(t, r.stderr, "2 users: 2 signed out; skipped: 1 ambiguous, 1 not found.")
		assert.Len(t, slack.Calls(), 2)
		for _, want := range []string{`"address":"nobody@example.com","status":"not found","error":"` + hr + `:4: \"nobody@example.com\" is not in the member list`, `"status":"ambiguous"`} {
			assert.Equal(t, 1, strings.Count(r.stdout, want), want)
		}
		data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
		require.NoError(t, err)
		assert.Contains(t, string(data), `Noa,nobody@example.com,,,,not found,`)
		assert.Contains(t, string(data), `Ben,ben@example.com,,,,ambiguous,`)
		assert.Contains(t, string(data), `Dee,dee@example.com,W7,Dee Dasgupta,dee@example.com,out,`)

		addresses := file(t, "users", "ana.ruiz@example.com\nben@example.com\nnobody@example.com\n")
		plain := filepath.Join(t.TempDir(), "report.csv")
		execute(t, slack, "--live", "--yes", "--skip-unknown", "--members", members, "--report", plain, addresses)
		for _, report := range []string{report, plain} {
			again := execute(t, slack, "--dry-run", "--json", "--skip-unknown", "--members", members, report)
			assert.Equal(t, runner.SomeNot, again.status, "a report is a list: "+again.stderr)
			for _, status := range []string{"not tried", "not found", "ambiguous"} {
				assert.Contains(t, again.stdout, `"status":"`+status+`"`)
			}
			alone := execute(t, slack, "--dry-run", report)
			assert.Equal(t, runner.SomeNot, alone.status, "without the member list it is one as well: "+alone.stderr)
			assert.Contains(t, alone.stdout, "Lines that do not name one member: 2.")
		}
	})
}

func TestACorrectedAddressOfAReportIsReadWithColumn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := file(t, "members.csv", export)
		report := filepath.Join(t.TempDir(), "report.csv")
		read := func() string {
			data, err := os.ReadFile(report) //nolint:gosec // G304: a file of the test
			require.NoError(t, err)
			return string(data)
		}
		slack := signedIn("W1", "W4")
		hr := file(t, "hr.csv", "Name,E-Mail dienstlich\nAna,ana.ruiz@example.com\nChi,shi@example.com\n")
		run := func(list string, args ...string) ran {
			return execute(t, slack, append(args, "--live", "--yes", "--json", "--skip-unknown", "--members", members, "--report", report, list)...)
		}
		require.Equal(t, runner.SomeNot, run(hr, "--column", "E-Mail dienstlich").status)
		corrected := func() string { return file(t, "corrected.csv", strings.ReplaceAll(read(), "Chi,shi@", "Chi,chi@")) }
		for range 2 {
			list := corrected()
			run(list)
			want := list + `:3: user_id is empty, as in the earlier run; fill it in, or if you corrected the address in another column, add --column NAME. The earlier run said: ` + hr + `:3: ""shi@example.com"" is not in the member list; correct it, or export the member list again",`
			assert.Contains(t, read(), `Chi,chi@example.com,,,,not found,all sessions,,"`+want)
		}
		r := execute(t, nil, "--dry-run", "--json", corrected())
		assert.Contains(t, r.stdout, "if you corrected the address in another column, add --members FILE --column NAME. The")

		const header = "Name,E-Mail dienstlich,user_id,person_name,person_address,status,sessions,reason,error,attempts,request_id,time\n"
		for out := 1; out <= 2; out++ {
			r = run(corrected(), "--column", "E-Mail dienstlich")
			require.Equal(t, runner.AllOut, r.status)
			assert.Contains(t, r.stderr, fmt.Sprintf("The list is a report. %d of the 2 users are out in it", out))
			assert.Equal(t, header, strings.SplitAfter(read(), "\n")[0])
			assert.Contains(t, read(), "\nChi,chi@example.com,W4,Chi,chi@example.com,out,")
		}
		assert.Empty(t, slack.Sessions("W4"))

		for range 2 { // the list's own user_id is of another system
			require.Equal(t, runner.AllOut, run(file(t, "hr.csv", "user_id,email\n123,chi@example.com\n"), "--column", "email").status)
			require.Equal(t, runner.AllOut, run(corrected(), "--column", "email").status)
			assert.Contains(t, read(), "user_id,email,user_id_2,person_name,person_address,status,")
			assert.Contains(t, read(), "\n123,chi@example.com,W4,Chi,chi@example.com,out,")
		}
	})
}

func TestAReportDoesNotTakeAddressesOfOtherPeople(t *testing.T) {
	form := file(t, "form.csv", "Email Address,Name,Leaver's e-mail\nana.ruiz@example.com,Chi,shi@example.com\nana.ruiz@example.com,Noa,\nana.ruiz@example.com,Dee,dee@example.com\n")
	members, dir := file(t, "members.csv", export), t.TempDir()
	first, second, third := filepath.Join(dir, "1.csv"), filepath.Join(dir, "2.csv"), filepath.Join(dir, "3.csv")
	slack := signedIn("W1", "W7")
	for _, args := range [][]string{
		{"--report", first, "--column", "Leaver's e-mail", form},
		{"--report", second, first},
		{"--report", third, "--column", "user_id", second},
	} {
		r := execute(t, slack, append(args, "--live", "--yes", "--json", "--skip-unknown", "--members", members)...)
		require.Equal(t, runner.SomeNot, r.status, r.stderr)
		assert.Contains(t, r.stderr, "1 user: 1 signed out; skipped: 2 not found.")
		assert.Contains(t, r.stdout, `{"id":"","name":"Noa","status":"not found",`, "without the address of another person")
		assert.NotEmpty(t, slack.Sessions("W1"), "Ana filled in the form")
	}
}

func TestLinesHaveNameAndAddress(t *testing.T) {
	list := file(t, "users.csv", "user_id,Full name,E-mail\nW1,Ana Ruiz,ana@example.com\nW2,,\n")
	r := execute(t, nil, "--dry-run", list)
	assert.Contains(t, r.stdout, "would end   W1  Ana Ruiz  ana@example.com\nwould end   W2\n")
	r = execute(t, signedIn("W1"), "--live", "--yes", list)
	assert.Contains(t, r.stdout, "signed out  W1  Ana Ruiz  ana@example.com\n")
	r = execute(t, signedIn("W1"), "--live", "--yes", "--json", list)
	assert.Contains(t, r.stdout, `{"id":"W1","name":"Ana Ruiz","address":"ana@example.com","status":"out"`)
}

func TestUncheckedAddressesAreNoted(t *testing.T) {
	const note = "Addresses are those of the list, unchecked: Slack gets the IDs alone. To check them, add --members FILE.\n"
	list := file(t, "users.csv", "user_id,E-mail\nW9,\nW1,ana.ruiz@example.com\n")
	assert.Equal(t, 1, strings.Count(execute(t, nil, "--dry-run", list).stdout, note))
	for _, args := range [][]string{
		{"--members", file(t, "members.csv", export), list},
		{file(t, "users.csv", "user_id,E-mail,name\nW1,,Ana\n")},
		{file(t, "users", "W1\n")},
	} {
		assert.NotContains(t, execute(t, nil, append(args, "--dry-run")...).stdout, "Addresses are")
	}
}

func TestLinesLeftOutAreCounted(t *testing.T) {
	r := execute(t, nil, "--dry-run", file(t, "users", "# night shift\nW1\n#\nW2\nW1\n"))
	assert.Contains(t, r.stdout, "Users in the list: 2. Duplicates left out: 1 (line 5). Comments left out: 2.\n")
	r = execute(t, nil, "--dry-run", file(t, "users", "Leavers\nuser_id,name\nW1,Ana\n"))
	assert.Regexp(t, `users: header found on line 2\.`, r.stdout)
}

func TestSkipUnknownNeedsMembers(t *testing.T) {
	r := execute(t, nil, "--dry-run", "--skip-unknown", file(t, "users", "W1\n"))
	assert.Equal(t, runner.Usage, r.status)
	assert.Contains(t, r.stderr, "--skip-unknown goes with --members")
}

func TestAColumnOfMostlyDuplicatesIsAWarning(t *testing.T) {
	const warning = `WARNING: most lines name a user again. Is "Manager ID" the right column? Choose another with --column NAME.`
	list := file(t, "hr.csv", "name,Manager ID\nAna,W1\nBen,W1\nChi,W1\nDee,W2\nEva,W2\n")
	r := execute(t, signedIn("W1", "W2"), "--live", "--yes", "--column", "manager id", list)
	assert.Equal(t, 2, strings.Count(r.stdout, warning), "before the run and at its end")
	assert.Contains(t, r.stdout, "Users in the list: 2. Duplicates left out: 3 (lines 3, 4, 6).\n")
	assert.NotContains(t, execute(t, nil, "--dry-run", file(t, "hr.csv", "user_id\nW1\nW1\nW1\n")).stdout, "WARNING")
}

func TestAColumnThatMayNotBeTheLeaversIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ list, want string }{
		"who filled in a form":     {"Email Address,Name,Work e-mail of the leaver\nana.ruiz@example.com,Chi,chi@example.com\n", `hr.csv:1: the columns "Email Address" and "Work e-mail of the leaver" both name members, and not the same ones; choose one with --column NAME`},
		"one who filled in a form": {"Email Address,Leaver\nana.ruiz@example.com,Chi\nana.ruiz@example.com,Dee\nana.ruiz@example.com,Eva\n", `hr.csv:1: most lines name a user again in the column "Email Address"; choose a column with --column NAME`},
		"a manager":                {"email,manager\nchi@example.com,ana.ruiz@example.com\n", `the columns "email" and "manager" both name members`},
	} {
		list, members := file(t, "hr.csv", test.list), file(t, "members.csv", export)
		r := execute(t, nil, "--dry-run", "--members", members, list)
		assert.Equal(t, runner.Usage, r.status, name)
		assert.Contains(t, r.stderr, test.want, name)
		column, _, _ := strings.Cut(test.list, ",")
		assert.Equal(t, runner.AllOut, execute(t, nil, "--dry-run", "--members", members, "--column", column, list).status, "it can be chosen")
	}
	fine := file(t, "hr.csv", "mail,userPrincipalName,private\nchi@example.com,CHI@example.com,chi@example.net\n")
	assert.Equal(t, runner.AllOut, execute(t, nil, "--dry-run", "--members", file(t, "members.csv", export), fine).status)
}

func TestIDsThatTheMemberListLacksAreNoted(t *testing.T) {
	r := execute(t, nil, "--dry-run", "--members", file(t, "members.csv", export), "W1", "W8888888888")
	assert.Equal(t, runner.AllOut, r.status)
	assert.Contains(t, r.stdout, "W8888888888 is not in the member list.\n")
	assert.NotContains(t, r.stdout, "W1 is not")
}

func TestLinesThatNameNoMemberAreNotCountedAsUsers(t *testing.T) {
	r := execute(t, nil, "--dry-run", "--skip-unknown", "--members", file(t, "members.csv", export), file(t, "hr.csv", "name,email\nAna,ana.ruiz@example.com\nTotal,\nNoa,noa@example.com\nNoa,noa@example.com\n"))
	assert.Contains(t, r.stdout, "Users in the list: 1. Lines that do not name one member: 2. Duplicates left out: 1 (line 5).\n")
}
