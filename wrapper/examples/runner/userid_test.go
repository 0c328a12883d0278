package runner

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUserID(t *testing.T) {
	for _, text := range []string{
		"W0123456789", " W0123456789\t", "\u00a0W0123456789\u00a0", "\u200bW0123456789\u200d", "\ufeffW0123456789", "W01234\u200b56789",
		"@W0123456789", "<@W0123456789>", "<@W0123456789|ana>", "<@W0123456789|>",
		"https://example.slack.com/team/W0123456789", "https://example.enterprise.slack.com/team/W0123456789/",
		"example.slack.com/team/W0123456789?from=mail", "https://app.slack.com/client/E0123456789/D012/user_profile/W0123456789",
		"https://example.slack-gov.com/team/W0123456789",
	} {
		t.Run("names a user/"+text, func(t *testing.T) {
			id, err := UserID(text)
			require.NoError(t, err)
			assert.Equal(t, "W0123456789", id)
		})
	}
	for text, want := range map[string]string{
		"https://app.slack.com/client/E0123456789/D0123456789/thread/C0123456789": `"https://app.slack.com/client/E0123456789/D0123456789/thread/…" is no user ID`,
		"":                           "the user ID is missing",
		"\u200b":                     "the user ID is missing",
		"ana":                        `"ana" is no user ID, such as W0123456789`,
		"w0123456789":                `"w0123456789" is no user ID: IDs are in upper case; copy it anew`,
		"W000000000l":                `"W000000000l" is no user ID: IDs are in upper case; copy it anew`,
		"W1 W2":                      "is no user ID",
		"W1\x00":                     "is no user ID",
		"T0123456789":                "is no user ID",
		"ana@example.com":            `"ana@example.com" is an e-mail address and no user ID, such as W0123456789`,
		"@ana":                       `"@ana" is no user ID, such as W0123456789`,
		"<@W1> <@W2>":                "is no user ID",
		"<!subteam^S0123456789>":     "is no user ID",
		"https://example.com/team/W": "is no user ID",
		"https://slack.com.example.com/team/W0123456789":       "is no user ID",
		"https://example.slack.com/archives/C0123456789/p1":    "is no user ID",
		"https://example.slack.com/archives/W0123456789extra/": "is no user ID",
		"#1":            `begin a comment with "# "`,
		"#W0123456789":  `begin a comment with "# "`,
		"#note":         `begin a comment with "# "`,
		"#N/A":          `"#N/A" is the error of a spreadsheet's formula; put the user ID in its place`,
		"#NV":           "the error of a spreadsheet's formula",
		"#NAME?":        "the error of a spreadsheet's formula",
		"#REF!":         "the error of a spreadsheet's formula",
		"#VALUE!":       "the error of a spreadsheet's formula",
		"#DIV/0!":       "the error of a spreadsheet's formula",
		"#NULL!":        "the error of a spreadsheet's formula",
		"#NUM!":         "the error of a spreadsheet's formula",
		"#ÜBERLAUF!":    "the error of a spreadsheet's formula",
		"#GETTING_DATA": "the error of a spreadsheet's formula",
	} {
		t.Run("names none/"+text, func(t *testing.T) {
			_, err := UserID(text)
			require.ErrorContains(t, err, want)
		})
	}
}

func FuzzUserID(f *testing.F) {
	for _, text := range []string{"W1", "<@U2|x>", "<@u2|x>", "<@T2>", "https://example.slack.com/team/W1", "#N/A", "w1", "\u200bW1"} {
		f.Add(text)
	}
	plain := regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<10 {
			return // a longer text takes longer and says nothing else
		}
		id, err := UserID(text)
		if err != nil {
			require.Empty(t, id)
			return
		}
		require.Regexp(t, plain, id)
		require.Contains(t, Clean(text), id)
	})
}
