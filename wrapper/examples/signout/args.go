package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

// sortArgs divides the arguments into files and users. The name of an existing file is a file, even if it looks like a user.
func sortArgs(args []string) (files, users []string, err error) {
	for _, arg := range args {
		named := strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ';' })
		notUser := func(text string) bool { return !namesUser(text) && !looksLikeID.MatchString(text) }
		_, statErr := os.Stat(arg)
		switch {
		case arg == "-", !errors.Is(statErr, fs.ErrNotExist):
			files = append(files, arg)
		case len(named) > 0 && !slices.ContainsFunc(named, notUser):
			users = append(users, named...)
		case strings.ContainsAny(arg, `./\`):
			return nil, nil, fmt.Errorf("there is no file %q; correct its name", arg)
		default:
			return nil, nil, fmt.Errorf("%.60q is not a user ID such as W0123456789, an e-mail address or a file; correct it", arg)
		}
	}
	return files, users, nil
}

// looksLikeID matches texts that stand for users. The errors of runner.UserID say more about them than that there is no such
// file or member.
var looksLikeID = regexp.MustCompile(`^(?i:[UW][A-Z0-9]*[0-9][A-Z0-9]*|@.*|<[@!#].*>|https?://.*)$`)
