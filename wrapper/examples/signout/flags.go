package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// settings are what the command line says.
type settings struct {
	file                string // "" = none, "-" = standard input
	users               []string
	mobileOnly, webOnly bool
	live, gov, yes      bool
	baseURL             string
	concurrency         int
	timeout             time.Duration
	dryRun, verbose     bool
	journal, report     string
}

func (s *settings) flagSet() *flag.FlagSet {
	f := flag.NewFlagSet("signout", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Func("user", "sign out the user with this `ID` as well; may be repeated", func(id string) error {
		if err := checkID(id); err != nil {
			return err
		}
		s.users = append(s.users, id)
		return nil
	})
	f.BoolVar(&s.mobileOnly, "mobile-only", false, "end only the sessions on mobile devices")
	f.BoolVar(&s.webOnly, "web-only", false, "end only the sessions in browsers")
	f.BoolVar(&s.live, "live", false, "sign out for real, with the token in SLACK_TOKEN, after asking")
	f.BoolVar(&s.yes, "yes", false, "with -live, do not ask")
	f.BoolVar(&s.gov, "gov", false, "use GovSlack, "+wrapper.GovSlackBaseURL)
	f.StringVar(&s.baseURL, "base-url", "", "with -live, the `URL` of the Web API in place of "+wrapper.DefaultBaseURL+
		";\nhttp is taken for a loopback host only, such as a test server's")
	f.IntVar(&s.concurrency, "concurrency", 0, "call for `N` users at once; 0 is the library's default")
	f.DurationVar(&s.timeout, "timeout", 0, "stop after this `time`, such as 90m; 0 is never")
	f.BoolVar(&s.dryRun, "dry-run", false, "check the input, tell what would be done and how long it would take, send nothing")
	f.BoolVar(&s.verbose, "v", false, "log every request on standard error")
	f.StringVar(&s.journal, "journal", "", "record in `FILE` who is signed out, and go on from what it records")
	f.StringVar(&s.report, "report", "", "write what became of each user to `FILE` as CSV, in place of what it holds")
	return f
}

func parseFlags(args []string) (settings, error) {
	var s settings
	f := s.flagSet()
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.file = f.Arg(0)
	return s, s.check(f.Args())
}

func (s settings) check(args []string) error {
	switch {
	case len(args) > 1:
		return fmt.Errorf("more than one FILE: %q; give one, and flags before it", args)
	case s.mobileOnly && s.webOnly:
		return errors.New("-mobile-only and -web-only exclude each other; give neither to end all sessions")
	case s.live && s.sample():
		return errors.New("-live needs a FILE or -user: the built-in sample is for the embedded Slack")
	case s.baseURL != "" && !s.live:
		return errors.New("-base-url goes with -live: without it nothing leaves the embedded Slack")
	case s.baseURL != "" && s.gov:
		return errors.New("-base-url and -gov exclude each other; give one")
	case s.concurrency < 0:
		return errors.New("-concurrency is negative; give the number of calls at once, or 0 for the default")
	case s.timeout < 0:
		return errors.New("-timeout is negative; give a time such as 90m, or 0 for none")
	}
	return nil
}

// sample reports whether the built-in sample is to be signed out.
func (s settings) sample() bool { return s.file == "" && len(s.users) == 0 }

// api is the base URL of the Web API.
func (s settings) api() string {
	switch {
	case s.baseURL != "":
		return s.baseURL
	case s.gov:
		return wrapper.GovSlackBaseURL
	}
	return wrapper.DefaultBaseURL
}

// target names where users are signed out, in messages and in the journal. What of a base URL may be
// secret is left out.
func (s settings) target() string {
	if !s.live {
		return embedded
	}
	u, err := url.Parse(s.api())
	if err != nil {
		return "an address that is no URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// sessions names which sessions end, for messages and the journal.
func (s settings) sessions() string {
	switch {
	case s.mobileOnly:
		return "mobile sessions only"
	case s.webOnly:
		return "browser sessions only"
	}
	return "all sessions"
}

func usage(w io.Writer) {
	fmt.Fprint(w, `Signout signs the users of a list out of Slack.

	signout [flags] FILE

FILE is a CSV whose header has a column user_id, or a plain list with one user ID
on each line; "-" is standard input. Without FILE and -user it signs out a
built-in sample. It runs on an embedded Slack, which signs nobody out, unless
-live is given; then the token comes from the environment variable SLACK_TOKEN.

Exit status: 0 all users are signed out, 1 some are not, 2 the command or its
input is wrong and nothing was sent, 3 it stopped early.

`)
	f := new(settings).flagSet()
	f.SetOutput(w)
	f.PrintDefaults()
}
