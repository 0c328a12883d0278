package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
)

// sortArgs divides the arguments into files and users. The name of an existing file is a file, even if it looks like a user.
func sortArgs(args []string) (files, users []string) {
	for _, arg := range args {
		named := strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ';' })
		isFile := len(named) == 0 || slices.ContainsFunc(named, func(one string) bool { return !namesUser(one) && !looksLikeID.MatchString(one) })
		if _, err := os.Stat(arg); err == nil || isFile {
			files = append(files, arg)
		} else {
			users = append(users, named...)
		}
	}
	return files, users
}

// looksLikeID matches texts that stand for users. The errors of runner.UserID say more about them than that there is no such
// file or member.
var looksLikeID = regexp.MustCompile(`^(?i:[UW][A-Z0-9]*[0-9][A-Z0-9]*|@.*|<[@!#].*>|https?://.*)$`)
