package runner

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTheReportHasTheOutcomeOfEachItem(t *testing.T) {
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W1"})
	report := filepath.Join(t.TempDir(), "report.csv")
	onSlack(t, slack, "--report", report, file(t, "list", "W1 W404"))
	lines, err := csv.NewReader(strings.NewReader(read(t, report))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"user_id", "status", "sessions", "reason", "error", "attempts", "request_id", "time"}, lines[0])
	assert.Equal(t, []string{"W1", "out", "all sessions", "", "", "1"}, lines[1][:6])
	assert.Equal(t, []string{"W404", "refused", "all sessions", "user_not_found"}, lines[2][:4])
	assert.Contains(t, lines[2][4], "user_not_found (request ")
	info, err := os.Stat(report)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestReportColumnsHaveUniqueNames(t *testing.T) {
	for list, want := range map[string]string{
		"user_id Status time":    "user_id list_Status list_time",
		"user_id name Name name": "user_id name Name_2 name_3",
		"user_id list_status status sessions reason error attempts request_id time": "user_id list_status",
	} {
		assert.Equal(t, strings.Fields(want), uniqueColumns(strings.Fields(list), (&run[wrapper.ResetOptions]{list: &List[wrapper.ResetOptions]{Sessions: "all sessions"}}).ownColumns()), list)
	}
}

// table is the program whose list is a CSV with the ID in its first column.
func table() Program[wrapper.ResetOptions] {
	p := program()
	p.Load = func(in *Input) (*List[wrapper.ResetOptions], error) {
		_, text, err := in.Open(in.Args[0])
		if err != nil {
			return nil, err
		}
		defer func() { _ = text.Close() }()
		lines, err := csv.NewReader(text).ReadAll()
		l := &List[wrapper.ResetOptions]{Header: lines[0]}
		for _, cells := range lines[1:] {
			l.Items = append(l.Items, &Item[wrapper.ResetOptions]{ID: cells[0], Row: NewRow(cells...), Options: wrapper.ResetOptions{UserID: cells[0]}})
		}
		return l, err
	}
	return p
}

func TestJSONHasEachColumnOfTheList(t *testing.T) {
	list := file(t, "list", "user_id,name,name,status\nW1,Ana,Abel,active\n")
	r := runProgram(t, table(), Env{Transport: slacktest.New()}, "--live", "--yes", "--json", list)
	assert.Contains(t, r.stdout, `"input":{"list_status":"active","name":"Ana","name_2":"Abel","user_id":"W1"}`)
}

func TestAReportUsedAsAListHasNoColumnTwice(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "first.csv"), filepath.Join(t.TempDir(), "second.csv")
	slack := slacktest.New()
	slack.AddUser(slacktest.User{ID: "W2"})
	run := func(report, list string) ran {
		return runProgram(t, table(), Env{Transport: slack}, "--live", "--yes", "--report", report, list)
	}
	const again = "The list is a report. 1 of the 2 users are out in it, and are called for again; to leave them out, remove their rows."
	assert.NotContains(t, run(first, file(t, "list", "user_id,name,status\nW1,Åsa,out\nW2,Ben,\n")).stdout, again)
	assert.Contains(t, run(second, first).stdout, again+"\n")
	header := "\ufeffuser_id,name,list_status,status,reason,error,attempts,request_id,time\n"
	assert.Equal(t, header, strings.SplitAfter(read(t, first), "\n")[0])
	assert.Equal(t, header, strings.SplitAfter(read(t, second), "\n")[0])
	assert.Contains(t, read(t, second), "\nW1,Åsa,out,refused,user_not_found,")
	assert.Contains(t, read(t, second), "\nW2,Ben,,out,,,1,")
}

func TestNoCellOfTheReportIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		`=HYPERLINK("https://example.com")`: `'=HYPERLINK("https://example.com")`,
		"@SUM(A1)":                          "'@SUM(A1)",
		"+cmd|' /C calc'!A0":                "'+cmd|' /C calc'!A0",
		"-2+3":                              "'-2+3",
		"\t=1":                              "'=1",
		"a\x1b[2Jb\u202e":                   "a\ufffd[2Jb",
		"＝1+1":                              "'＝1+1",
		"Ana;=1+1":                          "Ana;'=1+1",
		"Ana,=1+1":                          "Ana,'=1+1",
		`Ana; "=1+1"`:                       `Ana;' "=1+1"`,
		"Ana\n@SUM(A1)":                     "Ana @SUM(A1)",
		"\u00a0Ana\u00a0Abel\u200b ":        "Ana\u00a0Abel",
		"-12.5":                             "-12.5",
		"+49":                               "+49",
		"Ana = Ben":                         "Ana = Ben",
		"Ana; Ben":                          "Ana; Ben",
		"":                                  "",
	} {
		assert.Equal(t, want, safeCell(cell), "%q", cell)
	}
}

