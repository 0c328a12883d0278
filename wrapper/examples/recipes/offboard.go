package recipes

import (
	"context"
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

var errNotTried = errors.New("not tried: the run ended before")

// Offboard signs out people who have left. It returns the users whose sign-out Slack did not confirm, and why.
// user_not_found confirms nothing: a token of another organisation finds no user.
//
// Offboard stands for your code: it takes a client, so its test gives it one that talks to slacktest.
func Offboard(ctx context.Context, client *wrapper.Client, userIDs []string) map[string]error {
	open := map[string]error{}
	for _, id := range userIDs {
		open[id] = errNotTried // a run that ends early has no result for the users that it did not take
	}
	users := func(yield func(wrapper.ResetOptions) bool) {
		for _, id := range userIDs {
			if !yield(wrapper.ResetOptions{UserID: id}) {
				return
			}
		}
	}
	for r := range client.BulkReset(ctx, users, wrapper.BulkOptions{}) {
		if r.Err != nil {
			open[r.Options.UserID] = r.Err
			continue
		}
		delete(open, r.Options.UserID)
	}
	return open
}
