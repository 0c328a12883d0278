package pace

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docTable returns the rows of a table in a comment of a file: for each event, the state that follows each state. The first row of the table is "event" and the names of the states.
func docTable(t *testing.T, file string, states ...string) map[string][]string {
	t.Helper()
	doc, err := os.ReadFile(file) //nolint:gosec // a file of this package
	require.NoError(t, err)
	rows := map[string][]string{}
	inTable := false
	for line := range strings.Lines(string(doc)) {
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "/\t\n "), "  ") {
			if cell = strings.TrimSpace(cell); cell != "" {
				cells = append(cells, cell)
			}
		}
		switch {
		case strings.Join(cells, " ") == "event "+strings.Join(states, " "):
			inTable = true
		case len(cells) != 1+len(states):
			inTable = false
		case inTable:
			rows[cells[0]] = cells[1:]
		}
	}
	require.NotEmpty(t, rows, "%s has no table of the states %v", file, states)
	return rows
}
