package runner

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// newClient makes the client, and finds what would keep it from working before anything is asked or sent.
func (r *run[O]) newClient(ctx context.Context) (err error) {
	r.progress = &progress{output: &r.output, maxOutage: r.opts.MaxOutage}
	opts := wrapper.Options{BaseURL: r.opts.api(), Observe: r.progress.attempt}
	token, transport := "xoxp-test-embedded", r.env.Transport //nolint:gosec // G101: opens nothing
	switch {
	case r.opts.Demo:
		r.embedded = r.Demo(r.list)
		transport = r.embedded
	case r.opts.DryRun && r.env.Getenv("SLACK_TOKEN") == "":
	default:
		token = r.env.Getenv("SLACK_TOKEN")
		if err := checkToken(token); err != nil {
			return err
		}
	}
	if r.opts.Fleet != "" && r.opts.Live {
		if opts.Limiter, err = r.shared(ctx); err != nil {
			return err
		}
	}
	if r.opts.Verbose {
		transport = &logged{transport, slog.New(slog.NewTextHandler(r.err, nil))}
	}
	if transport != nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	r.client, err = wrapper.New(wrapper.StaticToken(token), opts)
	return err
}

// checkToken refuses what Slack would, with what to do, and without quoting it.
func checkToken(token string) error {
	var problem string
	switch {
	case token == "":
		problem = "is empty or not set; set it to a user token of an Org Owner or Org Admin, xoxp-…"
	case strings.HasPrefix(strings.ToLower(token), "bearer"):
		problem = "begins with Bearer; set it to the token alone"
	case strings.ContainsAny(token, "\r\n"):
		problem = "has a line break; remove it (a file may end with one)"
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' }):
		problem = "has a blank, a quote or another character that no token has; check how it is set"
	case strings.HasPrefix(token, "xoxb-"), strings.HasPrefix(token, "xoxe.xoxb-"):
		problem = "is a bot's token, xoxb-…, which Slack refuses here; set it to a user token of an Org Owner or Org Admin, xoxp-…"
	case strings.HasPrefix(token, "xapp-"):
		problem = "is an app-level token, xapp-…, which Slack refuses here; set it to a user token of an Org Owner or Org Admin, xoxp-…"
	case strings.HasPrefix(token, "xoxe-"):
		problem = "is a refresh token, xoxe-…; exchange it for an access token, xoxe.xoxp-…, and set it to that"
	default:
		return nil
	}
	return errors.New("SLACK_TOKEN " + problem)
}
