package runner

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// statusOf returns the status of each item in a report.
func statusOf(t *testing.T, report string) map[string]string {
	t.Helper()
	statuses := map[string]string{}
	for line := range strings.Lines(read(t, report)) {
		cells := strings.Split(line, ",")
		statuses[cells[0]] = cells[1]
	}
	return statuses
}

func TestUsersWhoWereOutBeforeAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := filepath.Join(t.TempDir(), "journal")
		require.Equal(t, AllOut, onSlack(t, slacktest.New(), "--concurrency", "1", "--journal", journal, file(t, "list", "W1 W2 W3")).status)
		time.Sleep(time.Hour)
		slack := slacktest.New()
		r := onSlack(t, slack, "--journal", journal, file(t, "list", "W1 W2 W3 W4"))
		assert.Equal(t, AllOut, r.status)
		assert.Len(t, slack.Calls(), 1)
		assert.Contains(t, r.stdout, "4 users: 1 signed out; before this run: 3 signed out.\n1 request in 0s.\n"+
			"Not repeated: 3 signed out by earlier runs with this journal, the first on 2000-01-01 00:00:00 UTC. Users may have signed in again since then.\n")

		r = onSlack(t, slack, "--journal", journal, "--json", file(t, "list", "W1 W5"))
		assert.Contains(t, r.stdout, `{"id":"W1","status":"out","attempts":1,"request_id":"00000000000000000000000000000001","sessions":"all sessions","time":"2000-01-01T00:00:00Z","earlier_run":true,`)
		assert.Equal(t, 1, strings.Count(r.stdout, "earlier_run"))

		r = onSlack(t, slack, "--journal", journal, file(t, "list", "W1 doubt"))
		assert.Contains(t, r.stdout, "1 user: nothing to do; before this run: 1 signed out; skipped: 1 doubtful.\nNOTHING WAS SENT.\nNot repeated: 1 signed out by", "not all were out")
	})
}

func TestAStoppedRunKeepsEarlierOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path, report := filepath.Join(dir, "journal"), filepath.Join(dir, "report.csv")
		list := file(t, "list", "W1 W2 W3 W4 W5 W6")
		slack := slacktest.New()
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			switch c.UserID {
			case "W2": // done, and Slack never says so
				return slacktest.Answer{Err: io.EOF, Effect: true}
			case "W3":
				return slacktest.Refused("cannot_reset_bot")
			}
			return slacktest.Answer{}
		})
		require.Equal(t, SomeNot, onSlack(t, slack, "--journal", path, file(t, "list", "W1 W2 W3")).status)
		use(t, path, func(j *journal) {
			require.NoError(t, j.ended("W6", outcome{Status: statusNotTried}))
			require.NoError(t, j.started("W7")) // is in no list
			require.NoError(t, j.started("W4")) // the machine loses its power
		})

		slack = slacktest.New()
		slack.AddToken(testToken, slacktest.Token{Refusal: "token_revoked"})
		r := onSlack(t, slack, "--concurrency", "1", "--journal", path, "--report", report, list)
		assert.Equal(t, Stopped, r.status)
		assert.Equal(t, map[string]string{
			"user_id": "status", "W1": "out", "W2": "unknown", "W3": "refused", "W4": "unknown", "W5": "not tried", "W6": "not tried",
		}, statusOf(t, report))
		assert.Contains(t, r.stdout, "the call was in flight when a run ended")
		assert.Contains(t, r.stdout, "6 users: 1 unknown, 2 not tried; before this run: 1 signed out, 1 refused, 1 unknown.\n")
		assert.Contains(t, r.stdout, ": 1 of 6 users signed out already, 1 in flight when a run ended.\n")
		assert.NotContains(t, r.stdout, "\nnot tried ", "the call was not made, so there is no result")

		var asked []string
		slack = slacktest.New()
		r = onSlack(t, slack, "--json", "--journal", path, list)
		assert.Equal(t, AllOut, r.status)
		for _, c := range slack.Calls() {
			asked = append(asked, c.UserID)
		}
		assert.ElementsMatch(t, []string{"W2", "W3", "W4", "W5", "W6"}, asked)
		for line := range strings.Lines(r.stdout) {
			var result struct{ Status string }
			require.NoError(t, json.Unmarshal([]byte(line), &result))
			assert.Equal(t, "out", result.Status)
		}
	})
}
