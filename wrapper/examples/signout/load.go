package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// load reads the list and the users of the command line.
func (s *settings) load(in *runner.Input) (*runner.List[wrapper.ResetOptions], error) {
	files, users := sortArgs(in.Args)
	users = append(users, s.User...)
	for _, name := range files {
		if _, err := os.Stat(name); name != "-" && errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%.60q is not a user ID such as W0123456789, an e-mail address or a file; correct it", name)
		}
	}
	switch {
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

// sortArgs divides the arguments into files and users. The name of an existing file is a file, even if it looks like a user.
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

// looksLikeID matches arguments that are meant as users. Their errors are clearer than that of a file that does not exist.
var looksLikeID = regexp.MustCompile(`^(?i:[UW][A-Z0-9]*[0-9][A-Z0-9]*|@.*|<[@!#].*>|https?://.*)$`)

func (s *settings) list(l *list) *runner.List[wrapper.ResetOptions] {
	out := &runner.List[wrapper.ResetOptions]{Items: l.users, Header: l.header, Sessions: "all sessions", Out: "signed out", Notes: l.notes.lines(), Warnings: l.warnings}
	switch {
	case s.MobileOnly:
		out.Sessions, out.Out = "mobile sessions only", "signed out (mobile only)"
	case s.WebOnly:
		out.Sessions, out.Out = "web sessions only", "signed out (web only)"
	}
	count := fmt.Sprintf("Users in the list: %d.", len(l.users)-l.unknown)
	if l.unknown > 0 {
		count += fmt.Sprintf(" Lines that do not name one member: %d.", l.unknown)
	}
	count += fmt.Sprintf(" Duplicates left out: %d%s.", len(l.duplicates), lines(l.duplicates))
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

const maxList = 128 << 20 // bytes; 200,000 users take a tenth

// readAll reads a whole file, because the list is checked before the first request. A file that is not UTF-8 is read as
// Windows-1252, in which Excel writes a plain CSV.
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
