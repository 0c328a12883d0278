package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// reader reads logs. It calls each with every entry.
type reader struct {
	each   func(entry)
	goesOn bool // the last page says that another follows
	hits   int  // entries that pages of Elastic have
	total  int  // entries that such a page says there are
}

// read reads one log. It fails where what follows cannot be told apart any more.
func (r *reader) read(name string, text io.Reader) error {
	buffer := bufio.NewReader(text)
	start, _ := buffer.Peek(buffer.Size())
	if isCSV(start) {
		return fmt.Errorf("%s:1: is a CSV and not JSON; export the log as JSON", name)
	}
	lines := &lines{from: buffer}
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
			return fmt.Errorf("%s:%d: not JSON: %w; get the log anew, as JSON", name, line, err)
		}
		if err := r.value(value, fmt.Sprintf("%s:%d", name, line), 0); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

// isCSV reports whether a text that begins so has cells on its first line and no JSON.
func isCSV(start []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	return len(first) > 0 && first[0] != '{' && first[0] != '[' && bytes.ContainsAny(first, ",;\t")
}

// all reads a list of entries. Where one is no entry at all, it is told of as one that names no action.
func (r *reader) all(list []json.RawMessage, where string, depth int) error {
	for _, value := range list {
		var env envelope
		if json.Unmarshal(value, &env) == nil && (env.Entries != nil || env.inner() != nil) {
			if err := r.value(value, where, depth+1); err != nil {
				return err
			}
			continue
		}
		r.each(newEntry(value, where))
	}
	return nil
}

// value reads an entry, an array of entries, a page of them, or what other programs wrap around these.
func (r *reader) value(value json.RawMessage, where string, depth int) error {
	var env envelope
	switch value = bytes.TrimSpace(value); {
	case depth > mostNested:
		return errors.New("an entry is nested too deeply; unwrap it, for instance with jq")
	case value[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return err
		}
		return r.all(list, where, depth)
	case value[0] == '"' && depth > 0:
		return r.text(value, where, depth)
	case value[0] != '{' || json.Unmarshal(value, &env) != nil:
		return errNoEntry(value)
	}
	switch inner := env.inner(); {
	case env.Entries != nil:
		r.goesOn = env.Metadata.NextCursor != ""
		return r.all(env.Entries, where, depth)
	case inner != nil:
		r.count(env)
		return r.value(inner, where, depth+1)
	case env.Action != nil:
		r.each(newEntry(value, where))
		return nil
	}
	return errNoEntry(value)
}
