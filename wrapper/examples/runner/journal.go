package runner

import (
	"bufio"
	"bytes"
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

// history is what a journal says.
type history struct {
	begun, last time.Time          // of the first and the last entry; zero: the journal is new
	out         map[string]outcome // who is out
	refused     map[string]bool    // whom Slack refused
	open        map[string]bool    // who was in flight when a run ended
	torn        bool               // the last line is not whole
}

// openJournal opens the journal of an occasion for this run alone, where there is one. A new one is made by
// begin, so that a run that never begins leaves nothing behind.
func openJournal(path string, now occasion) (j *journal, err error) {
	j = &journal{path: path, now: now}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return j, tryDir(filepath.Dir(path))
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file; give another --journal", path)
	}
	return j, j.open(os.O_RDWR | os.O_APPEND)
}

// open opens the file, locks it and reads it.
func (j *journal) open(flag int) (err error) {
	j.file, err = os.OpenFile(j.path, flag, 0o600)
	if err != nil {
		return err
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
		err = j.file.Truncate(whole)
	}
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
		return fmt.Errorf("locking the journal: %w", err)
	}
	if !locked {
		return fmt.Errorf("journal %s is in use by another run; wait for its end or give another --journal", j.path)
	}
	return nil
}

// begin makes the journal this run's. Nobody but its owner may read who is out.
func (j *journal) begin() error {
	if j == nil {
		return nil
	}
	if j.file == nil {
		if err := j.open(os.O_RDWR | os.O_APPEND | os.O_CREATE | os.O_EXCL); err != nil {
			return err
		}
	}
	if err := j.file.Chmod(0o600); err != nil && runtime.GOOS != "windows" {
		return err
	}
	if !j.past.begun.IsZero() {
		return nil
	}
	return errors.Join(j.append(record{Event: eventJournal, Occasion: &j.now}), syncDir(filepath.Dir(j.path)))
}

// fresh refuses a journal of another day.
func (j *journal) fresh(now time.Time) error {
	if age := now.Sub(j.past.last); !j.past.begun.IsZero() && age > staleAfter {
		return fmt.Errorf("the last entry of journal %s is of %s, %d hours ago. A journal is for one occasion: give another --journal, or --resume to go on with this one",
			j.path, j.past.last.Local().Format(time.DateTime), int(age.Hours()))
	}
	return nil
}

// readJournal reads what earlier runs of an occasion recorded, and how many bytes of it are whole lines. Only
// the last line can be torn, for each is synced before the next is written.
func readJournal(name string, r io.Reader, now occasion) (h history, whole int64, err error) {
	h.out, h.refused, h.open = map[string]outcome{}, map[string]bool{}, map[string]bool{}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		switch {
		case err != nil && err != io.EOF:
			return h, whole, err
		case len(line) == 0:
			return h, whole, nil
		case n == 1 && !startsJournal(line):
			return h, whole, fmt.Errorf("%s is no journal; give another --journal", name)
		}
		var rec record
		switch torn := json.Unmarshal(line, &rec) != nil; {
		case err == io.EOF:
			h.torn = true
			return h, whole, nil
		case torn:
			if _, err := lines.Peek(1); err == io.EOF {
				h.torn = true
				return h, whole, nil
			}
			return h, whole, fmt.Errorf("%s:%d: no record of a journal; mend the line or give another --journal", name, n)
		}
		if err := h.add(rec, now); err != nil {
			return h, whole, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		whole += int64(len(line))
	}
}

// startsJournal reports whether the first line may be a journal's, torn or whole.
func startsJournal(line []byte) bool {
	n := min(len(line), len(journalStart))
	return bytes.Equal(line[:n], []byte(journalStart[:n]))
}

func (h *history) add(rec record, now occasion) error {
	switch {
	case rec.Event == eventJournal && rec.Occasion != nil:
		if rec.Occasion.Program != now.Program {
			return fmt.Errorf("the journal is of %s, this run of %s; give another --journal", rec.Occasion.Program, now.Program)
		}
		if *rec.Occasion != now {
			return fmt.Errorf("the journal is about %s, this run about %s; give another --journal", *rec.Occasion, now)
		}
		h.begun = rec.Time
	case rec.Event == eventStart && rec.ID != "":
		h.open[rec.ID] = true
	case rec.Event == eventEnd && rec.ID != "" && rec.Outcome != nil:
		delete(h.open, rec.ID)
		h.refused[rec.ID] = rec.Outcome.Status == statusRefused
		if rec.Outcome.Status == statusOut {
			rec.Outcome.Time = rec.Time
			h.out[rec.ID] = *rec.Outcome
		}
	default:
		return errors.New("no record that this version knows; give another --journal")
	}
	h.last = rec.Time
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
		return fmt.Errorf("writing the journal: %w", err)
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
		j.err = fmt.Errorf("writing the journal: %w", err)
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

// tryDir finds out whether files can be made in a directory.
func tryDir(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// syncDir makes the name of a new file outlast a power cut. Windows does so by itself and has no such call.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path) //nolint:gosec // G304: the user names it
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
