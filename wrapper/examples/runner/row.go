package runner

import "strings"

// Row is the cells of a line of a list. It is one string, because a long list of slices would take twice the memory.
type Row string

const betweenCells = "\xff" // which text in UTF-8 never has

// NewRow returns the row of these cells, which are UTF-8.
func NewRow(cells ...string) Row { return Row(strings.Join(cells, betweenCells)) }

// Cells returns the cells. They share the memory of the row.
func (r Row) Cells() []string { return strings.Split(string(r), betweenCells) }
