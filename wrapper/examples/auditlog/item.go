package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// item is a session to end, or an entry that does not say which session to end.
type item = runner.Item[wrapper.InvalidateOptions]

// header names the columns of an entry in the report.
var header = []string{"session_id", "user_id", "name", "email", "entry_time", "ip_address", "user_agent", "action", "entry_id"}

// item returns the session of an entry for the list. All texts of the item share the memory of its row.
func (e *entry) item(session int64) *item {
	id := ""
	if session > 0 {
		id = strconv.FormatInt(session, 10)
	}
	user := e.Actor.User
	row := runner.NewRow(id, user.ID, user.Name, user.Email, e.when(), e.Context.IPAddress, e.Context.UA, e.Action, e.ID)
	cells := row.Cells()
	return &item{
		ID: cells[0], Name: cells[2], Address: cells[3], Row: row,
		Options: wrapper.InvalidateOptions{SessionID: session, UserID: cells[1]},
	}
}

// line returns what the lines of a run call an item.
func line(i *item) string {
	cells := i.Row.Cells()
	user, name, when, address := cells[1], cells[2], cells[4], cells[5]
	if i.Skip != nil {
		return fmt.Sprintf("%.60s  %-12.40s", i.ID, user)
	}
	return strings.TrimRight(fmt.Sprintf("%-14s  %-12s  %-20s  %-15s  %.60s", i.ID, user, when, address, name), " ")
}
