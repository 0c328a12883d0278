package runner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// openJournal opens the journal of an occasion for this run alone, if it exists. Otherwise begin makes it, so
// that a run that never begins leaves nothing behind.
func openJournal(path string, now occasion) (j *journal, err error) {
	j = &journal{path: path, now: now}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return j, tryDir("--journal", path)
	case err != nil:
		return nil, fileError("--journal", path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file; give another --journal", path)
	}
	return j, j.open(os.O_RDWR)
}

// open opens the file, locks it, reads it and stands at its end. The file is not opened to append, because Windows
// truncates no such file.
func (j *journal) open(flag int) (err error) {
	j.file, err = os.OpenFile(j.path, flag, 0o600)
	if err != nil {
		return fileError("--journal", j.path, err)
	}
	defer func() {
		if err != nil {
			_ = j.Close()
		}
	}()
	if err := j.lockFile(); err != nil {
		return err
	}
	var whole int64
	if j.past, whole, err = readJournal(j.path, j.file, j.now); err != nil {
		return err
	}
	if j.past.torn {
		if err := j.file.Truncate(whole); err != nil {
			return fileError("--journal", j.path, err)
		}
	}
	_, err = j.file.Seek(whole, io.SeekStart)
	return err
}

// lockFile locks the file itself, so that a link to it is locked too. On Windows a lock would keep this process from
// reading its own file, so a file beside it is locked.
func (j *journal) lockFile() error {
	name := j.path
	if runtime.GOOS == "windows" {
		name += ".lock"
	}
	j.lock = flock.New(name)
	locked, err := j.lock.TryLock()
	if err != nil {
		return j.unsuited("locked", err)
	}
	if !locked {
		return fmt.Errorf("journal %s is in use by another run; wait for its end or give another --journal", j.path)
	}
	return nil
}

// unsuited is the error of a journal on a file system that has no locks or no owners.
func (j *journal) unsuited(what string, err error) error {
	return fmt.Errorf("--journal %s cannot be %s (%w); put the journal on a local disk", j.path, what, err)
}

// begin makes a new journal, and only its owner may read it.
func (j *journal) begin() error {
	if j == nil {
		return nil
	}
	if j.file == nil {
		if err := j.open(os.O_RDWR | os.O_CREATE | os.O_EXCL); err != nil {
			return err
		}
	}
	if err := j.file.Chmod(0o600); err != nil && runtime.GOOS != "windows" {
		return j.unsuited("made readable by its owner alone", err)
	}
	if !j.past.begun.IsZero() {
		return nil
	}
	err := j.append(record{Event: eventJournal, Occasion: &j.now})
	syncDir(filepath.Dir(j.path))
	return err
}

// fresh refuses a journal of another day.
func (j *journal) fresh(now time.Time) error {
	if age := now.Sub(j.past.last); !j.past.begun.IsZero() && age > staleAfter {
		return fmt.Errorf("the last entry of journal %s is of %s, %d hours ago. A journal is for one occasion: give another --journal, or --resume to go on with this one",
			j.path, clock(j.past.last), int(age.Hours()))
	}
	return nil
}
