package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// load reads the list, and those that the command line names.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.ResetOptions], error) {
	files, users := sortArgs(in.Args)
	users = append(users, s.User...)
	for _, name := range files {
		if _, err := os.Stat(name); name != "-" && errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%.60q is no user ID such as W0123456789, no e-mail address and no file; correct it", name)
		}
	}
	switch {
	case len(files) > 1:
		return nil, fmt.Errorf("more than one FILE: %s; give one", quoted(files))
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

// sortArgs tells files from users among the arguments. A file that is there is a file, whatever its name.
func sortArgs(args []string) (files, users []string) {
	for _, arg := range args {
		named := strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ';' })
		isFile := len(named) == 0 || slices.ContainsFunc(named, func(one string) bool { return !namesUser(one) && !looksLikeID.MatchString(one) })
		if _, err := os.Stat(arg); err == nil || isFile {
			files = append(files, arg)
		} else {
			users = append(users, named...)
		}
	}
	return files, users
}

// looksLikeID matches what is refused as a user ID with better words than as a file that is not there.
var looksLikeID = regexp.MustCompile(`^(?i:[UW][A-Z0-9]*[0-9][A-Z0-9]*|@.*|<[@!#].*>|https?://.*)$`)

func (s *settings) list(l *list) *runner.List[wrapper.ResetOptions] {
	out := &runner.List[wrapper.ResetOptions]{Items: l.users, Header: l.header, Sessions: "all sessions", Out: "signed out", Notes: l.notes.lines()}
	switch {
	case s.MobileOnly:
		out.Sessions, out.Out = "mobile sessions only", "signed out (mobile only)"
	case s.WebOnly:
		out.Sessions, out.Out = "web sessions only", "signed out (web only)"
	}
	count := fmt.Sprintf("Users in the list: %d. Duplicates left out: %d.", len(l.users), l.duplicates)
	if l.comments > 0 {
		count += fmt.Sprintf(" Comments left out: %d.", l.comments)
	}
	out.Notes = append(out.Notes, count)
	return out
}

const maxList = 128 << 20 // bytes; 200,000 users take a tenth

// readAll reads a file whole: before the first request goes out, all of it must be right and its length known. What is
// no UTF-8 is taken for Windows-1252, in which Excel writes a plain CSV.
func readAll(in *runner.Input, path string) (name, data string, err error) {
	name, text, err := in.Open(path)
	if err != nil {
		return name, "", err
	}
	defer func() { _ = text.Close() }()
	var b strings.Builder
	if info, err := os.Stat(path); err == nil && info.Size() <= maxList {
		b.Grow(int(info.Size()))
	}
	switch n, err := io.Copy(&b, io.LimitReader(text, maxList+1)); {
	case err != nil:
		return name, "", fmt.Errorf("%s: %w", name, err)
	case n > maxList:
		return name, "", fmt.Errorf("%s: longer than %d MiB; is it a list of users?", name, maxList>>20)
	}
	if utf8.ValidString(b.String()) {
		return name, b.String(), nil
	}
	data, err = charmap.Windows1252.NewDecoder().String(b.String())
	return name, data, err
}
