package runner

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// journal records items before and after their calls, one JSON object on each line, so that another run can go on however
// this one ends. A record is on the disk when its method returns. A nil journal records nothing.
type journal struct {
	path     string
	occasion occasion
	past     history

	mu   sync.Mutex
	file *os.File // nil until begin makes a new journal
	lock *flock.Flock
	err  error // first failed write; nothing is written after it, because the file may end in half a line
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
	eventJournal = "journal" // first line, with the occasion
	eventStart   = "start"   // before the call for an item
	eventEnd     = "end"     // after the call for an item
)

// occasion is what all runs with a journal have in common. Who is out on one occasion may not be on another.
type occasion struct {
	Program  string `json:"program"`
	Target   string `json:"target"`
	Sessions string `json:"sessions,omitempty"`
}

func (o occasion) String() string {
	if o.Sessions == "" {
		return o.Program + " on " + o.Target
	}
	return o.Program + " for " + o.Sessions + " on " + o.Target
}

// started records that the call for an item is about to begin.
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
	rec.Demo = j.occasion.Target == embedded
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

// Close unlocks the journal for other runs.
func (j *journal) Close() error {
	if j == nil || j.file == nil {
		return nil
	}
	return errors.Join(j.file.Close(), j.lock.Close())
}
