package runner

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// userID matches what people copy from Slack: an ID, a mention, the URL of a profile.
var userID = regexp.MustCompile(`^(?:` +
	`@?([UW][A-Z0-9]+)` +
	`|<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>` +
	`|(?:https?://)?[A-Za-z0-9.-]+\.slack(?:-gov)?\.com/(?:\S*/)?(?:team|\w*profile)/([UW][A-Z0-9]+)/?(?:[?#]\S*)?` +
	`)$`)

// spreadsheetError matches the result of a formula that failed, in English and in other languages.
var spreadsheetError = regexp.MustCompile(`^#\p{Lu}[\p{Lu}0-9/_]*[!?]?$`)

// UserID returns the user ID in text: an ID such as W0123456789, a mention such as <@W0123456789>, or the URL of a profile.
// The error says what text is instead, and what to do.
func UserID(text string) (string, error) {
	text = Clean(text)
	if isID(text) {
		return text, nil
	}
	if found := userID.FindStringSubmatch(text); found != nil {
		return found[1] + found[2] + found[3], nil
	}
	switch {
	case text == "":
		return "", errors.New("the user ID is missing; fill it in or remove the line")
	case strings.HasPrefix(text, "#") && (!spreadsheetError.MatchString(text) || userID.MatchString(text[1:])):
		return "", fmt.Errorf(`%s is no user ID; begin a comment with "# "`, quote(text))
	case strings.HasPrefix(text, "#"):
		return "", fmt.Errorf("%s is the error of a spreadsheet's formula; put the user ID in its place", quote(text))
	case strings.Contains(text, "@") && !strings.ContainsAny(text[:1], "@<"):
		return "", fmt.Errorf("%s is an e-mail address and no user ID, such as W0123456789; put one in its place", quote(text))
	case userID.MatchString(strings.ToUpper(text)) && strings.ContainsAny(text, "0123456789"):
		return "", fmt.Errorf("%s is no user ID: IDs are in upper case; copy it anew", quote(text)) // another ID in the error might be of somebody else
	default:
		return "", fmt.Errorf("%s is no user ID, such as W0123456789; put one in its place", quote(text))
	}
}

const maxQuoted = 60 // characters

// quote quotes text in an error, and marks what it leaves out of a long one.
func quote(text string) string {
	if runes := []rune(text); len(runes) > maxQuoted {
		text = string(runes[:maxQuoted]) + "…"
	}
	return strconv.Quote(text)
}

// isID finds what userID would find in most lines of a list, ten times as fast.
func isID(text string) bool {
	return len(text) > 1 && (text[0] == 'U' || text[0] == 'W') &&
		!strings.ContainsFunc(text, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// Clean removes surrounding space and all invisible characters: no-break and zero-width spaces, byte order marks, marks of
// direction. They come along when text is copied from a page or a spreadsheet.
func Clean(text string) string {
	if strings.ContainsFunc(text, invisible) {
		text = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, text)
	}
	return strings.TrimSpace(text)
}

func invisible(r rune) bool { return r > unicode.MaxASCII && unicode.Is(unicode.Cf, r) }
