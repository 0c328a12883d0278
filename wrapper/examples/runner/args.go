package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// arrange puts arguments behind the flags, wherever they stand, and refuses a long flag with one dash, which kong takes
// for many short ones.
func arrange(flags []*kong.Flag, args []string) (arranged []string, err error) {
	var behind []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			behind = append(behind, args[i+1:]...)
			break
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
		arranged = append(arranged, arg)
		if at >= 0 && !hasValue && !flags[at].IsBool() && i+1 < len(args) {
			i++
			arranged = append(arranged, args[i])
		}
	}
	return slices.Concat(arranged, []string{"--"}, behind), nil
}
