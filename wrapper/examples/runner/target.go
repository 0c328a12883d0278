package runner

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// isSlack reports whether the Web API at a URL is Slack's.
func isSlack(apiURL string) bool {
	u, err := url.Parse(apiURL)
	return err == nil && (strings.HasSuffix("."+u.Hostname(), ".slack.com") || strings.HasSuffix("."+u.Hostname(), ".slack-gov.com"))
}

// apiURL returns the base URL of the Web API.
func (s *settings) apiURL() string {
	switch {
	case s.Gov:
		return wrapper.GovSlackBaseURL
	case s.Demo: // the embedded Slack takes any
		return wrapper.DefaultBaseURL
	default:
		return cmp.Or(s.BaseURL, wrapper.DefaultBaseURL)
	}
}

const embedded = "the embedded Slack of the demo"

// target names the Slack whose sessions end, in messages and in the journal.
func (s *settings) target() string {
	if s.Demo {
		return embedded
	}
	return s.apiURL()
}

// headline returns the first line of every run.
func (s *settings) headline() string {
	switch {
	case s.Demo:
		return "On " + embedded + ": no session really ends. With a list of your own, --live is for real."
	case s.Live:
		return "Live, on " + s.target() + "."
	case s.Report != "":
		return "For " + s.target() + ". Dry run: nothing is sent. No report is written."
	default:
		return "For " + s.target() + ". Dry run: nothing is sent."
	}
}

// slackFlags returns the flags with which another command uses the same Slack.
func (s *settings) slackFlags() string {
	switch {
	case s.Gov:
		return "--gov "
	case s.BaseURL != "":
		return "--base-url " + s.BaseURL + " "
	default:
		return ""
	}
}
