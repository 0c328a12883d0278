package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var allOnSlack = occasion{Program: "words", Target: "https://slack.com/api", Sessions: "all sessions"}

func TestTheNextRunReadsTheOutcomesInTheJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	out := outcome{Status: statusOut, Attempts: 2, RequestID: "f00d", Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	use(t, path, func(j *journal) {
		for _, id := range []string{"W1", "W2", "W3", "W4"} {
			require.NoError(t, j.started(id))
		}
		require.NoError(t, j.ended("W1", out))
		require.NoError(t, j.ended("W2", outcome{Status: statusRefused, Reason: "user_not_found"}))
		require.NoError(t, j.ended("W3", outcome{Status: statusUnknown, Reason: "no_answer"}))
	})
	use(t, path, func(j *journal) {
		assert.Equal(t, out, j.past.outcomes["W1"])
		assert.Equal(t, statusRefused, j.past.outcomes["W2"].Status)
		assert.Equal(t, statusUnknown, j.past.outcomes["W3"].Status)
		assert.Equal(t, inFlight, j.past.outcomes["W4"])
	})
}

func TestAJournalCutAnywhereLosesNoWholeLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	use(t, path, func(j *journal) {
		for _, id := range []string{"W1", "W2"} {
			require.NoError(t, j.started(id))
			require.NoError(t, j.ended(id, outcome{Status: statusOut}))
		}
	})
	whole := read(t, path)
	for n := range len(whole) {
		cut := whole[:n]
		require.NoError(t, os.WriteFile(path, []byte(cut), 0o600))
		use(t, path, func(j *journal) {
			assert.Equal(t, cut != "" && !strings.HasSuffix(cut, "\n"), j.past.torn)
			for _, id := range []string{"W1", "W2"} {
				out := j.past.outcomes[id].Status == statusOut
				assert.Equal(t, strings.Contains(cut, `"end"`) && endedIn(cut, id), out, "%s after %q", id, cut)
			}
			require.NoError(t, j.started("W3"))
		})
		_, _, err := readJournal(path, strings.NewReader(read(t, path)), allOnSlack)
		require.NoError(t, err, "what follows the torn line can be read")
		assert.True(t, strings.HasSuffix(read(t, path), "\n"))
	}
}

// endedIn reports whether a journal has a whole line for the end of the user's call.
func endedIn(journal, id string) bool {
	for line := range strings.Lines(journal) {
		if strings.HasSuffix(line, "\n") && strings.Contains(line, `"end"`) && strings.Contains(line, `"`+id+`"`) {
			return true
		}
	}
	return false
}

func TestALastLineThatIsNoRecordIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	use(t, path, func(j *journal) { require.NoError(t, j.started("W1")) })
	good := read(t, path)
	require.NoError(t, os.WriteFile(path, []byte(good+strings.Repeat("\x00", 40)+"\n"), 0o600))
	use(t, path, func(j *journal) { assert.True(t, j.past.torn) })
	assert.Equal(t, good, read(t, path))
}

func TestOnlyAJournalOfThisOccasionIsTaken(t *testing.T) {
	header := `{"event":"journal","time":"2026-11-23T03:00:00Z","occasion":{"program":"words","target":"https://slack.com/api","sessions":"all sessions"}}` + "\n"
	for name, test := range map[string]struct{ content, want string }{
		"a list of users":       {"W1\nW2\n", "is no journal"},
		"a list of one user":    {"W1", "is no journal"},
		"other JSON lines":      {`{"event":"start","id":"W1"}` + "\n", "is no journal"},
		"rubbish in the middle": {header + "rubbish\n" + `{"event":"start","id":"W1"}` + "\n", "journal:2: not a record of a journal"},
		"a record of tomorrow":  {header + `{"event":"paused","id":"W1"}` + "\n", "journal:2: this version does not know such a record; use a newer one, or another --journal"},
		"another program's":     {strings.Replace(header, "words", "sentences", 1), "the journal is of sentences for all sessions on https://slack.com/api, this run is words for all sessions on https://slack.com/api"},
		"other sessions": {
			strings.Replace(header, "all sessions", "mobile sessions only", 1),
			"the journal is of words for mobile sessions only on https://slack.com/api, this run is words for all sessions on https://slack.com/api",
		},
		"another Slack": {strings.Replace(header, "slack.com", "slack-gov.com", 1), "for all sessions on https://slack-gov.com/api, this run"},
		"a demo":        {strings.Replace(header, "https://slack.com/api", embedded, 1), "for all sessions on " + embedded},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "journal", test.content)
			_, err := openJournal(path, allOnSlack)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, test.content, read(t, path), "the file is left alone")
		})
	}
}

func TestTwoRunsCannotShareAJournalUnderAnyName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal")
	use(t, path, func(*journal) {
		require.NoError(t, os.Symlink(path, filepath.Join(dir, "symbolic")))
		require.NoError(t, os.Link(path, filepath.Join(dir, "hard")))
		for _, name := range []string{"journal", "symbolic", "hard"} {
			_, err := openJournal(filepath.Join(dir, name), allOnSlack)
			require.ErrorContains(t, err, "in use by another run")
		}
	})
	use(t, path, func(*journal) {}) // the end of a run unlocks it
}

func TestARunDoesNotUseAJournalThatAppearedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := openJournal(path, allOnSlack)
	require.NoError(t, err)
	assert.NoFileExists(t, path)
	use(t, path, func(*journal) {})
	require.ErrorIs(t, j.begin(), os.ErrExist)
}

func TestOnlyTheOwnerCanReadAJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	use(t, path, func(*journal) {})
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestNothingIsWrittenAfterAFailedWrite(t *testing.T) {
	use(t, filepath.Join(t.TempDir(), "journal"), func(j *journal) {
		require.NoError(t, j.file.Close())
		require.ErrorIs(t, j.started("W1"), os.ErrClosed)
		assert.ErrorIs(t, j.ended("W1", outcome{Status: statusOut}), os.ErrClosed)
	})
}

// use opens the journal at path, runs run and closes the journal.
func use(t *testing.T, path string, run func(*journal)) {
	t.Helper()
	j, err := openJournal(path, allOnSlack)
	require.NoError(t, err)
	require.NoError(t, j.begin())
	run(j)
	_ = j.Close() // a test may have closed the file
}
