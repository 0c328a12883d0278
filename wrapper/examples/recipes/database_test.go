package recipes

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// open opens a database for one connection at a time. Its writes survive the end of the process, not that of the machine.
func open(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=synchronous(off)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// newDatabase returns the file of a database with the users, all of them open, and a connection to it.
func newDatabase(t *testing.T, userIDs ...string) (string, *sql.DB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "leavers.db")
	db, err := open(file)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), SignOutsTable)
	require.NoError(t, err)
	for _, id := range userIDs {
		_, err = db.ExecContext(t.Context(), "INSERT INTO sign_outs (user_id) VALUES (?)", id)
		require.NoError(t, err)
	}
	return file, db
}

// statuses returns status and reason by user.
func statuses(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT user_id, trim(status || ' ' || reason) FROM sign_outs")
	require.NoError(t, err)
	defer func() { assert.NoError(t, rows.Close()) }()
	all := map[string]string{}
	for rows.Next() {
		var id, status string
		require.NoError(t, rows.Scan(&id, &status))
		all[id] = status
	}
	require.NoError(t, rows.Err())
	return all
}

func TestResultsAreWrittenToTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 210) // more than two pages
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(100, time.Minute))
		slack.AddUser(slacktest.User{ID: ids[7], Bot: true})
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			switch c.UserID {
			case ids[100]:
				return slacktest.Answer{Status: http.StatusBadGateway, Effect: true}
			case ids[101]:
				return slacktest.Refused("user_session_reset_failed")
			case ids[102]:
				return slacktest.Proxy(http.StatusForbidden)
			}
			return slacktest.Answer{}
		})
		_, db := newDatabase(t, append(ids, "W9999999999")...)

		require.NoError(t, SignOutFromDatabase(t.Context(), client, db))

		got := statuses(t, db)
		for id, want := range map[string]string{
			ids[7]: "failed cannot_reset_bot", "W9999999999": "failed user_not_found",
			ids[100]: "unknown http_502", ids[101]: "open user_session_reset_failed",
			ids[102]: "open http_403",
		} {
			assert.Equal(t, want, got[id])
			delete(got, id)
		}
		require.Len(t, got, 206)
		for id, status := range got {
			assert.Equal(t, "out", status, id)
			assert.Empty(t, slack.Sessions(id))
		}

		slack.Respond(nil)
		calls := len(slack.Calls())
		require.NoError(t, SignOutFromDatabase(t.Context(), client, db))
		assert.Len(t, slack.Calls(), calls+3, "only the users without a verdict are tried again")
		assert.Equal(t, "out", statuses(t, db)[ids[100]])
		assert.Equal(t, "out", statuses(t, db)[ids[101]])
		assert.Equal(t, "out", statuses(t, db)[ids[102]])
	})
}

func TestRunFromTheDatabaseThatStopsGoesOnLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 150)
		slack.Respond(func(c slacktest.Call) slacktest.Answer {
			switch {
			case len(slack.Calls()) >= 110:
				return slacktest.Refused("token_revoked")
			case c.UserID == ids[0]:
				return slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}
			}
			return slacktest.Answer{}
		})
		_, db := newDatabase(t, ids...)

		require.ErrorIs(t, SignOutFromDatabase(t.Context(), client, db), wrapper.ErrTokenRevoked)
		require.Contains(t, statuses(t, db)[ids[0]], "unknown")
		require.ErrorIs(t, SignOutFromDatabase(t.Context(), client, db), wrapper.ErrTokenRevoked)
		got := statuses(t, db)
		assert.Equal(t, "unknown token_revoked", got[ids[0]], "a later run that learns nothing does not change what is known")
		for _, id := range ids[1:] {
			assert.Equal(t, len(slack.Sessions(id)) == 0, got[id] == "out", "%s: %s", id, got[id])
			assert.NotContains(t, got[id], "unknown")
		}

		slack.Respond(nil)
		require.NoError(t, SignOutFromDatabase(t.Context(), client, db))
		for id, status := range statuses(t, db) {
			assert.Equal(t, "out", status, id)
		}
	})
}

func TestRunFromTheDatabaseThatIsCancelledGoesOnLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack, client, ids := company(t, 40)
		slack.Limit(slacktest.MethodReset, slacktest.SlidingWindow(20, time.Minute))
		_, db := newDatabase(t, ids...)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, cancel)

		require.ErrorIs(t, SignOutFromDatabase(ctx, client, db), context.Canceled)
		for id, status := range statuses(t, db) {
			assert.NotContains(t, status, "failed", id)
			assert.NotContains(t, status, "in flight", "each result is written")
			assert.Equal(t, len(slack.Sessions(id)) == 0, status == "out", "%s: %s", id, status)
		}
		require.NoError(t, SignOutFromDatabase(t.Context(), client, db))
		for id, status := range statuses(t, db) {
			assert.Equal(t, "out", status, id)
		}
	})
}

func TestRunFromTheDatabaseGoesOnAfterACrash(t *testing.T) {
	slack, _, ids := company(t, 150)
	file, db := newDatabase(t, ids...)
	program := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // G204: this binary
	started := make(chan struct{})
	slack.Respond(func(slacktest.Call) slacktest.Answer {
		if len(slack.Calls()) < 120 {
			return slacktest.Answer{}
		}
		<-started
		_ = program.Process.Kill() // the 121st request finds it dead
		return slacktest.Answer{Err: syscall.ECONNRESET, Effect: true}
	})
	server := httptest.NewServer(slack)
	defer server.Close()
	program.Env = append(os.Environ(), databaseVariable+"="+file, slackVariable+"="+server.URL)
	require.NoError(t, program.Start())
	close(started)
	require.ErrorContains(t, program.Wait(), "killed")

	counts := map[string]int{}
	for id, status := range statuses(t, db) {
		counts[status]++
		switch signedOut := len(slack.Sessions(id)) == 0; status {
		case "out":
			assert.True(t, signedOut, id)
		case "open":
			assert.False(t, signedOut, id)
		}
	}
	t.Log(counts)
	assert.NotZero(t, counts["out"])
	assert.NotZero(t, counts["open"])
	assert.NotZero(t, counts["unknown in flight"])
	assert.LessOrEqual(t, counts["unknown in flight"], 8)

	slack.Respond(nil)
	require.NoError(t, signOutFrom(file, server.URL))
	for id, status := range statuses(t, db) {
		assert.Equal(t, "out", status, id)
		assert.Empty(t, slack.Sessions(id))
	}
}
