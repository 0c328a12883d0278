// Signout signs the users of a list out of Slack: all their sessions, or the mobile or the web ones only.
// Run it with -h for how to use it; package runner has what it does besides.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const does = `Signout signs the users of a list out of Slack.

	signout [flags] FILE

FILE is a CSV whose header has a column user_id (userid, "User ID"), separated by
commas, semicolons or tabs, or a plain list with one user ID on each line, in
which lines that begin with # are comments; "-" is standard input. E-mail
addresses in place of IDs take -members. All of the list is checked before the
first user is signed out.
`

const examples = `	signout                                             the demo
	signout -dry-run leavers.csv                        check the list
	signout -live -journal 2026-11-24.journal -report out.csv leavers.csv
	signout -live -members members.csv -column "Work e-mail" hr.csv
	signout -live -mobile-only -user W0123456789        a phone is lost
`

// program is signout for package runner.
func program() runner.Program[wrapper.ResetOptions] {
	s := &settings{}
	return runner.Program[wrapper.ResetOptions]{
		Name:     "signout",
		Method:   slacktest.MethodReset,
		Does:     does,
		Examples: examples,
		Item:     "user",
		Out:      "signed out",
		Flags:    s.flags,
		Load:     s.load,
		Call:     (*wrapper.Client).BulkReset,
		Demo:     demo,
	}
}

// settings are what the command line says to signout alone.
type settings struct {
	users               []string // IDs or addresses
	mobileOnly, webOnly bool
	column, members     string
}

func (s *settings) flags(f *flag.FlagSet) {
	f.Func("user", "sign out the user with this `ID` as well; may be repeated", func(user string) error {
		s.users = append(s.users, user)
		return nil
	})
	f.BoolVar(&s.mobileOnly, "mobile-only", false, "end only the sessions on mobile devices")
	f.BoolVar(&s.webOnly, "web-only", false, "end only the web sessions, which may include desktop apps")
	f.StringVar(&s.column, "column", "", "the column `NAME` of the list has the user IDs, or the addresses with -members")
	f.StringVar(&s.members, "members", "", "look e-mail addresses up in this `FILE`, the member list that Slack exports (CSV)")
}

// load reads the list, and those that the command line names.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.ResetOptions], error) {
	switch {
	case s.mobileOnly && s.webOnly:
		return nil, errors.New("-mobile-only and -web-only exclude each other; give neither to end all sessions")
	case len(in.Files) > 1:
		return nil, fmt.Errorf("more than one FILE: %q; give one", in.Files)
	case len(in.Files)+len(s.users) == 0 && !in.Demo:
		return nil, errors.New("whom? Give a FILE or -user")
	}
	var directory members
	if s.members != "" {
		name, data, err := readAll(in, s.members)
		if err != nil {
			return nil, err
		}
		if directory, err = readMembers(name, data); err != nil {
			return nil, err
		}
	}
	l := newList(directory)
	name, data := "sample.csv", sample
	var err error
	if len(in.Files) > 0 {
		name, data, err = readAll(in, in.Files[0])
	}
	if err == nil && (len(in.Files) > 0 || len(s.users) == 0) {
		err = l.read(name, data, s.column)
	}
	for _, user := range s.users {
		if err == nil {
			err = l.addUser(user)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.list(l), nil
}

func (s *settings) list(l *list) *runner.List[wrapper.ResetOptions] {
	out := &runner.List[wrapper.ResetOptions]{Header: l.header, About: "all sessions"}
	switch {
	case s.mobileOnly:
		out.About = "mobile sessions only"
	case s.webOnly:
		out.About = "web sessions only"
	}
	out.Notes = []string{fmt.Sprintf("Users in the list: %d. Duplicates left out: %d.", len(l.users), l.duplicates)}
	out.Items = make([]runner.Item[wrapper.ResetOptions], len(l.users))
	for i, u := range l.users {
		out.Items[i] = runner.Item[wrapper.ResetOptions]{
			ID:      u.ID,
			Columns: u.columns,
			Options: wrapper.ResetOptions{UserID: u.ID, MobileOnly: s.mobileOnly, WebOnly: s.webOnly},
		}
	}
	return out
}

const maxList = 128 << 20 // bytes; 200,000 users take a tenth

// readAll reads a file whole: before the first request goes out, all of it must be right and its length known.
func readAll(in *runner.Input, path string) (name, data string, err error) {
	name, text, err := in.Open(path)
	if err != nil {
		return name, "", err
	}
	defer func() { _ = text.Close() }()
	var b strings.Builder
	switch n, err := io.Copy(&b, io.LimitReader(text, maxList+1)); {
	case err != nil:
		return name, "", fmt.Errorf("%s: %w", name, err)
	case n > maxList:
		return name, "", fmt.Errorf("%s: longer than %d MiB; is it a list of users?", name, maxList>>20)
	}
	return name, b.String(), nil
}
