package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// rows yields every line below the header that is not blank, or an error. A row has at least as many cells as the
// header; in a plain list it has one. The cells are valid until the next row.
func (t *table) rows() iter.Seq2[row, error] {
	if t.header == nil {
		return t.plainRows
	}
	return func(yield func(row, error) bool) {
		t.csv.ReuseRecord = true
		for {
			cells, err := t.csv.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(row{}, t.explain(err)) // the quote may hide the next rows
				return
			}
			if !slices.ContainsFunc(cells, func(cell string) bool { return !blank(cell) }) {
				continue
			}
			line, _ := t.csv.FieldPos(0)
			r := row{t.skipped + line, cells}
			if !yield(r, t.fit(&r)) {
				return
			}
		}
	}
}

// fit gives a row the cells that it lacks, because spreadsheets leave out empty cells at its end. They also add some.
func (t *table) fit(r *row) error {
	n := len(t.header)
	if len(r.cells) > n && slices.ContainsFunc(r.cells[n:], func(cell string) bool { return !blank(cell) }) {
		return t.at(r.line, fmt.Sprintf("%d cells, and the header has %d; check the separators and quotes of this line", len(r.cells), n))
	}
	if missing := n - len(r.cells); missing > 0 {
		r.cells = append(r.cells, make([]string, missing)...)
	}
	return nil
}

// plainRows yields the lines of a plain list.
func (t *table) plainRows(yield func(row, error) bool) {
	line := t.skipped
	for text := range strings.Lines(t.data) {
		line++
		if text = strings.TrimSuffix(text, "\n"); isComment(text) {
			t.comments++
			continue
		}
		cells := strings.FieldsFunc(text, separates)
		cells = slices.DeleteFunc(cells, blank)
		if len(cells) > 1 {
			yield(row{}, t.at(line, "more than one field, and no header; put one user on each line, or a header on the first: user_id, or email for --members FILE"))
			return // the other lines are alike
		}
		if len(cells) == 1 && !yield(row{line, []string{unquote(runner.Clean(cells[0]))}}, nil) {
			return
		}
	}
}

// separates reports whether a character separates cells.
func separates(r rune) bool { return strings.ContainsRune(",;\t", r) }

func unquote(cell string) string {
	if len(cell) > 1 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		return cell[1 : len(cell)-1]
	}
	return cell
}
