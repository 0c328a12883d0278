package runner

import (
	"errors"
	"net/url"
	"time"

	"github.com/alecthomas/kong"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// settings are what the command line says to every program.
type settings struct {
	Args []string `arg:"" optional:"" sep:"none"`

	Live   bool `group:"What to do:" xor:"what" help:"for real, after asking, with the token in SLACK_TOKEN"`
	DryRun bool `group:"What to do:" xor:"what" short:"n" help:"check the input, list who is meant, send nothing"`
	Demo   bool `group:"What to do:" xor:"what" help:"try it on an embedded Slack, as without arguments"`
	Yes    bool `group:"What to do:" short:"y" help:"with --live, do not ask"`

	kong.Plugins // the program's own flags

	Journal string `group:"Records:" placeholder:"FILE" help:"record who is out; the same command goes on from there"`
	Resume  bool   `group:"Records:" help:"go on from a journal older than 24 hours"`
	Report  string `group:"Records:" placeholder:"FILE" help:"write the results as CSV; keep older ones as FILE.1, …"`
	JSON    bool   `name:"json" group:"Records:" help:"print the results as lines of JSON"`
	Quiet   bool   `group:"Records:" short:"q" help:"show no progress and no successes"`
	Verbose bool   `group:"Records:" short:"v" help:"log every request on standard error"`

	Timeout     time.Duration `group:"Rarely needed:" placeholder:"TIME" help:"stop after this time, such as 90m"`
	MaxOutage   time.Duration `group:"Rarely needed:" placeholder:"TIME" default:"10m" help:"stop when Slack does not respond for so long (${default})"`
	Concurrency uint          `group:"Rarely needed:" placeholder:"N" help:"calls at once; 0 is the library's default"`
	BaseURL     string        `name:"base-url" group:"Rarely needed:" placeholder:"URL" env:"SLACK_BASE_URL" xor:"slack" help:"of the Web API"`
	Gov         bool          `group:"Rarely needed:" xor:"slack" help:"use GovSlack"`
	Fleet       string        `group:"Rarely needed:" placeholder:"URL" env:"SLACK_FLEET" help:"share a fixed limit through Redis"`
	Version     versionFlag   `group:"Rarely needed:" help:"print the version"`
	Help        helpFlag      `group:"Rarely needed:" short:"h" help:"print this help"`
}

// What a flag asks for in place of a run.
type (
	helpFlag    bool
	versionFlag bool
)

var (
	errHelp    = errors.New("help")
	errVersion = errors.New("version")
)

// BeforeReset comes before the rest of the command line is checked.
func (helpFlag) BeforeReset() error { return errHelp }

// BeforeReset comes before the rest of the command line is checked.
func (versionFlag) BeforeReset() error { return errVersion }

func (r *run[O]) parser() *kong.Kong {
	if r.Flags != nil {
		r.opts.Plugins = kong.Plugins{r.Flags}
	}
	parser, err := kong.New(&r.opts,
		kong.Name(r.Name), kong.Writers(r.env.Stdout, r.env.Stderr), kong.NoDefaultHelp(),
		kong.Description(r.Does),
		kong.ConfigureHelp(kong.HelpOptions{NoAppSummary: true, NoAppDescFormat: true, WrapUpperBound: 90}))
	if err != nil {
		panic(err) // a tag is wrong
	}
	return parser
}

// parse reads the command line.
func (r *run[O]) parse(args []string) error {
	parser := r.parser()
	args, err := arrange(parser.Model.Flags, args)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	given := map[string]bool{} // on the command line
	for _, p := range parsed.Path {
		if p.Flag != nil {
			given[p.Flag.Name] = true
		}
	}
	if len(r.opts.Args) == 0 && len(given) == 0 {
		r.opts.Demo = true
	}
	switch s := &r.opts; {
	case !s.Live && !s.Demo && !s.DryRun:
		return errors.New("say what to do: --live does it for real, --dry-run checks the input and sends nothing, --demo does it on an embedded Slack")
	case given["base-url"] && s.Demo:
		return errors.New("--base-url does not go with --demo: nothing leaves the embedded Slack")
	case given["fleet"] && !s.Live:
		return errors.New("--fleet goes with --live")
	case !isURL(s.api()):
		return errors.New("--base-url or SLACK_BASE_URL is no URL; give one such as " + wrapper.DefaultBaseURL)
	case s.Timeout < 0:
		return errors.New("--timeout is negative; give a time such as 90m, or 0 for none")
	case s.Resume && s.Journal == "":
		return errors.New("--resume goes with --journal")
	}
	return nil
}

// api is the base URL of the Web API.
func (s *settings) api() string {
	switch {
	case s.Demo:
		return wrapper.DefaultBaseURL
	case s.BaseURL != "":
		return s.BaseURL
	case s.Gov:
		return wrapper.GovSlackBaseURL
	}
	return wrapper.DefaultBaseURL
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme != "" && u.Host != ""
}

const embedded = "the embedded Slack of the demo"

// target names the Slack whose sessions end, in messages and in the journal. It leaves out user, password and query of
// a base URL, which may be secret.
func (s *settings) target() string {
	if s.Demo {
		return embedded
	}
	u, err := url.Parse(s.api())
	if err != nil {
		return "no URL" // which parse refuses
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// headline is the first line of every run.
func (s *settings) headline() string {
	line := "Live, on " + s.target() + "."
	switch {
	case s.Demo:
		line = "On " + embedded + ": no session really ends. With a list of your own, --live is for real."
	case !s.Live:
		line = "For " + s.target() + "."
	}
	if s.DryRun {
		line += " Dry run: nothing is sent."
		if s.Report != "" {
			line += " No report is written."
		}
	}
	return line
}
