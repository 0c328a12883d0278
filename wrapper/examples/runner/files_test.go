package runner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestAFileErrorNamesFlagAndPathAndSaysWhatToDo(t *testing.T) {
	for want, err := range map[string]error{
		"--report x.csv: no space left on device; make room on the disk":                          &fs.PathError{Op: "write", Path: "x.csv.123", Err: syscall.ENOSPC},
		"--report x.csv: permission denied; give a file in a directory that you may write to":     &os.LinkError{Op: "rename", Old: "x.csv.123", New: "x.csv", Err: syscall.EACCES},
		"--report x.csv: no such file or directory; make the directory, or give a file elsewhere": &fs.PathError{Op: "open", Path: ".try-1", Err: syscall.ENOENT},
		"--report x.csv: input/output error":                                                      &fs.PathError{Op: "sync", Path: "x.csv.123", Err: syscall.EIO},
	} {
		told := fileError("--report", "x.csv", err)
		assert.EqualError(t, told, want)
		assert.ErrorIs(t, told, errors.Unwrap(err))
	}
}

func TestAJournalNeedsAFileSystemWithLocks(t *testing.T) {
	j := &journal{path: "x.journal"}
	for _, errno := range []syscall.Errno{syscall.ENOLCK, syscall.ENOSYS, syscall.EPERM} {
		require.ErrorIs(t, j.errNoLocks(errno), errno)
		assert.Regexp(t, `^--journal x\.journal cannot be locked \(.+\); put the journal on a local disk$`, j.errNoLocks(errno).Error())
	}
}

func TestOneFileIsNotBothReportAndJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	r := onSlack(t, slacktest.New(), "--report", path, "--journal", filepath.Join(filepath.Dir(path), ".", "x"), file(t, "list", "W1"))
	assert.Equal(t, Usage, r.status)
	assert.Contains(t, r.stderr, "the report would overwrite")
	assert.NoFileExists(t, path)
}

func TestEveryEarlierReportIsKept(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	for _, user := range []string{"W1", "W2", "W3"} {
		require.Equal(t, AllOut, onSlack(t, slacktest.New(), "--report", report, file(t, "list", user)).status)
	}
	assert.Contains(t, read(t, report), "W3,out")
	assert.Contains(t, read(t, report+".1"), "W1,out")
	assert.Contains(t, read(t, report+".2"), "W2,out")
}

func TestAReportBeyondASCIIBeginsWithAByteOrderMark(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.csv")
	run := func(list string) {
		runProgram(t, table(), Env{Transport: slacktest.New()}, "--live", "--yes", "--report", report, file(t, "list", list))
	}
	run("user_id,name\nW1,Ana\n")
	assert.Regexp(t, `\Auser_id,`, read(t, report))
	run("user_id,name\nW1,Åsa\nW2,Ben\n")
	assert.Regexp(t, "\\A\ufeffuser_id,", read(t, report))
	assert.Contains(t, read(t, report), "\nW1,Åsa,out,")
}
