package runner

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// journal records items before and after the call, one JSON object on each line, so that the next run
// can go on, however this one ends. A record is on the disk when its method returns. The nil journal records nothing.
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

// started records that the call for an item is about to be made.
func (j *journal) started(id string) error {
	return j.append(record{Event: eventStart, ID: id})
}

// ended records the outcome of the call for an item.
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
