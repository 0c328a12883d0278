package runner

import (
	"errors"
	"fmt"
	"slices"
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
	MaxOutage   time.Duration `group:"Rarely needed:" placeholder:"TIME" default:"10m" help:"of a list: stop when Slack does not respond for so long (${default})"`
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
	if err := checkDashes(parser.Model.Flags, args); err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
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

// checkDashes refuses what people type or paste in place of two dashes. kong reads -live as the short flags -l, -i, -v and -e.
func checkDashes(flags []*kong.Flag, args []string) error {
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		bare := strings.TrimLeft(name, "-—–")
		known := slices.ContainsFunc(flags, func(f *kong.Flag) bool { return f.Name == bare })
		if known && name != bare && name != "--"+bare {
			return fmt.Errorf("%s: long flags have two dashes; use --%s", name, bare)
		}
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
	case strings.HasPrefix(text, "unexpected argument"):
		text += "; put the flags before or after all arguments"
	case strings.Contains(text, ": expected string value but got"):
		text, _, _ = strings.Cut(text, ":")
		text += " needs a value"
	case strings.Contains(text, "missing unit in duration"):
		text += "; add one, such as 10m"
	}
	return errors.New(text)
}
