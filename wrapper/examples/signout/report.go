package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// idsOfReport finds the column of a report with the IDs of the users that it is about; -1 for none. If the list had a column
// user_id of its own, the run that wrote the report added user_id_2.
func idsOfReport(header []string) int {
	at := firstColumn(header, idColumns...)
	for i, column := range header {
		if strings.TrimRight(normal(column), "0123456789") == normal(idColumn) {
			at = i
		}
	}
	return at
}

// earlierReason stands before the reason of the run that wrote a report, which the next report keeps.
const earlierReason = ". The earlier run said: "

// skippedBefore returns why the row of a report has no ID, nil unless the run that wrote the report skipped it. who is the
// column that names the users.
func (l *list) skippedBefore(header, cells []string, who int) *runner.Skip {
	if l.status < 0 || !slices.Contains([]string{notFound, ambiguous}, cells[l.status]) {
		return nil
	}
	flags := "--column NAME"
	if l.members == nil {
		flags = "--members FILE " + flags
	}
	why := fmt.Sprintf("%s is empty, as in the earlier run; fill it in, or if you corrected the address in another column, add %s", header[who], flags)
	if at := slices.Index(header, "error"); at >= 0 && !blank(cells[at]) {
		reason := runner.Clean(cells[at])
		if _, earliest, again := strings.Cut(reason, earlierReason); again {
			reason = earliest
		}
		why += earlierReason + reason
	}
	return &runner.Skip{Status: strings.Clone(cells[l.status]), Why: why}
}
