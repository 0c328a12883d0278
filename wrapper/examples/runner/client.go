package runner

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// newClient makes the client. It checks what can be checked before the question and the first request.
func (r *run[O]) newClient(ctx context.Context) (err error) {
	token, transport := r.env.Getenv("SLACK_TOKEN"), r.env.Transport
	needsToken := r.opts.Live || token != "" // a dry run can do without
	switch {
	case r.opts.Demo:
		r.embedded = r.Demo(r.list)
		token, transport = "xoxp-test-embedded", r.embedded //nolint:gosec // G101: opens nothing
	case needsToken:
		if err := checkToken(token); err != nil {
			return err
		}
	}
	r.progress = &progress{screen: &r.screen, log: r.log, maxOutage: r.opts.MaxOutage}
	if r.opts.Fleet != "" && r.opts.Live {
		if r.progress.limiter, err = r.fleetLimiter(ctx); err != nil {
			return err
		}
	}
	if r.opts.Verbose {
		r.progress.verbose = wrapper.LogAttempts(slog.New(slog.NewTextHandler(r.err, nil)))
	}
	opts := wrapper.Options{BaseURL: r.opts.apiURL(), Limiter: r.progress, Observe: r.progress.observe}
	if transport != nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	r.client, err = wrapper.New(wrapper.StaticToken(token), opts)
	return err
}

// checkToken refuses a token that Slack would refuse, without quoting it.
func checkToken(token string) error {
	var problem string
	switch {
	case token == "":
		problem = "is empty, not set or not exported; set it to a user token of an Org Owner or Org Admin, xoxp-…"
	case strings.HasPrefix(strings.ToLower(token), "bearer"):
		problem = "begins with Bearer; set it to the token alone"
	case strings.ContainsAny(token, "\r\n"):
		problem = "has a line break; remove it (a file may end with one)"
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'=`, r) }):
		problem = "has a space, a quote, a = or another character that no token has; check how it is set"
	case strings.HasPrefix(token, "xoxb-"), strings.HasPrefix(token, "xoxe.xoxb-"), strings.HasPrefix(token, "xapp-"):
		problem = "is a bot's or an app-level token, which Slack refuses here; set it to a user token of an Org Owner or Org Admin, xoxp-…"
	case strings.HasPrefix(token, "xoxe-"):
		problem = "is a refresh token, xoxe-…; exchange it for an access token, xoxe.xoxp-…, and set it to that"
	default:
		return nil
	}
	return errors.New("SLACK_TOKEN " + problem)
}
