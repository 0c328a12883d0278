// Signout signs the users of a list out of Slack: all their sessions, or the mobile or the web ones only.
// Run it with -h for how to use it; package runner has what it does besides.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func main() { runner.Main(program()) }

const does = `Sign users out of Slack: those of a list, or those named.

Usage: signout [flags] [FILE | ID ...]`

const argsHelp = `a CSV with a column user_id, or one user ID on each line; "-" is standard input; or user IDs. ` +
	`E-mail addresses take --members.`

const examples = `  signout                                          the demo
  signout --dry-run leavers.csv                    check the list
  signout --live W0123456789                       one user, now
  signout --live --mobile-only W0123456789         a phone is lost
  signout --live --journal 2026-11-24.journal --report out.csv leavers.csv
  signout --live --members members.csv --column "Work e-mail" hr.csv
`

// program is signout for package runner.
func program() runner.Program[wrapper.ResetOptions] {
	s := &settings{}
	return runner.Program[wrapper.ResetOptions]{
		Name:        "signout",
		Method:      slacktest.MethodReset,
		Does:        does,
		Args:        "FILE | ID",
		ArgsHelp:    argsHelp,
		Examples:    examples,
		Item:        "user",
		Out:         "signed out",
		TakesReport: true,
		Flags:       s,
		Load:        s.load,
		Call:        (*wrapper.Client).BulkReset,
		Demo:        demo,
	}
}

// settings are what the command line says to signout alone.
type settings struct {
	User       []string `group:"Whom:" short:"u" placeholder:"ID" help:"this user as well; may be repeated"`
	Members    string   `group:"Whom:" short:"m" placeholder:"FILE" help:"look addresses up in this CSV, Slack's member list"`
	Column     string   `group:"Whom:" placeholder:"NAME" help:"column with the IDs, or with the addresses"`
	MobileOnly bool     `group:"Whom:" xor:"sessions" help:"end the sessions on mobile devices only"`
	WebOnly    bool     `group:"Whom:" xor:"sessions" help:"end the web sessions only, maybe desktop apps too"`
}

// sorted tells files from users, among what the command line names.
func sorted(args []string) (files, users []string) {
	for _, arg := range args {
		_, err := os.Stat(arg)
		if userID.MatchString(arg) || err != nil && strings.Contains(arg, "@") {
			users = append(users, arg)
		} else {
			files = append(files, arg)
		}
	}
	return files, users
}

// load reads the list, and those that the command line names.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.ResetOptions], error) {
	files, users := sorted(in.Args)
	users = append(users, s.User...)
	switch {
	case len(files) > 1:
		return nil, fmt.Errorf("more than one FILE: %q; give one", files)
	case len(files)+len(users) == 0 && !in.Demo:
		return nil, errors.New("no users given; pass a FILE or a user ID")
	}
	var directory members
	if s.Members != "" {
		name, data, err := readAll(in, s.Members)
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

func (s *settings) list(l *list) *runner.List[wrapper.ResetOptions] {
	out := &runner.List[wrapper.ResetOptions]{Header: l.header, About: "all sessions"}
	switch {
	case s.MobileOnly:
		out.About = "mobile sessions only"
	case s.WebOnly:
		out.About = "web sessions only"
	}
	out.Notes = []string{fmt.Sprintf("Users in the list: %d. Duplicates left out: %d.", len(l.users), l.duplicates)}
	out.Items = make([]runner.Item[wrapper.ResetOptions], len(l.users))
	for i, u := range l.users {
		out.Items[i] = runner.Item[wrapper.ResetOptions]{
			ID:      u.ID,
			Name:    u.name,
			Address: u.address,
			Columns: u.columns,
			Options: wrapper.ResetOptions{UserID: u.ID, MobileOnly: s.MobileOnly, WebOnly: s.WebOnly},
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
