package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var allOnSlack = occasion{Target: "https://slack.com/api", Sessions: "all sessions"}

func TestAJournalTellsTheNextRunWhoIsOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	out := outcome{Status: statusOut, Attempts: 2, RequestID: "f00d", Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	write(t, path, func(j *journal) {
		for _, id := range []string{"W1", "W2", "W3", "W4"} {
			require.NoError(t, j.started(id))
		}
		require.NoError(t, j.ended("W1", out))
		require.NoError(t, j.ended("W2", outcome{Status: statusRefused, Code: "user_not_found"}))
		require.NoError(t, j.ended("W3", outcome{Status: statusUnknown, Code: codeNoAnswer}))
	})

	l, err := readList("users", strings.NewReader("W1\nW2\nW3\nW4\nW5\n"), nil)
	require.NoError(t, err)
	write(t, path, func(j *journal) {
		done, todo := j.history().split(l)
		assert.Equal(t, map[string]outcome{"W1": out}, done)
		assert.Equal(t, []string{"W3", "W4", "W5", "W2"}, ids(&list{users: todo}))

		var said strings.Builder
		j.history().announce(path, l, &said)
		assert.Contains(t, said.String(), "1 of 5 users signed out already, 1 in flight when a run ended")
	})
}

func TestAJournalCutAnywhereLosesNoWholeLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, func(j *journal) {
		for _, id := range []string{"W1", "W2"} {
			require.NoError(t, j.started(id))
			require.NoError(t, j.ended(id, outcome{Status: statusOut}))
		}
	})
	whole := read(t, path)
	for n := range len(whole) {
		cut := whole[:n]
		require.NoError(t, os.WriteFile(path, []byte(cut), 0o600))
		write(t, path, func(j *journal) {
			h := j.history()
			assert.Equal(t, cut != "" && !strings.HasSuffix(cut, "\n"), h.torn)
			for _, id := range []string{"W1", "W2"} {
				_, out := h.out[id]
				assert.Equal(t, strings.Contains(cut, `"end"`) && endedIn(cut, id), out, "%s after %q", id, cut)
			}
			require.NoError(t, j.started("W3"))
		})
		_, _, err := readJournal(path, strings.NewReader(read(t, path)), allOnSlack)
		require.NoError(t, err, "what follows the torn line can be read")
		assert.True(t, strings.HasSuffix(read(t, path), "\n"))
	}
}

// endedIn reports whether a whole line of journal says that the user's call ended.
func endedIn(journal, id string) bool {
	for line := range strings.Lines(journal) {
		if strings.HasSuffix(line, "\n") && strings.Contains(line, `"end"`) && strings.Contains(line, `"`+id+`"`) {
			return true
		}
	}
	return false
}

func TestALastLineOfRubbishIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, func(j *journal) { require.NoError(t, j.started("W1")) })
	good := read(t, path)
	require.NoError(t, os.WriteFile(path, []byte(good+strings.Repeat("\x00", 40)+"\n"), 0o600))
	write(t, path, func(j *journal) { assert.True(t, j.history().torn) })
	assert.Equal(t, good, read(t, path))
}

func TestOnlyAJournalOfThisOccasionIsTaken(t *testing.T) {
	header := `{"event":"journal","time":"2026-11-23T03:00:00Z","occasion":{"target":"https://slack.com/api","sessions":"all sessions"}}` + "\n"
	for name, test := range map[string]struct{ content, want string }{
		"a list of users":       {"W1\nW2\n", "is no journal of signout"},
		"a list of one user":    {"W1", "is no journal of signout"},
		"other JSON lines":      {`{"event":"start","user":"W1"}` + "\n", "is no journal of signout"},
		"rubbish in the middle": {header + "rubbish\n" + `{"event":"start","user":"W1"}` + "\n", "journal:2: no record of a journal"},
		"a record of tomorrow":  {header + `{"event":"paused","user":"W1"}` + "\n", "journal:2: no record that this version"},
		"other sessions": {
			strings.Replace(header, "all sessions", "mobile sessions only", 1),
			"the journal is about mobile sessions only on https://slack.com/api, this run about all sessions on https://slack.com/api",
		},
		"another Slack": {strings.Replace(header, "slack.com", "slack-gov.com", 1), "about all sessions on https://slack-gov.com/api"},
		"a rehearsal":   {strings.Replace(header, "https://slack.com/api", embedded, 1), "about all sessions on the embedded Slack"},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "journal", test.content)
			_, err := openJournal(path, allOnSlack)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, test.content, read(t, path), "the file is left alone")
		})
	}
}

func TestTwoRunsDoNotShareAJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, func(*journal) {
		_, err := openJournal(path, allOnSlack)
		require.ErrorContains(t, err, "in use by another run")
	})
	write(t, path, func(*journal) {}) // and the end of one lets the next begin
}

func TestNothingFollowsALineThatCouldNotBeWritten(t *testing.T) {
	j, err := openJournal(filepath.Join(t.TempDir(), "journal"), allOnSlack)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.lock.Close() })
	require.NoError(t, j.file.Close())
	require.ErrorIs(t, j.started("W1"), os.ErrClosed)
	assert.ErrorIs(t, j.ended("W1", outcome{Status: statusOut}), os.ErrClosed)
}

// write opens the journal at path as a run does, and ends as one does.
func write(t *testing.T, path string, run func(*journal)) {
	t.Helper()
	j, err := openJournal(path, allOnSlack)
	require.NoError(t, err)
	run(j)
	require.NoError(t, j.Close())
}
