package recipes

import (
	"context"
	"errors"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

var errNotTried = errors.New("not tried: the run ended before")

// Offboard signs out people who have left, and returns who may still be signed in, and why. It stands for a
// program of one's own: what it takes is a client, and so its test gives it one that talks to slacktest.
func Offboard(ctx context.Context, client *wrapper.Client, userIDs []string) map[string]error {
	open := map[string]error{}
	for _, id := range userIDs {
		open[id] = errNotTried // a run that ends early has no result for those it did not take
	}
	users := func(yield func(wrapper.ResetOptions) bool) {
		for _, id := range userIDs {
			if !yield(wrapper.ResetOptions{UserID: id}) {
				return
			}
		}
	}
	for r := range client.BulkReset(ctx, users, wrapper.BulkOptions{}) {
		switch {
		case r.Err == nil, errors.Is(r.Err, wrapper.ErrUserNotFound): // who has no account is not signed in
			delete(open, r.Options.UserID)
		default:
			open[r.Options.UserID] = r.Err
		}
	}
	return open
}
