package runner

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// personColumn is a column of the report for what no column of the list holds.
type personColumn[O any] struct {
	name string
	of   func(Item[O]) string
}

func (r *run[O]) personColumns() []personColumn[O] {
	columns := []personColumn[O]{
		{"person_name", func(item Item[O]) string { return item.Name }},
		{"person_address", func(item Item[O]) string { return item.Address }},
	}
	return slices.DeleteFunc(columns, func(c personColumn[O]) bool {
		return !slices.ContainsFunc(r.list.Items, func(item Item[O]) bool {
			value := c.of(item)
			return value != "" && !slices.ContainsFunc(item.Columns, func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), value) })
		})
	})
}

// formula matches what begins a formula, at the start of a cell or behind a semicolon, which separates cells in some
// countries.
var formula = regexp.MustCompile(`(^|;)([ "]*[=+\-@＝＋－＠])`)

// harmless keeps a cell on one line and a spreadsheet from taking it for a formula: names, titles and user agents may be
// chosen by the very people who are to be signed out. Numbers stay as they are.
func harmless(cell string) string {
	cell = printable(strings.Join(strings.FieldsFunc(cell, func(r rune) bool { return r == '\t' || r == '\r' || r == '\n' }), " "))
	if !strings.ContainsAny(cell, "=+-@＝＋－＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return formula.ReplaceAllString(cell, "$1'$2")
}

// writeCSV writes a line for each item: the columns of the list, the person, and the outcome.
func (r *run[O]) writeCSV(to io.Writer) error {
	buffer := bufio.NewWriter(to)
	if !r.ascii() {
		_, _ = buffer.WriteString("\ufeff") // Excel takes what has none for an old Windows encoding; Flush has the error
	}
	w := csv.NewWriter(buffer)
	write := func(cells []string) error {
		for c := range cells {
			cells[c] = harmless(cells[c])
		}
		return w.Write(cells)
	}
	people := r.personColumns()
	cells := slices.Clone(r.columns)
	for _, column := range people {
		cells = append(cells, column.name)
	}
	if err := write(append(cells, r.ownColumns()...)); err != nil {
		return err
	}
	for i, item := range r.list.Items {
		cells = append(cells[:0], item.Columns[:len(r.columns)]...)
		for _, column := range people {
			cells = append(cells, column.of(item))
		}
		if err := write(append(cells, r.cells(i)...)); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(w.Error(), buffer.Flush())
}

// cells are those of the ownColumns.
func (r *run[O]) cells(i int) []string {
	o := r.reported(i)
	attempts := ""
	if o.Attempts > 0 {
		attempts = strconv.Itoa(o.Attempts)
	}
	cells := []string{string(o.Status), o.Reason, o.Error, attempts, o.RequestID, o.when()}
	if r.list.About != "" {
		cells = slices.Insert(cells, 1, r.list.About)
	}
	return cells
}

// ascii reports whether the report needs no other characters.
func (r *run[O]) ascii() bool {
	ascii := func(s string) bool {
		return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b > unicode.MaxASCII })
	}
	for i, item := range r.list.Items {
		if !ascii(item.Name) || !ascii(item.Address) || !ascii(r.outcomes[i].Error) || slices.ContainsFunc(item.Columns, func(s string) bool { return !ascii(s) }) {
			return false
		}
	}
	return !slices.ContainsFunc(r.columns, func(s string) bool { return !ascii(s) })
}
