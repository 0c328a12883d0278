package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// journal records items before and after the call, one JSON object on each line, so that a run that ended
// anyhow can go on. What a method has recorded when it returns outlasts a power cut. The nil journal records
// nothing.
type journal struct {
	path string
	now  occasion
	past history

	mu   sync.Mutex
	file *os.File // nil: begin makes a new one
	lock *flock.Flock
	err  error // of a write: what follows might stand behind half a line
}

// record is a line of a journal.
type record struct {
	Event    string    `json:"event"`
	Time     time.Time `json:"time"`
	Demo     bool      `json:"demo,omitempty"`
	Occasion *occasion `json:"occasion,omitempty"`
	ID       string    `json:"id,omitempty"`
	Outcome  *outcome  `json:"outcome,omitempty"`
}

const (
	eventJournal = "journal" // first line: what the journal is about
	eventStart   = "start"   // an item, before the call
	eventEnd     = "end"     // an item, after the call
)

// journalStart is how every journal starts; what starts otherwise is another kind of file and left alone.
const journalStart = `{"event":"journal",`

// staleAfter is how old the last entry of a journal may be without --resume: one of another occasion would take
// people for out who have signed in again.
const staleAfter = 24 * time.Hour

// occasion is what all runs of a journal have in common. Who is out on one occasion is not on another.
type occasion struct {
	Program string `json:"program"`
	Target  string `json:"target"`             // base URL, or what stands in for it
	About   string `json:"sessions,omitempty"` // which of an item end
}

func (o occasion) String() string {
	if o.About == "" {
		return o.Target
	}
	return o.About + " on " + o.Target
}

// openJournal opens the journal of an occasion for this run alone, where there is one. A new one is made by
// begin, so that a run that never begins leaves nothing behind.
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

// lockFile locks the very file, by whatever name other runs call it. Where locks keep a process from reading its
// own file, it is one beside it.
func (j *journal) lockFile() error {
	name := j.path
	if runtime.GOOS == "windows" {
		name += ".lock"
	}
	j.lock = flock.New(name)
	locked, err := j.lock.TryLock()
	if err != nil {
		return j.unlockable(err)
	}
	if !locked {
		return fmt.Errorf("journal %s is in use by another run; wait for its end or give another --journal", j.path)
	}
	return nil
}

// unlockable is the error of a journal on a file system that has no locks.
func (j *journal) unlockable(err error) error {
	return fmt.Errorf("--journal %s cannot be locked (%w); put the journal on a local disk", j.path, err)
}

// begin makes the journal this run's. Nobody but its owner may read who is out.
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
		return fmt.Errorf("--journal %s cannot be made readable by its owner alone (%w); put the journal on a local disk", j.path, err)
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

// started records that the call for an item is about to be made.
func (j *journal) started(id string) error {
	return j.append(record{Event: eventStart, ID: id})
}

// ended records what the call for an item came to.
func (j *journal) ended(id string, o outcome) error {
	return j.append(record{Event: eventEnd, Time: o.Time, ID: id, Outcome: &o})
}

func (j *journal) append(rec record) error {
	if j == nil {
		return nil
	}
	if rec.Time.IsZero() {
		rec.Time = time.Now()
	}
	rec.Time = rec.Time.UTC().Truncate(time.Millisecond)
	rec.Demo = j.now.Target == embedded
	line, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	if _, err = j.file.Write(append(line, '\n')); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.err = fileError("--journal", j.path, err)
	}
	return j.err
}

// Close lets other runs use the journal.
func (j *journal) Close() error {
	if j == nil || j.file == nil {
		return nil
	}
	return errors.Join(j.file.Close(), j.lock.Close())
}
