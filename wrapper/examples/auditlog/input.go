package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// reader reads logs, and calls each with every entry.
type reader struct {
	each    func(*entry) // the entry is valid until the next call
	object  object       // the last value, here to save memory
	entries int          // number of entries so far
	pages   int          // number of pages of the Audit Logs API
	cursors int          // number of those that have a next_cursor
	hits    int          // number of entries in pages of Elastic
	total   int          // number of entries that Elastic found
	preview bool         // the last results of Splunk are those of an unfinished search

	failures []string // what failed in searches
	empty    []string // names of logs without entries
}

// place is the position of an entry in its log.
type place struct {
	file string
	line int
	path string // from the value on that line to the entry, in the language of jq
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// at returns the place that path leads to from p.
func (p place) at(path string) place {
	p.path += path
	return p
}

// read reads one log. An array may be longer than memory, so its elements are read one by one.
func (r *reader) read(name string, text io.Reader) error {
	buffer := bufio.NewReader(text)
	start, _ := buffer.Peek(buffer.Size())
	if isCSV(start) {
		return fmt.Errorf("%s:1: the file is CSV and not JSON; export the log as JSON", name)
	}
	w := &window{from: buffer}
	d := json.NewDecoder(w)
	at := place{file: name}
	inArray := bytes.HasPrefix(bytes.TrimSpace(start), []byte("["))
	if inArray {
		_, _ = d.Token() // the [
		at.path = "[]"
	}
	for {
		more := d.More()
		w.pass(d.InputOffset())
		at.line = w.lines + 1
		if inArray && !more {
			if _, err := d.Token(); err != nil {
				return errNotJSON(at, err)
			}
			inArray, at.path = false, ""
			continue
		}
		r.object = object{}
		err := d.Decode(&r.object)
		switch {
		case err == io.EOF && !inArray:
			return nil
		case err != nil && !errors.As(err, new(*json.UnmarshalTypeError)):
			return errNotJSON(at, err)
		}
		passed := w.pass(d.InputOffset())
		value := bytes.TrimLeft(passed, ", \t\r\n")
		at.line += bytes.Count(passed[:len(passed)-len(value)], []byte("\n"))
		if err := r.decoded(value, err, at); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
}

// errNotJSON describes an error of the decoder.
func errNotJSON(at place, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: torn: the log ends in the middle of the entry that begins here; export the log again, or delete that entry", at)
	}
	return fmt.Errorf("%s: not JSON: %w; export the log again, as JSON", at, err)
}

// isCSV reports whether a text that begins with start has cells on its first line and no JSON.
func isCSV(start []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	return !bytes.ContainsAny(first, "{[") && bytes.ContainsAny(first, ",;\t")
}

// value reads an entry, an array of entries, a page of them, or what other programs wrap around these.
func (r *reader) value(value json.RawMessage, at place) error {
	r.object = object{}
	return r.decoded(value, json.Unmarshal(value, &r.object), at)
}

// decoded reads a value that was decoded into the object with err.
func (r *reader) decoded(value json.RawMessage, err error, at place) error {
	if errors.As(err, new(*json.SyntaxError)) { // only of text, because the value around it is JSON
		return errors.New("an entry is wrapped in text that is not JSON; export it as Slack gave it")
	}
	switch value[0] {
	case '[':
		return r.array(value, at.at("[]"))
	case '"':
		return r.text(value, at.at(" | fromjson"))
	}
	o := &r.object
	if inner, field := o.inner(); inner != nil {
		wrapper, entriesBefore := o.envelope, r.entries
		err := r.value(inner, at.at(field))
		r.noteSearch(wrapper, r.entries-entriesBefore)
		return err
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		o.broken = fmt.Errorf("%s is of JSON type %s, unlike in Slack's entries", strings.TrimPrefix(wrong.Field, "entry."), wrong.Value)
	}
	noActor := o.Actor.User.ID == "" && !slices.Contains(fields(value), "actor")
	if o.broken == nil && (o.Action == "" || noActor) {
		return errNoEntry(value, at)
	}
	o.parse(at)
	r.entries++
	r.each(&o.entry)
	return nil
}

func (r *reader) array(value json.RawMessage, at place) error {
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil {
		return err
	}
	for _, element := range list {
		if err := r.value(element, at); err != nil {
			return err
		}
	}
	return nil
}
