package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// load reads the list and the users of the command line.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.ResetOptions], error) {
	files, users, err := sortArgs(in.Args)
	users = append(users, s.User...)
	switch {
	case err != nil:
		return nil, err
	case len(files) > 1:
		return nil, fmt.Errorf("more than one FILE: %s; give one", quoted(files))
	case s.SkipUnknown && s.Members == "":
		return nil, errors.New("--skip-unknown goes with --members: it skips what is not in the member list")
	case len(files)+len(users) == 0 && !in.Demo:
		return nil, errors.New("no users given; pass a FILE or a user ID")
	}
	var directory *members
	if s.Members != "" {
		name, data, err := readAll(in, s.Members)
		if err != nil {
			return nil, fmt.Errorf("--members %w", err)
		}
		if directory, err = readMembers(name, data); err != nil {
			return nil, err
		}
	}
	l := newList(directory)
	l.skipUnknown, l.options = s.SkipUnknown, wrapper.ResetOptions{MobileOnly: s.MobileOnly, WebOnly: s.WebOnly}
	name, data := "sample.csv", sample
	if len(files) > 0 {
		name, data, err = readAll(in, files[0])
	}
	if err == nil && (len(files) > 0 || len(users) == 0) {
		err = l.read(name, data, s.Column)
	}
	for _, user := range users {
		if err == nil {
			err = l.addUser(user)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.list(l), nil
}

// list returns the list for package runner.
func (s *settings) list(l *list) *runner.List[wrapper.ResetOptions] {
	out := &runner.List[wrapper.ResetOptions]{Items: l.users, Header: l.header, Comma: l.comma, Sessions: "all sessions", Out: "signed out", Notes: firstTwenty(l.notes), Warnings: l.warnings}
	switch {
	case s.MobileOnly:
		out.Sessions, out.Out = "mobile sessions only", "signed out (mobile only)"
	case s.WebOnly:
		out.Sessions, out.Out = "web sessions only", "signed out (web only)"
	}
	skipped := 0
	for _, u := range l.users {
		if u.Skip != nil {
			skipped++
		}
	}
	count := fmt.Sprintf("Users in the list: %d.", len(l.users)-skipped)
	if skipped > 0 {
		count += fmt.Sprintf(" Lines that do not name one member: %d.", skipped)
	}
	if len(l.duplicates) > 0 {
		count += fmt.Sprintf(" Duplicates left out: %d%s.", len(l.duplicates), lines(l.duplicates))
	}
	if l.comments > 0 {
		count += fmt.Sprintf(" Comments left out: %d.", l.comments)
	}
	out.Notes = append(out.Notes, count)
	return out
}

// lines returns the numbers of lines for a message: " (lines 3, 7 and 4 more)". It leaves out 0.
func lines(numbers []int) string {
	var shown []string
	for _, n := range numbers {
		if n > 0 && len(shown) < 10 {
			shown = append(shown, strconv.Itoa(n))
		}
	}
	if len(shown) == 0 {
		return ""
	}
	text := " (lines "
	if len(numbers) == 1 {
		text = " (line "
	}
	text += strings.Join(shown, ", ")
	if more := len(numbers) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ")"
}
