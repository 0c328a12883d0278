package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

const idColumn = "user_id"

// Names of columns as exports and the reports of this program have them, as normal returns them. The address of a report goes
// first, because its list may have addresses of other people too, such as who filled in a form.
var (
	idColumns      = []string{"userid", "slackid", "slackuserid", "slackmemberid", "memberid"}
	addressColumns = []string{"personaddress", "email", "emailaddress", "mail", "useremail", "workemail", "primaryemail", "slackemail"}
	loginColumns   = []string{"user", "uid", "member", "login", "userprincipalname", "upn"} // of IDs, addresses, or neither
	nameColumns    = []string{"fullname", "name", "realname", "displayname", "personname", "username"}
	statusColumns  = []string{"status", "accountstatus"}
)

var (
	remark     = regexp.MustCompile(`[\[(].*$`) // "Email Address [Required]"
	separators = strings.NewReplacer(" ", "", "_", "", "-", "", ".", "", "\u00a0", "")
)

// normal returns the name of a column in lower case, without remarks, blanks, hyphens, dots and underscores.
func normal(column string) string {
	return separators.Replace(strings.ToLower(remark.ReplaceAllString(runner.Clean(column), "")))
}

// onlyColumn finds the one column of a header that has one of these names; -1 for none, and an error for two.
func onlyColumn(header []string, names ...string) (int, error) {
	at := -1
	for i, column := range header {
		switch {
		case !slices.Contains(names, normal(column)):
		case at < 0:
			at = i
		case normal(header[at]) == normal(column):
			return -1, fmt.Errorf("two columns are named %.40q; remove one, or choose another with --column NAME", column)
		default:
			return -1, fmt.Errorf("the columns %.40q and %.40q may both name the users; choose one with --column NAME", header[at], column)
		}
	}
	return at, nil
}

// firstColumn finds the column that has the first of these names that any has; -1 for none.
func firstColumn(header []string, names ...string) int {
	for _, name := range names {
		if at := slices.IndexFunc(header, func(column string) bool { return normal(column) == name }); at >= 0 {
			return at
		}
	}
	return -1
}

// headerCells returns the cells of a line that may be a header. It may begin with # as if it were a comment.
func headerCells(cells []string) []string {
	if begin := runner.Clean(strings.TrimPrefix(cells[0], "#")); begin != "" {
		cells[0] = begin
	}
	for i := range cells {
		cells[i] = runner.Clean(cells[i])
	}
	return cells
}

// isMemberList reports whether a header is that of the member list that Slack exports, and not that of a report.
func isMemberList(header []string) bool {
	has := func(name string) bool { return firstColumn(header, name) >= 0 }
	return has("username") && has("email") && has("billingactive") && has("userid") && !slices.Contains(header, "request_id")
}

// namesUser reports whether a cell holds a user's ID or address.
func namesUser(cell string) bool {
	_, err := runner.UserID(cell)
	return err == nil || addressIn(runner.Clean(cell)) != ""
}

// errNoIDs describes a header without a column of IDs.
func errNoIDs(header []string, column string, members bool) error {
	addresses := firstColumn(header, addressColumns...)
	switch {
	case column != "" && len(header) == 0:
		return fmt.Errorf("no column is named %q: the list has no header; put one on its first line, or leave --column out", column)
	case column != "":
		return fmt.Errorf("no column is named %q; choose one of %s", column, quoted(header))
	case addresses >= 0 && !members:
		return fmt.Errorf("no column is named user_id; to use the e-mail addresses of %.40q add --members FILE, the member list that Slack exports", header[addresses])
	}
	return errors.New("no column is named user_id; choose one of " + quoted(header) +
		" with --column NAME: IDs, or e-mail addresses with --members FILE")
}

// quoted lists names from a file on one line, without control characters.
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%.40q", name)
	}
	return strings.Join(all, ", ")
}
