package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

func TestTheReportKeepsTheColumnsOfTheInput(t *testing.T) {
	l, err := readList("users", strings.NewReader("name,user_id\n\"Alvarez, \"\"Ana\"\"\",W1\nBen,W2\nChi,W3\nAna again,W1\n"), nil)
	require.NoError(t, err)
	r := result{list: l, outcomes: map[string]outcome{
		"W1": {Status: statusOut, Attempts: 2, RequestID: "f00d", Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)},
		"W2": {Status: statusRefused, Code: "user_not_found", Attempts: 1, RequestID: "beef", Time: time.Date(2026, 11, 23, 3, 1, 0, 0, time.UTC)},
	}}
	assert.Equal(t, [][]string{
		{"name", "user_id", "status", "code", "attempts", "request_id", "time"},
		{`Alvarez, "Ana"`, "W1", "out", "", "2", "f00d", "2026-11-23T03:00:00Z"},
		{"Ben", "W2", "refused", "user_not_found", "1", "beef", "2026-11-23T03:01:00Z"},
		{"Chi", "W3", "not tried", "", "", "", ""},
	}, written(t, r))
}

func TestNoCellOfTheReportIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		`=HYPERLINK("https://example.com")`: `'=HYPERLINK("https://example.com")`,
		"@SUM(A1)":                          "'@SUM(A1)",
		"+cmd|' /C calc'!A0":                "'+cmd|' /C calc'!A0",
		"-2+3":                              "'-2+3",
		"\t=1":                              "'\t=1",
		"＝1+1":                              "'＝1+1",
		"-12.5":                             "-12.5",
		"+49":                               "+49",
		"Ana = Ben":                         "Ana = Ben",
		"":                                  "",
	} {
		r := result{list: &list{header: []string{"user_id", "note"}, users: []user{{ID: "W1", columns: []string{"W1", cell}}}}}
		assert.Equal(t, want, written(t, r)[1][1])
	}
}

func TestAReportThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "report.csv"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.ErrorContains(t, result{list: &list{}}.save(f), "writing the report")
}

func written(t *testing.T, r result) [][]string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.writeCSV(&b))
	lines, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	require.NoError(t, err)
	return lines
}

func TestEveryRefusalOfAResetComesWithAdvice(t *testing.T) {
	for _, code := range []wrapper.ErrorCode{
		wrapper.ErrUserNotFound, wrapper.ErrCannotResetBot, wrapper.ErrCannotResetPrimaryOwner, wrapper.ErrUserSessionResetFailed,
		wrapper.ErrFeatureNotEnabled, wrapper.ErrNotAnAdmin, wrapper.ErrUnknownMethod, wrapper.ErrAccessDenied, wrapper.ErrAccessLimited,
		wrapper.ErrAccountInactive, wrapper.ErrEKMAccessDenied, wrapper.ErrEnterpriseIsRestricted, wrapper.ErrFatalError,
		wrapper.ErrInternalError, wrapper.ErrInvalidAuth, wrapper.ErrMissingScope, wrapper.ErrNoPermission,
		wrapper.ErrNotAllowedTokenType, wrapper.ErrNotAuthed, wrapper.ErrOrgLoginRequired, wrapper.ErrRateLimited,
		wrapper.ErrRequestTimeout, wrapper.ErrServiceUnavailable, wrapper.ErrTeamAccessNotGranted, wrapper.ErrTeamAddedToOrg,
		wrapper.ErrTokenExpired, wrapper.ErrTokenRevoked, wrapper.ErrTwoFactorSetupRequired,
		codeCutOff, codeNoAnswer, codeNoVerdict, "HTTP 503",
	} {
		assert.NotEqual(t, advice("new_code"), advice(string(code)), code)
	}
	assert.Contains(t, advice("new_code"), "docs.slack.dev")
}
