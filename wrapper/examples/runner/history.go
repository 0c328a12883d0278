package runner

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// history is what a journal says.
type history struct {
	begun, last time.Time          // of the first and the last entry; zero: the journal is new
	outcomes    map[string]outcome // the latest of each item; unknown for those in flight when a run ended
	open        map[string]bool    // items in flight when a run ended
	torn        bool               // the last line is not whole
}

// inFlight is the outcome of a call whose end no run has seen.
var inFlight = outcome{Status: statusUnknown, Reason: "in_flight", Error: "in flight when an earlier run ended"}

// readJournal reads what earlier runs of an occasion recorded, and how many bytes of it are whole lines. Only
// the last line can be torn, because each is synced before the next is written.
func readJournal(name string, r io.Reader, now occasion) (h history, whole int64, err error) {
	h.outcomes, h.open = map[string]outcome{}, map[string]bool{}
	defer h.close()
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
		switch broken := json.Unmarshal(line, &rec) != nil; {
		case err == io.EOF:
			h.torn = true
			return h, whole, nil
		case broken:
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
		rec.Outcome.Time = rec.Time
		h.outcomes[rec.ID] = *rec.Outcome
	default:
		return errors.New("no record that this version knows; give another --journal")
	}
	h.last = rec.Time
	return nil
}

// close gives those in flight their outcome.
func (h *history) close() {
	for id := range h.open {
		h.outcomes[id] = inFlight
	}
}
