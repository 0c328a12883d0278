package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// table is a CSV with a header, or a plain list without one, as people export them.
type table struct {
	name     string
	header   []string // nil: a plain list
	titled   bool     // other lines than comments stand above the header
	line     int      // of the header, or of the line that is most like one
	comments int      // number of lines left out

	data    string // the lines below the directive
	skipped int    // number of lines above data
	csv     *csv.Reader
}

// row is a line of a table.
type row struct {
	line  int
	cells []string
}

const maxTitles = 20 // lines that are searched for the header

// newTable finds the header, the first line for which found returns true, and the separator of its cells. Lines above it
// may be titles or comments, and it may begin with # itself; a line that names a user is none of these. Without a header
// the table is a plain list, and likely is the line that is most like a header. An error of found ends the search.
func newTable(name, data string, found func(header []string) (bool, error)) (t *table, likely []string, err error) {
	t = &table{name: name}
	data, separators := t.directive(unixLines(data))
	t.data = data
	var marked *table // a header in a comment counts if there is no other
	comments, titles := 0, 0
	for line := t.skipped + 1; data != "" && titles < maxTitles; line++ {
		here := data
		text, rest, _ := strings.Cut(data, "\n")
		data = rest
		if blank(text) {
			continue
		}
		header, cells, err := t.headerOn(line, here, separators, found)
		if header != nil {
			header.comments, header.titled = comments, titles > 0
		}
		switch {
		case isComment(text):
			comments++
			if header != nil {
				marked = header
			}
		case err != nil:
			return nil, nil, t.at(line, err.Error())
		case header != nil:
			return header, header.header, nil
		case slices.ContainsFunc(strings.FieldsFunc(text, separates), func(cell string) bool { return namesUser(unquote(runner.Clean(cell))) }):
			titles = maxTitles
		default:
			titles++
			if len(cells) > len(likely) {
				likely, t.line = cells, line
			}
		}
	}
	if marked != nil {
		return marked, marked.header, nil
	}
	return t, likely, nil
}

// headerOn returns the table whose header is the first line of data, nil if it is none, and the cells of the line. The
// separator is the one for which found returns true, else the one that gives the most cells.
func (t *table) headerOn(line int, data, separators string, found func(header []string) (bool, error)) (header *table, most []string, err error) {
	for _, separator := range separators {
		r := newReader(data, separator)
		cells, err := r.Read()
		if err != nil {
			continue
		}
		cells = headerCells(cells)
		if ok, err := found(cells); err != nil {
			return nil, nil, err
		} else if ok {
			return &table{name: t.name, header: cells, line: line, skipped: line - 1, csv: r}, cells, nil
		}
		if cells = slices.DeleteFunc(cells, blank); len(cells) > len(most) {
			most = cells
		}
	}
	return nil, most, nil
}

// unixLines converts line ends to those of Unix. Excel still writes the CR of old Macs; a program that passed the file
// on may have put an LF at its end.
func unixLines(data string) string {
	data = strings.ReplaceAll(strings.ReplaceAll(data, "\ufeff", ""), "\r\n", "\n")
	if !strings.Contains(strings.TrimRight(data, "\n"), "\n") {
		data = strings.ReplaceAll(data, "\r", "\n")
	}
	return data
}

var separatorLine = regexp.MustCompile(`^"?(?i:sep)=([^\n])"?\n`)

// directive removes the line in which Excel names the separator.
func (t *table) directive(data string) (rest, separators string) {
	found := separatorLine.FindStringSubmatch(data)
	if found == nil || found[1] == `"` {
		return data, ",;\t"
	}
	t.skipped = 1
	return data[len(found[0]):], found[1]
}

// isComment reports whether a line of a plain list is a comment. The error of a formula, such as #N/A, is none, because
// its line would lose a user.
func isComment(line string) bool { return line == "#" || strings.HasPrefix(line, "# ") }

func newReader(data string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(data))
	r.Comma, r.FieldsPerRecord = separator, -1
	return r
}

func (t *table) at(line int, problem string) error {
	return fmt.Errorf("%s:%d: %s", t.name, line, problem)
}

// explain adds the line and the way out to an error of the CSV reader.
func (t *table) explain(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return t.at(t.skipped+parse.StartLine, "a quote is not closed or not in its place; close it, and write a quote inside quotes twice")
}

func blank(cell string) bool { return runner.Clean(cell) == "" }
