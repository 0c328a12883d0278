package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// filter is what the flags say.
func (s *settings) filter() (f filter, err error) {
	f = filter{
		actions: s.Action, agent: strings.ToLower(s.UserAgent), agentPattern: s.UserAgentRegexp,
		since: s.Since.Time, until: s.Until.Time,
	}
	if len(f.actions) == 0 {
		f.actions = []string{"user_login"}
	}
	for _, user := range s.User {
		id, err := runner.UserID(user)
		if err != nil {
			return f, fmt.Errorf("--user: %w", err)
		}
		f.users = append(f.users, id)
	}
	for _, n := range s.IP {
		f.networks = append(f.networks, n.Prefix)
	}
	if !f.until.IsZero() && !f.since.Before(f.until) {
		return f, errors.New("--until is not after --since; nothing could match")
	}
	return f, nil
}

// load reads the log and finds the sessions that are meant.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.InvalidateOptions], error) {
	f, err := s.filter()
	if err != nil {
		return nil, err
	}
	p := newPlan(f)
	if in.Gov {
		p.signout += "--gov "
	}
	r := reader{each: func(e *entry) {
		p.add(e)
		if in.Demo {
			s.world.add(e)
		}
	}}
	switch {
	case len(in.Args) == 0 && !in.Demo:
		return nil, errors.New("no log given; pass a FILE")
	case len(in.Args) == 0:
		if err := r.read("sample.jsonl", strings.NewReader(sample)); err != nil {
			return nil, err
		}
	}
	for _, path := range in.Args {
		name, text, err := in.Open(path)
		if _, notID := runner.UserID(path); errors.Is(err, fs.ErrNotExist) && notID == nil {
			err = fmt.Errorf("%w; to name a user give --user %s", err, path)
		}
		if err != nil {
			return nil, err
		}
		if err := errors.Join(r.read(name, text), text.Close()); err != nil {
			return nil, err
		}
	}
	if err := p.check(s.Action); err != nil {
		return nil, err
	}
	list := p.list()
	for _, m := range []moment{s.Since, s.Until} {
		if m.local != "" {
			list.Notes = append(list.Notes, fmt.Sprintf("%s is taken for a time of this machine's zone: %s.", m.local, m.Format(time.RFC3339)))
		}
	}
	const goesOn = "the log goes on, and what it brings up there is not in this run."
	if r.goesOn {
		list.Warnings = append(list.Warnings, "WARNING: the last page names a next_cursor: "+goesOn+" Get all pages.")
	}
	if r.total > r.hits {
		list.Warnings = append(list.Warnings, fmt.Sprintf("WARNING: Elastic found %d hits and gave %d: %s Search with a size, or page by page.", r.total, r.hits, goesOn))
	}
	return list, nil
}
