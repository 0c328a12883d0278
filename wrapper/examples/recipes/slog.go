package recipes

import (
	"context"
	"log/slog"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

type incidentKey struct{}

// WithIncident returns a context for the calls that belong to an incident.
func WithIncident(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, incidentKey{}, id)
}

// LogIncident returns an Observe that logs every attempt with the incident that its call belongs to. The lines hold no token
// and no user.
func LogIncident(l *slog.Logger) func(context.Context, wrapper.Attempt) {
	return func(ctx context.Context, a wrapper.Attempt) {
		id, _ := ctx.Value(incidentKey{}).(string)
		wrapper.LogAttempts(l.With("incident", id))(ctx, a)
	}
}
