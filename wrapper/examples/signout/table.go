package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// table is a CSV with a header, or a plain list without one, as people export them.
type table struct {
	name    string
	header  []string // nil: a plain list
	csv     *csv.Reader
	skipped int // lines in front of what csv reads
}

// row is a line of a table.
type row struct {
	line  int
	cells []string
}

// newTable reads up to the header, which is one where found says so; what separates its columns is found out. Where
// there is none the table is a plain list, and first is what might have been meant as one.
func newTable(name, data string, found func(header []string) bool) (t *table, first []string, err error) {
	if i := strings.IndexByte(data, '\r'); i >= 0 && i < len(data)-1 && !strings.Contains(data, "\n") {
		return nil, nil, fmt.Errorf("%s: its lines end in CR alone, as on old Macs; save it with the line ends of Unix or Windows", name)
	}
	t = &table{name: name}
	data = t.skipComments(data)
	for _, separator := range ",;\t" {
		t.csv = newReader(data, separator)
		header, err := t.csv.Read()
		if err == nil && found(header) {
			t.header = header
			return t, header, nil
		}
		if header = slices.DeleteFunc(header, blank); err == nil && len(header) > len(first) {
			first = header
		}
	}
	t.csv = newReader(data, ',')
	t.csv.Comment = '#' // behind the header of a CSV it may begin what is meant as data
	return t, first, nil
}

func newReader(data string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(data))
	r.Comma = separator
	return r
}

// skipComments drops blank lines and comments.
func (t *table) skipComments(data string) string {
	for data != "" {
		line, rest, _ := strings.Cut(data, "\n")
		if !strings.HasPrefix(line, "#") && !blank(line) {
			break
		}
		data = rest
		t.skipped++
	}
	return data
}

// rows yields every line below the header that is not wholly blank, or what is wrong with it.
func (t *table) rows() iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for {
			cells, err := t.csv.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if !yield(row{}, t.explain(err)) || !errors.Is(err, csv.ErrFieldCount) { // what follows could be taken amiss
					return
				}
				continue
			}
			if !slices.ContainsFunc(cells, func(cell string) bool { return !blank(cell) }) {
				continue
			}
			line, _ := t.csv.FieldPos(0)
			if !yield(row{t.skipped + line, cells}, nil) {
				return
			}
		}
	}
}

func (t *table) at(line int, problem string) error {
	return fmt.Errorf("%s:%d: %s", t.name, line, problem)
}

// explain says where err is and what to do.
func (t *table) explain(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	line := t.skipped + parse.StartLine
	switch miscounted := errors.Is(err, csv.ErrFieldCount); {
	case miscounted && t.header == nil:
		return t.at(line, "more than one field in a plain list; put one ID on each line, or a header with user_id on the first")
	case miscounted:
		return t.at(line, "not as many fields as the header; check its separators and quotes")
	default:
		return t.at(line, "a quote is not closed or not in its place; close it, and double quotes inside quotes")
	}
}

func trim(cell string) string { return strings.Trim(cell, " \t\r\u00a0") }

func blank(cell string) bool { return trim(cell) == "" }

// named finds the column of a header that has one of these names, whatever their case, blanks, hyphens and
// underscores; -1 for none, and an error for two.
func named(header []string, names ...string) (int, error) {
	at := -1
	for i, column := range header {
		if !slices.Contains(names, plain(column)) {
			continue
		}
		if at >= 0 {
			return at, fmt.Errorf("two columns are called %q; leave one, or name another with --column", trim(column))
		}
		at = i
	}
	return at, nil
}

var plainly = strings.NewReplacer(" ", "", "_", "", "-", "", "\u00a0", "")

func plain(column string) string { return plainly.Replace(strings.ToLower(trim(column))) }

// problems are what is wrong with a table, up to a screenful.
type problems struct {
	shown []error
	more  int
}

const mostProblems = 20

func (p *problems) add(err error) {
	if len(p.shown) < mostProblems {
		p.shown = append(p.shown, err)
	} else {
		p.more++
	}
}

// err is nil where there are none.
func (p *problems) err() error {
	if p.more > 0 {
		return errors.Join(append(p.shown, fmt.Errorf("and %d more", p.more))...)
	}
	return errors.Join(p.shown...)
}
