package recipes

import (
	"context"
	"log/slog"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

type incidentKey struct{}

// WithIncident names the incident that the calls made with the context belong to.
func WithIncident(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, incidentKey{}, id)
}

// LogIncident is an Observe that logs every request with the incident it belongs to, so that what was done
// about one is found by its name. The lines hold no token, and do not say whom a request is about.
func LogIncident(l *slog.Logger) func(context.Context, wrapper.Attempt) {
	return func(ctx context.Context, a wrapper.Attempt) {
		id, _ := ctx.Value(incidentKey{}).(string)
		wrapper.LogAttempts(l.With("incident", id))(ctx, a)
	}
}
