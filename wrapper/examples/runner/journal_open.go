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

// A journal whose last record is older than maxJournalAge needs --resume, because a run skips the users who are out in it, and
// they may have signed in again.
const maxJournalAge = 24 * time.Hour

// openJournal opens the journal that --journal names, if it exists. begin makes a new one, so that a run that does not begin
// leaves no journal.
func (r *run[O]) openJournal() error {
	if r.opts.Journal == "" {
		return nil
	}
	j, err := openJournal(r.opts.Journal, occasion{Program: r.Name, Target: r.opts.target(), Sessions: r.list.Sessions})
	if err != nil {
		return err
	}
	r.journal = j
	if r.opts.Resume && j.file == nil {
		return fmt.Errorf("--resume: there is no journal %s; check its name", j.path)
	}
	if age := time.Since(j.past.last); !r.opts.Resume && !j.past.begun.IsZero() && age > maxJournalAge {
		return fmt.Errorf("the last record of journal %s is of %s, %d hours ago. A journal is for one occasion: give another --journal, or --resume to go on with this one",
			j.path, dateTime(j.past.last), int(age.Hours()))
	}
	return nil
}

func openJournal(path string, now occasion) (*journal, error) {
	j := &journal{path: path, occasion: now}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return j, checkDir("--journal", path)
	case err != nil:
		return nil, fileError("--journal", path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file; give another --journal", path)
	}
	return j, j.open(os.O_RDWR)
}

// open opens, locks and reads the file, and removes a torn line from its end. It does not open the file with O_APPEND, because
// Windows cannot truncate such a file.
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
	if j.past, whole, err = readJournal(j.path, j.file, j.occasion); err != nil {
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

// lockFile locks the file itself, so that it is locked under every name. On Windows it locks a file beside it, because a
// lock would keep the run from reading its own journal.
func (j *journal) lockFile() error {
	name := j.path
	if runtime.GOOS == "windows" {
		name += ".lock"
	}
	j.lock = flock.New(name)
	locked, err := j.lock.TryLock()
	if err != nil {
		return j.errNoLocks(err)
	}
	if !locked {
		return fmt.Errorf("journal %s is in use by another run; wait until that run ends or give another --journal", j.path)
	}
	return nil
}

// errNoLocks is the error of a journal on a file system without locks.
func (j *journal) errNoLocks(err error) error {
	return fmt.Errorf("--journal %s cannot be locked (%w); put the journal on a local disk", j.path, err)
}

// begin makes the journal if it is new.
func (j *journal) begin() error {
	if j == nil {
		return nil
	}
	if j.file == nil {
		if err := j.open(os.O_RDWR | os.O_CREATE | os.O_EXCL); err != nil {
			return err
		}
	}
	if !j.past.begun.IsZero() {
		return nil
	}
	err := j.append(record{Event: eventJournal, Occasion: &j.occasion})
	syncDir(filepath.Dir(j.path))
	return err
}
