package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// reader reads logs. It calls each with every entry, or with why it cannot be read.
type reader struct {
	each   func(entry, error)
	goesOn bool // the last page says that another follows
}

// page is what the API answers. An entry has an action instead of entries.
type page struct {
	Entries  []json.RawMessage `json:"entries"`
	Action   json.RawMessage   `json:"action"`
	Metadata struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// read reads one log. It fails where what follows cannot be told apart any more.
func (r *reader) read(name string, text io.Reader) error {
	lines := &lines{from: bufio.NewReader(text)}
	d := json.NewDecoder(lines)
	for {
		d.More() // passes over blank lines
		line := lines.at(d.InputOffset())
		var value json.RawMessage
		err := d.Decode(&value)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("%s:%d: torn: the log ends in the middle of what begins on this line; get it anew, or take that away", name, line)
		case err != nil:
			return fmt.Errorf("%s:%d: not JSON: %w", name, line, err)
		}
		if err := r.value(value, fmt.Sprint("on line ", line)); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

// value reads an entry, an array of entries or a page of them.
func (r *reader) value(value json.RawMessage, where string) error {
	var p page
	entries := []json.RawMessage{value}
	switch err := json.Unmarshal(value, &p); {
	case value[0] == '[':
		if err := json.Unmarshal(value, &entries); err != nil {
			return err
		}
	case err != nil || p.Entries == nil && p.Action == nil:
		return errors.New("neither an entry of the audit log nor a page of them")
	case p.Entries != nil:
		entries, r.goesOn = p.Entries, p.Metadata.NextCursor != ""
	}
	for _, raw := range entries {
		var e entry
		err := json.Unmarshal(raw, &e)
		if err == nil && e.Action == "" {
			err = errors.New("names no action")
		}
		if e.ID == "" {
			e.ID = where
		}
		r.each(e, err)
	}
	return nil
}

// lines knows on which line of a text an offset is. It is asked for ever greater ones.
type lines struct {
	from   io.Reader
	offset int64
	ends   []int64 // of the lines read and not asked for yet
	passed int
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	for i := 0; i < n; {
		end := bytes.IndexByte(p[i:n], '\n')
		if end < 0 {
			break
		}
		i += end + 1
		l.ends = append(l.ends, l.offset+int64(i))
	}
	l.offset += int64(n)
	return n, err
}

func (l *lines) at(offset int64) int {
	for len(l.ends) > 0 && l.ends[0] <= offset {
		l.ends = l.ends[1:]
		l.passed++
	}
	return l.passed + 1
}
