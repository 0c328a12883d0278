package runner

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// rows yields the rows of the report: the columns of the list and of the outcome. A row is valid until the next.
func (r *run[O]) rows() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		columns := r.outcomeColumns()
		row := slices.Clone(r.columns)
		for _, column := range columns {
			row = append(row, column.name)
		}
		if !yield(row) {
			return
		}
		for i, item := range r.list.Items {
			row = append(row[:0], item.Row.Cells()[:len(r.columns)]...)
			o := r.reported(i)
			for _, column := range columns {
				row = append(row, column.cell(item, o))
			}
			if !yield(row) {
				return
			}
		}
	}
}

// writeCSV writes the report. It begins with a byte order mark if it is not ASCII, because Excel takes a file without one for
// an old Windows encoding.
func (r *run[O]) writeCSV(to io.Writer) error {
	b := bufio.NewWriter(to)
	for row := range r.rows() {
		if slices.ContainsFunc(row, func(cell string) bool { return strings.ContainsFunc(cell, beyondASCII) }) {
			_, _ = b.WriteString("\ufeff") // Flush returns the error
			break
		}
	}
	w := csv.NewWriter(b)
	w.Comma = cmp.Or(r.list.Comma, w.Comma)
	for row := range r.rows() {
		for i := range row {
			row[i] = safeCell(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(w.Error(), b.Flush())
}

func beyondASCII(r rune) bool { return r > unicode.MaxASCII }

// formula matches the start of a formula, at the start of a cell or after a semicolon or a comma, because a spreadsheet may
// take either for a separator.
var formula = regexp.MustCompile(`(^|[;,])([ "]*[=+\-@＝＋－＠])`)

// safeCell keeps a cell on one line, and keeps a spreadsheet from evaluating it: the people to sign out may have chosen their
// names, titles and user agents themselves. Numbers stay as they are.
func safeCell(cell string) string {
	cell = printable(Clean(strings.Join(strings.FieldsFunc(cell, func(r rune) bool { return r == '\t' || r == '\r' || r == '\n' }), " ")))
	if !strings.ContainsAny(cell, "=+-@＝＋－＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return formula.ReplaceAllString(cell, "$1'$2")
}
