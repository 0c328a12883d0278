package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// journal records users before and after the call, one JSON object on each line, so that a run that ended
// anyhow can go on. What a method has recorded when it returns outlasts a power cut. The nil journal records
// nothing.
type journal struct {
	past history

	mu   sync.Mutex
	file *os.File
	lock *flock.Flock
	err  error // of a write: what follows might stand behind half a line
}

// record is a line of a journal.
type record struct {
	Event    string    `json:"event"`
	Time     time.Time `json:"time"`
	Occasion *occasion `json:"occasion,omitempty"`
	User     string    `json:"user,omitempty"`
	Outcome  *outcome  `json:"outcome,omitempty"`
}

const (
	eventJournal = "journal" // first line: what the journal is about
	eventStart   = "start"   // a user, before the call
	eventEnd     = "end"     // a user, after the call
)

// journalStart is how every journal starts; what starts otherwise is another kind of file and left alone.
const journalStart = `{"event":"journal",`

// occasion is what all runs of a journal have in common. A user who is out on one occasion is not on another.
type occasion struct {
	Target   string `json:"target"`   // base URL, or what stands in for it
	Sessions string `json:"sessions"` // which ones end
}

func (o occasion) String() string { return o.Sessions + " on " + o.Target }

// history is what a journal says.
type history struct {
	begun   time.Time          // zero: the journal is new
	out     map[string]outcome // who is signed out
	refused map[string]bool    // whom Slack refused
	open    map[string]bool    // who was in flight when a run ended
	torn    bool               // the last line is not whole
}

// split tells who of a list is signed out, and who is still to do. Those whom Slack refused are, for what
// kept them from being signed out may be mended, but last.
func (h history) split(l *list) (out map[string]outcome, todo []user) {
	out = map[string]outcome{}
	var refused []user
	for _, u := range l.users {
		if o, ok := h.out[u.ID]; ok {
			out[u.ID] = o
		} else if h.refused[u.ID] {
			refused = append(refused, u)
		} else {
			todo = append(todo, u)
		}
	}
	return out, append(todo, refused...)
}

// announce tells what a journal says about a list.
func (h history) announce(name string, l *list, w io.Writer) {
	if h.begun.IsZero() {
		return
	}
	var cut int
	out, todo := h.split(l)
	for _, u := range todo {
		if h.open[u.ID] {
			cut++
		}
	}
	fmt.Fprintf(w, "Journal %s, begun %s: %d of %s signed out already", name, h.begun.Format(time.DateTime+" MST"),
		len(out), plural(len(l.users), "user"))
	if cut > 0 {
		fmt.Fprintf(w, ", %d in flight when a run ended and repeated now", cut)
	}
	if h.torn {
		fmt.Fprint(w, "; its last line is torn and does not count")
	}
	fmt.Fprintln(w, ".")
}

// history is what earlier runs recorded.
func (j *journal) history() history {
	if j == nil {
		return history{}
	}
	return j.past
}

// openJournal opens the journal of an occasion for this run alone, and makes a new one where there is none.
func openJournal(path string, now occasion) (j *journal, err error) {
	lock := flock.New(path + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the journal: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("journal %s is in use by another run; wait for its end or give another -journal", path)
	}
	defer func() {
		if err != nil {
			_ = lock.Close()
		}
	}()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // G304: the user names the file
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	past, whole, err := readJournal(path, file, now)
	if err != nil {
		return nil, err
	}
	if past.torn {
		if err := file.Truncate(whole); err != nil {
			return nil, err
		}
	}
	j = &journal{past: past, file: file, lock: lock}
	if past.begun.IsZero() {
		err = errors.Join(j.append(record{Event: eventJournal, Occasion: &now}), syncDir(filepath.Dir(path)))
	}
	return j, err
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
			return h, whole, fmt.Errorf("%s is no journal of signout; give another -journal", name)
		}
		if err == io.EOF {
			h.torn = true
			return h, whole, nil
		}
		var rec record
		if json.Unmarshal(line, &rec) != nil {
			if _, err := lines.Peek(1); err == io.EOF {
				h.torn = true
				return h, whole, nil
			}
			return h, whole, fmt.Errorf("%s:%d: no record of a journal; mend the line or give another -journal", name, n)
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
		if *rec.Occasion != now {
			return fmt.Errorf("the journal is about %s, this run about %s; give another -journal", *rec.Occasion, now)
		}
		h.begun = rec.Time
	case rec.Event == eventStart && rec.User != "":
		h.open[rec.User] = true
	case rec.Event == eventEnd && rec.User != "" && rec.Outcome != nil:
		delete(h.open, rec.User)
		h.refused[rec.User] = rec.Outcome.Status == statusRefused
		if rec.Outcome.Status == statusOut {
			rec.Outcome.Time = rec.Time
			h.out[rec.User] = *rec.Outcome
		}
	default:
		return errors.New("no record that this version of signout knows; give another -journal")
	}
	return nil
}

// started records that the call for a user is about to be made.
func (j *journal) started(user string) error {
	return j.append(record{Event: eventStart, User: user})
}

// ended records what the call for a user came to.
func (j *journal) ended(user string, o outcome) error {
	return j.append(record{Event: eventEnd, Time: o.Time, User: user, Outcome: &o})
}

func (j *journal) append(rec record) error {
	if j == nil {
		return nil
	}
	if rec.Time.IsZero() {
		rec.Time = time.Now()
	}
	rec.Time = rec.Time.UTC().Truncate(time.Millisecond)
	line, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		j.err = fmt.Errorf("writing the journal: %w", err)
	} else if err := j.file.Sync(); err != nil {
		j.err = fmt.Errorf("writing the journal: %w", err)
	}
	return j.err
}

// Close lets other runs use the journal.
func (j *journal) Close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.file.Close(), j.lock.Close())
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