func TestAnOldReportNeverLooksCurrent(t *testing.T) {
	report := file(t, "report.csv", "user_id,status,sessions,reason,error,attempts,request_id,time\nof last week\n")
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer {
		assert.NoFileExists(t, report)
		return slacktest.Answer{}
	})
	link := filepath.Join(t.TempDir(), "link.csv")
	require.NoError(t, os.Symlink(report, link))
	require.Equal(t, AllOut, onSlack(t, slack, "--report", link, file(t, "list", "W1")).status)
	assert.Contains(t, read(t, link), "W1,out")
	assert.Contains(t, read(t, report), "W1,out")
	assert.Contains(t, read(t, report+".1"), "of last week\n")
}

func TestAReportThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	for next, args := range map[string][]string{
		"The same command would begin anew, because there is no --journal: take the results from the lines above\n": nil,
		"The same command writes the report, and makes no call for those who are out\n":                             {"--journal", filepath.Join(t.TempDir(), "journal")},
	} {
		dir := t.TempDir()
		slack := slacktest.New()
		slack.Respond(func(slacktest.Call) slacktest.Answer {
			require.NoError(t, os.RemoveAll(dir))
			return slacktest.Answer{}
		})
		r := onSlack(t, slack, append(args, "--report", filepath.Join(dir, "report.csv"), file(t, "list", "W1"))...)
		assert.Equal(t, SomeNot, r.status)
		assert.Contains(t, r.stdout, "1 user: 1 signed out.")
		assert.Contains(t, r.stderr, "--report ")
		assert.Contains(t, r.stderr, next)
	}
}

func TestAReportMayGoToStandardOutput(t *testing.T) {
	out, err := os.CreateTemp(t.TempDir(), "out")
	require.NoError(t, err)
	r := runIn(t, Env{Transport: slacktest.New(), Stdout: out}, "--live", "--yes", "--report", "-", file(t, "list", "W1"))
	require.Equal(t, AllOut, r.status, r.stderr)
	require.NoError(t, out.Close())
	assert.Contains(t, read(t, out.Name()), "W1,out")
	assert.Contains(t, read(t, out.Name()), "1 user: 1 signed out.")
}

func TestEveryReasonComesWithAdvice(t *testing.T) {
	for _, reason := range []wrapper.ErrorCode{
		wrapper.ErrUserNotFound, wrapper.ErrSessionNotFound, wrapper.ErrCannotResetBot, wrapper.ErrCannotResetPrimaryOwner, wrapper.ErrUserSessionResetFailed,
		wrapper.ErrCannotInvalidatePrimaryOwner, wrapper.ErrSessionInvalidationFailed, wrapper.ErrAdminUnauthorized,
		wrapper.ErrFeatureNotEnabled, wrapper.ErrNotAnAdmin, wrapper.ErrUnknownMethod, wrapper.ErrAccessDenied, wrapper.ErrAccessLimited,
		wrapper.ErrAccountInactive, wrapper.ErrEKMAccessDenied, wrapper.ErrEnterpriseIsRestricted, wrapper.ErrFatalError,
		wrapper.ErrInternalError, wrapper.ErrInvalidAuth, wrapper.ErrMissingScope, wrapper.ErrNoPermission,
		wrapper.ErrNotAllowedTokenType, wrapper.ErrNotAuthed, wrapper.ErrOrgLoginRequired, wrapper.ErrRateLimited,
		wrapper.ErrRequestTimeout, wrapper.ErrServiceUnavailable, wrapper.ErrTeamAccessNotGranted, wrapper.ErrTeamAddedToOrg,
		wrapper.ErrTokenExpired, wrapper.ErrTokenRevoked, wrapper.ErrTwoFactorSetupRequired,
		"no_verdict", "http_503", "http_403", "http_407", "timeout", "no_answer", "not_trusted", "redirect", "canceled", "deadline",
		"limiter", "invalid_token",
	} {
		assert.NotEqual(t, advice("other_code", ""), advice(string(reason), ""), reason)
	}
	assert.Contains(t, advice("other_code", ""), "docs.slack.dev")
}

func TestEveryLineOfADemoIsMarked(t *testing.T) {
	var stdout bytes.Buffer
	report := filepath.Join(t.TempDir(), "report.csv")
	journal := filepath.Join(t.TempDir(), "journal")
	r := runIn(t, Env{Stdout: &stdout}, "--demo", "--report", report, "--journal", journal, file(t, "list", "W1 W2"))
	require.Equal(t, AllOut, r.status)
	for _, text := range []string{stdout.String(), r.stderr, strings.SplitN(read(t, report), "\n", 2)[1], read(t, journal)} {
		for line := range strings.Lines(text) {
			assert.Contains(t, line, "demo")
		}
	}
}
