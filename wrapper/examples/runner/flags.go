package runner

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// settings are what the command line says to every program.
type settings struct {
	files                   []string // "-" = standard input
	live, dryRun, demo      bool
	yes, gov                bool
	baseURL, fleet          string
	concurrency             int
	timeout, maxOutage      time.Duration
	journalPath, reportPath string
	resume                  bool
	json, verbose, version  bool
}

func (s *settings) flagSet(name string, own func(*flag.FlagSet)) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	own(f)
	f.BoolVar(&s.live, "live", false, "do it for real, with the token in SLACK_TOKEN, after asking")
	f.BoolVar(&s.dryRun, "dry-run", false, "check the input, tell what would be done and how long it would take, send nothing;\nwith -live check the token's form too")
	f.BoolVar(&s.demo, "demo", false, "do it on an embedded Slack, where no session really ends")
	f.BoolVar(&s.yes, "yes", false, "with -live, do not ask")
	f.BoolVar(&s.gov, "gov", false, "use GovSlack, "+wrapper.GovSlackBaseURL)
	f.StringVar(&s.baseURL, "base-url", "", "the `URL` of the Web API in place of "+wrapper.DefaultBaseURL+
		";\nhttp is taken for a loopback host only, such as a test server's")
	f.StringVar(&s.fleet, "fleet", "", "share the rate limit with other machines through the Redis at this `URL`, redis://HOST:PORT/DB#KEY;\nall that give the same KEY share; without one, all that call the same method at the same Slack do")
	f.IntVar(&s.concurrency, "concurrency", 0, "make `N` calls at once; 0 is the library's default")
	f.DurationVar(&s.timeout, "timeout", 0, "stop after this `time`, such as 90m; 0 is never")
	f.DurationVar(&s.maxOutage, "max-outage", 0, "stop when Slack has not answered for this `time`; 0 is the library's default, negative is at once")
	f.StringVar(&s.journalPath, "journal", "", "record in `FILE` who is out, and go on from what it records; one journal for each occasion")
	f.BoolVar(&s.resume, "resume", false, fmt.Sprintf("go on from a journal although its last entry is older than %.0f hours", staleAfter.Hours()))
	f.StringVar(&s.reportPath, "report", "", "write what became of each to `FILE` as CSV; one that is there is kept as FILE.old")
	f.BoolVar(&s.json, "json", false, "write what became of each to standard output as a line of JSON, and all words to standard error")
	f.BoolVar(&s.verbose, "v", false, "log every request on standard error")
	f.BoolVar(&s.version, "version", false, "tell the version")
	return f
}

// parse takes flags before and after the files.
func (s *settings) parse(f *flag.FlagSet, args []string) error {
	err := f.Parse(args)
	for err == nil && f.NArg() > 0 {
		rest := f.Args()
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			s.files = append(s.files, rest...)
			break
		}
		s.files = append(s.files, rest[0])
		args = rest[1:]
		err = f.Parse(args)
	}
	if err != nil || s.version {
		return err
	}
	if len(s.files) == 0 && f.NFlag() == 0 {
		s.demo = true
	}
	switch {
	case s.live && s.demo:
		return errors.New("-live and -demo exclude each other; give one")
	case !s.live && !s.demo && !s.dryRun:
		return errors.New("say which it is: -live does it for real, -dry-run checks the input and sends nothing, -demo does it on an embedded Slack")
	case s.baseURL != "" && s.demo:
		return errors.New("-base-url does not go with -demo: nothing leaves the embedded Slack")
	case s.baseURL != "" && s.gov:
		return errors.New("-base-url and -gov exclude each other; give one")
	case s.fleet != "" && !s.live:
		return errors.New("-fleet goes with -live")
	case s.concurrency < 0:
		return errors.New("-concurrency is negative; give the number of calls at once, or 0 for the default")
	case s.timeout < 0:
		return errors.New("-timeout is negative; give a time such as 90m, or 0 for none")
	case s.resume && s.journalPath == "":
		return errors.New("-resume goes with -journal")
	}
	return nil
}

// api is the base URL of the Web API.
func (s *settings) api() string {
	switch {
	case s.baseURL != "":
		return s.baseURL
	case s.gov:
		return wrapper.GovSlackBaseURL
	}
	return wrapper.DefaultBaseURL
}

const embedded = "the embedded Slack of the demo"

// target names where sessions end, in messages and in the journal. What of a base URL may be secret is left
// out.
func (s *settings) target() string {
	if s.demo {
		return embedded
	}
	u, err := url.Parse(s.api())
	if err != nil {
		return "an address that is no URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

const exitStatuses = `Without arguments it runs a demo; -live, -dry-run or -demo says what to do with
input of your own. With -live the token comes from the environment variable
SLACK_TOKEN: a user token of an Org Owner or Org Admin with admin.users:write.

A journal is for one occasion. The same command with the same journal skips who
is out and repeats all others, so a crash, kill -9 or Ctrl-C loses nothing. For
the next occasion give another: whoever is out in an old one is not called for.

The first Ctrl-C, SIGTERM or hang-up starts no more calls, waits for those in
flight, and reports. The second Ctrl-C or SIGTERM ends at once.

Exit status:
  0  all are out
  1  some are not or may not be, or the report could not be written
  2  wrong usage or input, or the answer was not yes; nothing was sent
  3  stopped early: signal, -timeout, outage, or a refusal that is the same for all
  4  nothing to do: nothing matched, or all were out before; nothing was sent
`

func (r *run[O]) usage(f *flag.FlagSet) {
	w := r.env.Stdout
	fmt.Fprintf(w, "%s\n%s\nFlags, before or after FILE:\n", r.Does, exitStatuses)
	f.SetOutput(w)
	f.PrintDefaults()
	fmt.Fprintf(w, "\nExamples:\n%s", r.Examples)
}

// version tells from what the program was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	words := []string{info.Main.Version}
	for _, b := range info.Settings {
		if b.Key == "vcs.revision" || b.Key == "vcs.time" {
			words = append(words, b.Value)
		}
	}
	return strings.Join(append(words, info.GoVersion), " ")
}
