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

// place is where a value is.
type place struct {
	line  string // with the file
	path  string // from there, in the language of jq; "" = the value begins there
	depth int    // number of wrappers around it
}

// step returns the place of what a path leads to.
func (p place) step(path string) place {
	p.path += path
	return p
}

// within returns the place of what is wrapped.
func (p place) within(path string) place {
	p.depth++
	return p.step(path)
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
		if err := r.value(value, place{line: fmt.Sprintf("%s:%d", name, line)}); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

// isCSV reports whether a text that begins so has cells on its first line and no JSON.
func isCSV(start []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	return !bytes.ContainsAny(first, "{[") && bytes.ContainsAny(first, ",;\t")
}

// value reads an entry, an array of entries, a page of them, or what other programs wrap around these.
func (r *reader) value(value json.RawMessage, at place) error {
	value = bytes.TrimSpace(value)
	switch {
	case value[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return err
		}
		return r.all(list, at.step("[]"))
	case value[0] == '"' && at.depth > 0:
		return r.text(value, at)
	case value[0] != '{':
		return errNoEntry(value)
	}
	o := object{}
	err := json.Unmarshal(value, &o)
	if wrapped, err := r.unwrap(o, at); wrapped {
		return err
	}
	if err := errFlattened(o, value); err != nil {
		return err
	}
	if o.Action == "" {
		return errNoEntry(value)
	}
	o.read(at, err)
	r.each(o.entry)
	return nil
}

// all reads a list of entries. What is no entry at all is told of as one that names no action.
func (r *reader) all(list []json.RawMessage, at place) error {
	for _, value := range list {
		o := object{}
		err := json.Unmarshal(value, &o)
		if wrapped, err := r.unwrap(o, at); err != nil {
			return err
		} else if wrapped {
			continue
		}
		if err := errFlattened(o, value); err != nil {
			return err
		}
		o.read(at, err)
		r.each(o.entry)
	}
	return nil
}

// unwrap reads what an object wraps, and reports whether it wraps anything.
func (r *reader) unwrap(o object, at place) (bool, error) {
	inner, field := o.inner()
	switch {
	case inner == nil && o.Entries == nil:
		return false, nil
	case at.depth == mostNested:
		return true, errors.New("an entry is nested too deeply; unwrap it, for instance with jq")
	case o.Entries != nil:
		r.goesOn = o.Metadata.NextCursor != ""
		return true, r.all(o.Entries, at.within(".entries[]"))
	}
	r.count(o.envelope)
	return true, r.value(inner, at.within(field))
}
