package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// user is a user of an input.
type user struct {
	ID      string
	columns []string // of its line
}

const idColumn = "user_id"

// input reads users from a CSV with a header or from a plain list, one at a time.
type input struct {
	name    string
	header  []string
	column  int // of the IDs
	csv     *csv.Reader
	skipped int      // lines in front of what csv reads
	plain   bool     // a list without a header
	first   []string // line of a plain list, read already
	broken  bool     // what follows could be taken amiss
}

// newInput reads up to the header. Messages call the input name.
func newInput(name string, r io.Reader) (*input, error) {
	in := &input{name: name, header: []string{idColumn}}
	rest, err := in.skipComments(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in.csv = csv.NewReader(rest)
	first, err := in.csv.Read()
	if errors.Is(err, io.EOF) {
		return in, nil
	}
	if err != nil {
		return nil, in.explain(err)
	}
	isID := func(column string) bool { return strings.EqualFold(trim(column), idColumn) }
	in.column = slices.IndexFunc(first, isID)
	switch {
	case in.column >= 0 && slices.ContainsFunc(first[in.column+1:], isID):
		return nil, in.at(1, "two columns are called user_id; leave one")
	case in.column >= 0:
		in.header = first
	case len(first) > 1:
		return nil, in.at(1, "no column is called user_id; give the column of the IDs that name")
	default:
		in.column, in.first, in.plain = 0, first, true
		in.csv.Comment = '#'
	}
	return in, nil
}

// skipComments drops a byte order mark, blank lines and comments. Behind the header of a CSV a # may begin
// what is meant as data, so there csv knows no comments.
func (in *input) skipComments(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	for {
		line, err := b.ReadString('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		if comment := strings.HasPrefix(line, "#"); !comment && strings.Trim(line, " \t\r\n") != "" {
			return io.MultiReader(strings.NewReader(line), b), nil
		}
		if err == io.EOF {
			return b, nil
		}
		in.skipped++
	}
}

// users yields every user, or what is wrong with its line. Lines that are wholly blank are passed over.
func (in *input) users() iter.Seq2[user, error] {
	return func(yield func(user, error) bool) {
		for {
			u, err := in.user()
			if errors.Is(err, io.EOF) || !yield(u, err) {
				return
			}
		}
	}
}

func (in *input) user() (user, error) {
	for {
		record, err := in.record()
		switch {
		case errors.Is(err, io.EOF):
			return user{}, err
		case err != nil:
			in.broken = !errors.Is(err, csv.ErrFieldCount)
			return user{}, in.explain(err)
		case !slices.ContainsFunc(record, func(field string) bool { return trim(field) != "" }):
			continue
		}
		u := user{ID: trim(record[in.column]), columns: record}
		if err := checkID(u.ID); err != nil {
			line, _ := in.csv.FieldPos(in.column)
			return user{}, in.at(line, err.Error())
		}
		return u, nil
	}
}

func (in *input) record() ([]string, error) {
	if in.broken {
		return nil, io.EOF
	}
	if first := in.first; first != nil {
		in.first = nil
		return first, nil
	}
	return in.csv.Read()
}

func (in *input) at(line int, problem string) error {
	return fmt.Errorf("%s:%d: %s", in.name, in.skipped+line, problem)
}

// explain says where err is and what to do.
func (in *input) explain(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	switch miscounted := errors.Is(err, csv.ErrFieldCount); {
	case miscounted && in.plain:
		return in.at(parse.StartLine, "more than one field in a plain list; put one ID on each line, or a header with user_id on the first")
	case miscounted:
		return in.at(parse.StartLine, "not as many fields as the header; check its commas and quotes")
	default:
		return in.at(parse.StartLine, "a quote is not closed or not in its place; close it, and double quotes inside quotes")
	}
}

func trim(field string) string { return strings.Trim(field, " \t") }

var userID = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

// checkID refuses what would only cost a request: addresses, names, headers.
func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("user_id is empty; fill it in or take the line out")
	case !userID.MatchString(id):
		return fmt.Errorf("%.40q is no user ID; give one such as W0123456789 (for an e-mail address, users.lookupByEmail knows it)", id)
	}
	return nil
}

// list is who is to be signed out.
type list struct {
	header     []string
	users      []user // each once, as they first came
	duplicates int
}

func (l *list) add(u user, known map[string]bool) {
	if known[u.ID] {
		l.duplicates++
		return
	}
	known[u.ID] = true
	l.users = append(l.users, u)
}

const mostProblems = 20 // shown of one input

// readList reads an input whole: before the first request goes out, all of it must be right and its length
// known. IDs given besides come last.
func readList(name string, r io.Reader, besides []string) (*list, error) {
	in, err := newInput(name, r)
	if err != nil {
		return nil, err
	}
	l, known := &list{header: in.header}, map[string]bool{}
	var problems []error
	for u, err := range in.users() {
		if err == nil {
			l.add(u, known)
		} else if problems = append(problems, err); len(problems) == mostProblems {
			break
		}
	}
	if problems != nil {
		return nil, errors.Join(problems...)
	}
	for _, id := range besides {
		columns := make([]string, len(in.header))
		columns[in.column] = id
		l.add(user{ID: id, columns: columns}, known)
	}
	if len(l.users) == 0 {
		return nil, fmt.Errorf("%s: no users in it", name)
	}
	return l, nil
}
