package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// SignOutHandler serves POST /users/{id}/sign-out. The status of its response says what the caller does next; see
// [HTTPStatus]. It authenticates nobody: put it behind a handler that does.
func SignOutHandler(client *wrapper.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users/{id}/sign-out", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second) // shorter than what callers wait for
		defer cancel()
		_, err := client.ResetSessions(ctx, wrapper.ResetOptions{UserID: r.PathValue("id")})
		status := HTTPStatus(err)
		var e *wrapper.Error
		if errors.As(err, &e) {
			slog.WarnContext(ctx, "sign-out failed", "user", r.PathValue("id"), "status", status, "error", e)
			if e.RetryAfter > 0 && status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{ // it fails if the caller is gone
			"signed_out": err == nil,
			"unknown":    wrapper.OutcomeUnknown(err),
			"reason":     wrapper.Reason(err),
		})
	})
	return mux
}

// HTTPStatus returns the status that tells a caller about the result of one user.
func HTTPStatus(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case wrapper.OutcomeUnknown(err):
		return http.StatusBadGateway // may be signed out: repeat
	case wrapper.Retryable(err):
		return http.StatusServiceUnavailable // not signed out: repeat later
	case wrapper.StopsRun(err):
		return http.StatusInternalServerError // no user can be signed out until somebody mends this service
	case errors.Is(err, wrapper.ErrInvalidOptions):
		return http.StatusBadRequest
	case errors.Is(err, wrapper.ErrUserNotFound):
		return http.StatusNotFound
	default:
		return http.StatusUnprocessableEntity // Slack refuses to sign this user out
	}
}
