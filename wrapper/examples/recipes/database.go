package recipes

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// SignOutsTable makes the table of [SignOutFromDatabase]: one row for each user to sign out. The statuses are
//
//	open    not signed out yet
//	unknown may be signed out, because a call is in flight or gave no verdict
//	out     signed out
//	failed  not signed out, and repeating would not help: the reason says why
const SignOutsTable = `CREATE TABLE sign_outs (
	user_id VARCHAR(32) PRIMARY KEY,
	status  VARCHAR(16) NOT NULL DEFAULT 'open',
	reason  VARCHAR(64) NOT NULL DEFAULT ''
)`

// SignOutFromDatabase signs out the users of the table whose status is open or unknown, and writes each result back as it
// comes. Call it again after a crash, or after an error: it goes on with the users that have no verdict. Rows that failed
// are left alone until somebody sets them to open.
//
// It returns nil if it tried every user, and else why it ended early. It reads a page of users at a time, so it works with
// drivers that allow one statement at a time on a connection. The placeholders are those of SQLite and MySQL; PostgreSQL
// writes $1, $2 and $3.
func SignOutFromDatabase(ctx context.Context, client *wrapper.Client, db *sql.DB) error {
	var failure error
	before := map[int]string{} // statuses of the users in flight, by their position in the input
	users := func(yield func(wrapper.ResetOptions) bool) {
		index, last := 0, ""
		for {
			var page []signOut
			if page, failure = nextPage(ctx, db, last); failure != nil || len(page) == 0 {
				return
			}
			for _, row := range page {
				// The program may crash between the request and its result.
				if failure = write(ctx, db, row.userID, "unknown", "in flight"); failure != nil {
					return
				}
				before[index] = row.status
				index++
				if !yield(wrapper.ResetOptions{UserID: row.userID}) {
					return
				}
				last = row.userID
			}
		}
	}
	for r := range client.BulkReset(ctx, users, wrapper.BulkOptions{}) {
		status := cmp.Or(verdict(r.Err), before[r.Index])
		delete(before, r.Index)
		// A result is written even if ctx has ended. If that fails, the users in flight stay unknown.
		if err := write(context.WithoutCancel(ctx), db, r.Options.UserID, status, wrapper.Reason(r.Err)); err != nil {
			return err
		}
		if wrapper.StopsRun(r.Err) {
			failure = r.Err
		}
	}
	return cmp.Or(failure, ctx.Err())
}

// verdict returns the status that a result gives a user, "" if it leaves the status as it was.
func verdict(err error) string {
	var e *wrapper.Error
	switch {
	case err == nil:
		return "out"
	case wrapper.OutcomeUnknown(err):
		return "unknown"
	case wrapper.Retryable(err), wrapper.StopsRun(err), errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &e) && e.Code == "" && !errors.Is(err, wrapper.ErrInvalidOptions):
		return "" // a proxy's refusal, for example, says nothing about the user
	default:
		return "failed"
	}
}

type signOut struct{ userID, status string }

// nextPage returns up to 100 users without a verdict, in the order of their IDs from the one after last.
func nextPage(ctx context.Context, db *sql.DB, last string) (page []signOut, err error) {
	rows, err := db.QueryContext(ctx, `SELECT user_id, status FROM sign_outs
		WHERE user_id > ? AND status IN ('open', 'unknown') ORDER BY user_id LIMIT 100`, last)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row signOut
		if err := rows.Scan(&row.userID, &row.status); err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

func write(ctx context.Context, db *sql.DB, userID, status, reason string) error {
	_, err := db.ExecContext(ctx, `UPDATE sign_outs SET status = ?, reason = ? WHERE user_id = ?`, status, reason, userID)
	return err
}
