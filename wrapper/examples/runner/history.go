package runner

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// history is what earlier runs recorded in a journal.
type history struct {
	begun, last time.Time          // times of the first and the last record; zero if the journal is new
	outcomes    map[string]outcome // the latest of each item
	torn        bool               // the last line is not whole
}

// inFlight is the outcome of an item whose call had not ended when an earlier run ended.
var inFlight = outcome{Status: statusUnknown, Repeat: true, Reason: "in_flight", Error: "in flight when an earlier run ended"}

// journalStart is the start of every journal. A file with another start is no journal, and is left alone.
const journalStart = `{"event":"journal",`

// readJournal reads the journal of an occasion, and returns the length of its whole lines. Only the last line can be torn,
// because each line is on the disk before the next is written.
func readJournal(name string, from io.Reader, now occasion) (h history, whole int64, err error) {
	h.outcomes = map[string]outcome{}
	lines := bufio.NewReader(from)
	if start, _ := lines.Peek(len(journalStart)); !strings.HasPrefix(journalStart, string(start)) {
		return h, 0, fmt.Errorf("%s is no journal; give another --journal", name)
	}
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return h, whole, err
		}
		if len(line) == 0 {
			return h, whole, nil
		}
		var rec record
		if json.Unmarshal(line, &rec) != nil || err == io.EOF {
			if _, err := lines.Peek(1); err == io.EOF {
				h.torn = true
				return h, whole, nil
			}
			return h, whole, fmt.Errorf("%s:%d: not a record of a journal; correct the line or give another --journal", name, n)
		}
		if err := h.add(rec, now); err != nil {
			return h, whole, fmt.Errorf("%s:%d: %w, or another --journal", name, n, err)
		}
		whole += int64(len(line))
	}
}

func (h *history) add(rec record, now occasion) error {
	switch {
	case rec.Event == eventJournal && rec.Occasion != nil && *rec.Occasion == now:
		h.begun = rec.Time
	case rec.Event == eventJournal && rec.Occasion != nil:
		return fmt.Errorf("the journal is of %s, this run is %s; give the flags of that run", *rec.Occasion, now)
	case rec.Event == eventStart && rec.ID != "":
		h.outcomes[rec.ID] = inFlight
	case rec.Event == eventEnd && rec.ID != "" && rec.Outcome != nil:
		rec.Outcome.Time = rec.Time
		h.outcomes[rec.ID] = *rec.Outcome
	default:
		return errors.New("this version does not know such a record; use a newer one")
	}
	h.last = rec.Time
	return nil
}
