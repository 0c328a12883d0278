package runner

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

const exitStatuses = `
Exit status: 0 all done, 1 some not done or perhaps not, 2 wrong usage or input,
3 stopped early, 4 nothing to do. With 2 and 4 nothing was sent.
`

// helpFlag and versionFlag print what they ask for and end the parsing with errPrinted.
type (
	helpFlag    bool
	versionFlag bool
)

var errPrinted = errors.New("help or version is printed")

// BeforeReset is called by kong before it checks the rest of the command line.
func (helpFlag) BeforeReset(ctx *kong.Context, vars kong.Vars) error {
	ctx.Model.Positional = nil // the intro describes them
	to, flags := ctx.Stdout, &bytes.Buffer{}
	ctx.Stdout = flags
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	fmt.Fprintf(to, "%s%s%s\n\nExamples:\n%s", bytes.TrimLeft(flags.Bytes(), "\n"), exitStatuses, signInsGoOn, vars["examples"])
	return errPrinted
}

// BeforeReset is called by kong before it checks the rest of the command line.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, app.Model.Name, version())
	return errPrinted
}

// Version is stamped by the linker: -ldflags "-X …/wrapper/examples/runner.Version=v1.2.3".
var Version string

// version returns the version of the program and of Go.
func version() string {
	built := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version // of the repository's commit, or (devel)
	}
	return cmp.Or(Version, built) + " " + runtime.Version()
}
