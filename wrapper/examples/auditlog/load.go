package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// load reads the log and finds the sessions to end.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.InvalidateOptions], error) {
	f, err := s.filter()
	if err != nil {
		return nil, err
	}
	p := newPlan(f, "signout --live "+in.Slack)
	p.report = in.Report
	r := reader{each: p.add}
	switch {
	case len(in.Args) == 0 && !in.Demo:
		return nil, errors.New("no log given; pass a FILE")
	case len(in.Args) == 0:
		err = r.read("sample.jsonl", strings.NewReader(sample))
	}
	for _, path := range in.Args {
		if err == nil {
			err = r.file(in, path)
		}
	}
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return nil, err
	}
	l := p.list()
	if len(in.Args) > 1 {
		for _, name := range r.empty {
			l.Notes = append(l.Notes, name+": no entries.")
		}
	}
	if warnings := r.warnings(); len(warnings) > 0 {
		l.Partial = true
		l.Warnings = append(l.Warnings, warnings...)
	}
	return l, nil
}

// file reads the log in a file.
func (r *reader) file(in *runner.Input, path string) error {
	name, text, err := in.Open(path)
	if _, notID := runner.UserID(path); errors.Is(err, fs.ErrNotExist) && notID == nil {
		return fmt.Errorf("FILE %w; to name a user give --user %s", err, path)
	}
	if err != nil {
		return fmt.Errorf("FILE %w", err)
	}
	before := r.entries
	err = errors.Join(r.read(name, text), text.Close())
	if r.entries == before {
		r.empty = append(r.empty, name)
	}
	return err
}
