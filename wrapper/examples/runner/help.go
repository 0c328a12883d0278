package runner

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

const exitStatuses = `
Exit status: 0 all are out, 1 some are not or may not be, 2 wrong usage or input,
3 stopped early, 4 nothing to do. With 2 and 4 nothing was sent.
`

// usage prints the help: on one screen, what is needed most first.
func (r *run[O]) usage(w io.Writer) {
	parser := r.parser()
	parser.Model.Positional = nil // Does has them
	var flags bytes.Buffer
	parser.Stdout = &flags
	ctx, err := kong.Trace(parser, nil)
	if err == nil {
		err = ctx.PrintUsage(false)
	}
	if err == nil {
		fmt.Fprintf(w, "%s%s\nExamples:\n%s", bytes.TrimLeft(flags.Bytes(), "\n"), exitStatuses, r.Examples)
	}
}

// Version is stamped by the linker: -ldflags "-X …/wrapper/examples/runner.Version=v1.2.3".
var Version string

// version returns from what the program was built.
func version() string {
	built := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version // of the repository's commit, or (devel)
	}
	return cmp.Or(Version, built) + " " + runtime.Version()
}
