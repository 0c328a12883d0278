package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

func (s settings) readFiles(stdin io.Reader, each func(entry, error)) error {
	if len(s.files) == 0 {
		return readLog(strings.NewReader(sample), each)
	}
	for _, name := range s.files {
		if err := readFile(name, stdin, each); err != nil {
			return err
		}
	}
	return nil
}

func readFile(name string, stdin io.Reader, each func(entry, error)) error {
	if name == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(name) //nolint:gosec // G304: the user names the file
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		stdin = f
	}
	if err := readLog(bufio.NewReader(stdin), each); err != nil {
		return fmt.Errorf("%s: %w; nothing was sent", name, err)
	}
	return nil
}

// readLog calls each with every entry, or with why it cannot be read. It fails where what follows cannot
// be told apart any more.
func readLog(r io.Reader, each func(entry, error)) error {
	d := json.NewDecoder(r)
	for n := 1; ; n++ {
		start := d.InputOffset()
		var value json.RawMessage
		if err := d.Decode(&value); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("value %d, from byte %d on: not JSON: %w", n, start, err)
		}
		var page struct {
			Entries []json.RawMessage `json:"entries"`
			Action  json.RawMessage   `json:"action"`
		}
		if err := json.Unmarshal(value, &page); err != nil || page.Entries == nil && page.Action == nil {
			return fmt.Errorf("value %d, from byte %d on: neither an entry of the audit log nor a page of them", n, start)
		}
		if page.Entries == nil {
			page.Entries = []json.RawMessage{value}
		}
		for _, raw := range page.Entries {
			var e entry
			err := json.Unmarshal(raw, &e)
			if err == nil && e.Action == "" {
				err = errors.New("names no action")
			}
			if e.ID == "" {
				e.ID = fmt.Sprint("in value ", n)
			}
			each(e, err)
		}
	}
}
