package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// argsLast moves arguments behind the flags, because kong refuses arguments with a flag between them. It refuses a long flag
// with one dash, which kong reads as many short flags.
func argsLast(flags []*kong.Flag, args []string) ([]string, error) {
	var front, behind []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			behind = append(behind, args[i+1:]...)
			break
		}
		if strings.HasPrefix(arg, "—") || strings.HasPrefix(arg, "–") {
			return nil, fmt.Errorf("%s begins with a long dash, perhaps copied from a text; write -- in its place", quote(arg))
		}
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			behind = append(behind, arg)
			continue
		}
		name, _, hasValue := strings.Cut(arg, "=")
		at := slices.IndexFunc(flags, func(f *kong.Flag) bool {
			return strings.TrimLeft(name, "-") == f.Name || name == "-"+string(f.Short)
		})
		if at >= 0 && name == "-"+flags[at].Name {
			return nil, fmt.Errorf("%s: long flags have two dashes; use -%s", name, name)
		}
		front = append(front, arg)
		if at >= 0 && !hasValue && !flags[at].IsBool() {
			if i++; i == len(args) {
				return nil, fmt.Errorf("%s needs a value", arg)
			}
			front = append(front, args[i])
		}
	}
	return slices.Concat(front, []string{"--"}, behind), nil
}
