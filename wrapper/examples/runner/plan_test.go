package runner

import (
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const people = "W1/Ana/ana@example.com W2//ben@example.com W3/Chi W4"

func TestADryRunListsUsersWithNameAndAddress(t *testing.T) {
	r := runIn(t, Env{}, "--dry-run", file(t, "list", people+" doubt"))
	assert.Equal(t, SomeNot, r.status)
	assert.Contains(t, r.stdout, "would end   W1  Ana  ana@example.com\nwould end   W2  ben@example.com\nwould end   W3  Chi\nwould end   W4\n")
	assert.Contains(t, r.stdout, "1 doubtful:\n  doubt  there is a doubt\n")
	assert.Contains(t, r.stdout, "Would end all sessions of 4 users on https://slack.com/api (about 12s at 20 a minute); skipped: 1 doubtful.\n")
	assert.Contains(t, runIn(t, Env{}, "--dry-run", file(t, "list", "doubt")).stdout, "Nothing to do; skipped: 1 doubtful.\n")
}

func TestLinesAndJSONHaveNameAndAddress(t *testing.T) {
	list := file(t, "list", people)
	assert.Contains(t, onSlack(t, slacktest.New(), list).stdout, "signed out  W1  Ana  ana@example.com\n")
	assert.Contains(t, onSlack(t, slacktest.New(), "--json", list).stdout, `{"id":"W1","name":"Ana","address":"ana@example.com","status":"out"`)
}

func TestSkippedItemsAreReportedAndAreNoSuccess(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	list := file(t, "list", "W1 doubt")
	slack := slacktest.New()
	r := onSlack(t, slack, "--report", report, list)
	assert.Equal(t, SomeNot, r.status)
	assert.Contains(t, r.stdout, "1 user: 1 signed out; skipped: 1 doubtful.")
	assert.Contains(t, read(t, report), "\ndoubt,doubtful,all sessions,,there is a doubt,,,\n")
	assert.Len(t, slack.Calls(), 1)
	assert.Contains(t, onSlack(t, slack, "--json", list).stdout, `{"id":"doubt","status":"doubtful","error":"there is a doubt"`)
}

func TestALongRunWithoutAJournalGetsAWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const warning = "This takes about 10m. Without --journal FILE a run that is interrupted begins anew.\n"
		assert.Contains(t, onSlack(t, slacktest.New(), users(t, 200)).stderr, warning)
		assert.NotContains(t, onSlack(t, slacktest.New(), users(t, 40)).stderr, "--journal")
		journal := filepath.Join(t.TempDir(), "journal")
		assert.NotContains(t, onSlack(t, slacktest.New(), "--journal", journal, users(t, 200)).stderr, "--journal")
		assert.NotContains(t, runIn(t, Env{}, "--demo", users(t, 200)).stderr, "--journal")
	})
}

func TestADryRunSaysThatItWritesNoReport(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	r := runIn(t, Env{}, "--dry-run", "--report", report, file(t, "list", "W1"))
	assert.Contains(t, r.stdout, "Dry run: nothing is sent. No report is written.\n")
	assert.NoFileExists(t, report)
}

func TestANewJournalIsAnnounced(t *testing.T) {
	journal, list := filepath.Join(t.TempDir(), "journal"), file(t, "list", "W1")
	assert.Contains(t, onSlack(t, slacktest.New(), "--journal", journal, list).stdout, "Journal "+journal+" is new.\n")
	assert.NotContains(t, onSlack(t, slacktest.New(), "--journal", journal, list).stdout, "is new")
}

func TestALiveRunSaysWhatASignOutDoesNotDo(t *testing.T) {
	const next = "Users can sign in again: deactivate their accounts or reset their passwords.\nApps keep their tokens; revoke them separately.\n"
	list := file(t, "list", "W1")
	assert.Contains(t, onSlack(t, slacktest.New(), list).stdout, next)
	assert.Contains(t, runIn(t, Env{}, "-h").stdout, next)
	assert.NotContains(t, onSlack(t, signedOutBut("W1"), list).stdout, next)
	assert.NotContains(t, runIn(t, Env{}, "--demo", list).stdout, next)
}

func TestARunElsewhereThanOnSlackIsMarked(t *testing.T) {
	const mark = "which is not Slack."
	list := file(t, "list", "W1")
	assert.Contains(t, onSlack(t, slacktest.New(), "--base-url", "http://127.0.0.1:8810", list).stdout, "This was on http://127.0.0.1:8810, "+mark)
	for _, args := range [][]string{{list}, {"--gov", list}, {"--base-url", "https://example.enterprise.slack.com/api", list}} {
		assert.NotContains(t, onSlack(t, slacktest.New(), args...).stdout, mark)
	}
}

func TestTheEnvironmentGivesDefaults(t *testing.T) {
	t.Setenv("SLACK_BASE_URL", "http://127.0.0.1:8808")
	list := file(t, "list", "W1")
	assert.Contains(t, runIn(t, Env{}, "--dry-run", list).stdout, "For http://127.0.0.1:8808.")
	assert.Contains(t, runIn(t, Env{}, "--dry-run", "--base-url", "http://127.0.0.1:9909", list).stdout, "For http://127.0.0.1:9909.")
	t.Setenv("SLACK_BASE_URL", "http://slack.com/api") // no token goes there in the clear
	t.Setenv("SLACK_FLEET", "redis://127.0.0.1:1")
	demo := runIn(t, Env{})
	require.Equal(t, AllOut, demo.status, demo.stderr)
	assert.Contains(t, demo.stdout, "On the embedded Slack of the demo")
}
