package runner

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// settings are the arguments and flags that all programs have.
type settings struct {
	Args []string `arg:"" optional:"" sep:"none"`

	Live   bool `group:"What to do:" xor:"what" help:"do it for real, after asking, with the token in SLACK_TOKEN"`
	DryRun bool `group:"What to do:" xor:"what" short:"n" help:"check the input, list what would end, send nothing"`
	Demo   bool `group:"What to do:" xor:"what" help:"try it on an embedded Slack, as without arguments"`
	Yes    bool `group:"What to do:" short:"y" help:"with --live, do not ask"`

	kong.Plugins // flags of the program

	Journal string `group:"Records:" placeholder:"FILE" help:"record who is out; the same command goes on from there"`
	Resume  bool   `group:"Records:" help:"go on from a journal older than 24 hours"`
	Report  string `group:"Records:" placeholder:"FILE" help:"write the results as CSV; keep older ones as FILE.1, …"`
	JSON    bool   `name:"json" group:"Records:" help:"print the results as lines of JSON"`
	Quiet   bool   `group:"Records:" short:"q" help:"show no progress and no successes"`
	Verbose bool   `group:"Records:" short:"v" help:"log every request on standard error"`

	Timeout     time.Duration `group:"Rarely needed:" placeholder:"TIME" help:"stop after this time, such as 90m"`
	MaxOutage   time.Duration `group:"Rarely needed:" placeholder:"TIME" default:"10m" help:"stop when Slack does not respond for so long (${default})"`
	Concurrency uint          `group:"Rarely needed:" placeholder:"N" help:"calls at once; 0 is the library's default"`
	BaseURL     string        `name:"base-url" group:"Rarely needed:" placeholder:"URL" env:"SLACK_BASE_URL" help:"of the Web API"`
	Gov         bool          `group:"Rarely needed:" help:"use GovSlack"`
	Fleet       string        `group:"Rarely needed:" placeholder:"URL" env:"SLACK_FLEET" help:"share a fixed limit through Redis"`
	Version     versionFlag   `group:"Rarely needed:" help:"print the version"`
	Help        helpFlag      `group:"Rarely needed:" short:"h" help:"print this help"`
}

// parse reads the command line.
func (r *run[O]) parse(args []string) error {
	s := &r.opts
	if r.Flags != nil {
		s.Plugins = kong.Plugins{r.Flags}
	}
	parser, err := kong.New(s,
		kong.Name(r.Name), kong.Description(r.Intro), kong.Vars{"examples": r.Examples},
		kong.Writers(r.env.Stdout, r.env.Stderr), kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{NoAppSummary: true, NoAppDescFormat: true, WrapUpperBound: 90}))
	if err != nil {
		return err
	}
	arranged, err := argsLast(parser.Model.Flags, args)
	if err != nil {
		return err
	}
	if _, err := parser.Parse(arranged); err != nil {
		return usageError(err)
	}
	if len(args) == 0 {
		s.Demo = true
	}
	if !s.Live && !s.Demo && !s.DryRun {
		return errors.New("say what to do: --live does it for real, --dry-run checks the input and sends nothing, --demo does it on an embedded Slack")
	}
	if s.Gov && s.BaseURL != "" {
		return errors.New("--gov and --base-url, or SLACK_BASE_URL in the environment, name two Slacks; give one")
	}
	if _, err := wrapper.New(wrapper.StaticToken(""), wrapper.Options{BaseURL: s.apiURL()}); err != nil {
		return fmt.Errorf("--base-url or SLACK_BASE_URL: %w", err)
	}
	if s.Resume && s.Journal == "" {
		return errors.New("--resume goes with --journal")
	}
	return nil
}

// usageError leaves the flags out that kong suggests for an unknown one, because --live and --yes are among them.
func usageError(err error) error {
	if errors.Is(err, errPrinted) {
		return err
	}
	text, _, _ := strings.Cut(err.Error(), ", did you mean")
	switch {
	case strings.HasPrefix(text, "unknown flag --token"):
		text += "; the token goes into the environment variable SLACK_TOKEN"
	case strings.Contains(text, "missing unit in duration"):
		text += "; add one, such as 10m"
	}
	return errors.New(text)
}

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
