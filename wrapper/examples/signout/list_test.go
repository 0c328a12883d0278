package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

func TestListsAreReadAsPeopleExportThem(t *testing.T) {
	for name, test := range map[string]struct{ input, column, want string }{
		"a plain list":                    {"W1\nU2\nW3\n", "", "W1 U2 W3"},
		"no line break at the end":        {"W1\nW2", "", "W1 W2"},
		"CRLF":                            {"W1\r\nW2\r\n", "", "W1 W2"},
		"CR at the very end":              {"W1\r", "", "W1"},
		"blank lines and comments":        {"# night shift\n\nW1\n# more\n\nW2\n", "", "W1 W2"},
		"a comment without a line break":  {"W1\n# end", "", "W1"},
		"blanks around":                   {" W1\t\nW2 \n", "", "W1 W2"},
		"quotes":                          {"\"W1\"\n\"W2\"\n", "", "W1 W2"},
		"duplicates":                      {"W1\nW2\nW1\n", "", "W1 W2"},
		"a CSV":                           {"user_id,name\nW1,Ana\nW2,Ben\n", "", "W1 W2"},
		"a CSV of Excel":                  {"name,USER_ID\r\n\"Alvarez, Ana\",W1\r\n\"Ben \"\"B\"\"\",W2\r\n", "", "W1 W2"},
		"the export of Slack":             {"username,email,status,userid,fullname\nana,ana@example.com,Member,W1,Ana\n", "", "W1"},
		"a header in words":               {"Name,User ID\nAna,W1\n", "", "W1"},
		"a header of a program":           {"name,userId\nAna,W1\n", "", "W1"},
		"semicolons":                      {"name;user_id\n\"Alvarez; Ana\";W1\nBen, B;W2\n", "", "W1 W2"},
		"tabs":                            {"name\tuser_id\nAna\tW1\n", "", "W1"},
		"a column of any name":            {"Slack member,name\nW1,Ana\n", "slack member", "W1"},
		"another than the usual column":   {"user_id,boss user\nW1,W2\n", "boss user", "W2"},
		"a column alone in its line":      {"Member\nW1\n", "Member", "W1"},
		"a CSV with rows of empty cells":  {"user_id,name\nW1,Ana\n,\n , \nW2,Ben\n", "", "W1 W2"},
		"a comment in front of a header":  {"# export\nuser_id,name\nW1,Ana\n", "", "W1"},
		"a line break inside quotes":      {"user_id,note\nW1,\"two\nlines\"\nW2,one\n", "", "W1 W2"},
		"a # that is data":                {"ticket,user_id\n#1,W1\n#2,W2\n", "", "W1 W2"},
		"a header alone in its only line": {"user_id\nW1\n", "", "W1"},
		"a header that could be an ID":    {"USERID\nW1\n", "", "W1"},
		"... in a CSV":                    {"UID,Name\nW1,Ana\n", "", "W1"},
		"a header USER":                   {"USER\nW1\n", "", "W1"},
		"a header Member ID":              {"Name,Member ID\nAna,W1\n", "", "W1"},
		"a header Slack ID":               {"Slack ID;Login\nW1;ana\n", "", "W1"},
		"a remark in a header":            {"User ID [Required],Name (full)\nW1,Ana\n", "", "W1"},
		"the separator that Excel names":  {"sep=;\r\nname;user_id\r\nAna;W1\r\n", "", "W1"},
		"a separator of its own":          {"sep=|\nname|user_id\nAna, A|W1\n", "", "W1"},
		"a separator and a plain list":    {"sep=,\nW1\nW2\n", "", "W1 W2"},
		"a title above the header":        {"Leavers of November\n\nname,user_id\nAna,W1\n", "", "W1"},
		"a title of several cells":        {"Leavers,November,,\nname,user_id,,\nAna,W1,,\n", "", "W1"},
		"a title and a column of a name":  {"Leavers\nMember,name\nW1,Ana\n", "Member", "W1"},
		"a header that begins with #":     {"#user_id,name\nW1,Ana\n", "", "W1"},
		"a header as a comment":           {"# user_id,name\nW1,Ana\n", "", "W1"},
		"... with the IDs elsewhere":      {"# name,user_id\nAna,W1\nBen,W2\n", "", "W1 W2"},
		"... that no header can be":       {"# user_id,userid\nuser_id\nW1\n", "", "W1"},
		"a header after one as a comment": {"# user_id,name\nname,user_id\nAna,W1\n", "", "W1"},
		"a column of numbers called #":    {"#,name,user_id\n1,Ana,W1\n2,Ben,W2\n", "", "W1 W2"},
		"a comment alone":                 {"#\nW1\n#\n", "", "W1"},
		"a comment with quotes":           {"# \"old\" ones, and \"new\nW1\n", "", "W1"},
		"mentions":                        {"<@W1>\n<@U2|ben>\n@W3\n", "", "W1 U2 W3"},
		"mentions in a CSV":               {"name,user_id\nAna,<@W1|ana>\nBen,@W2\n", "", "W1 W2"},
		"addresses of profiles":           {"https://example.slack.com/team/W1\nhttps://example.enterprise.slack.com/team/W2/\n", "", "W1 W2"},
		"invisible characters":            {"\u200bW1\u200b\n\ufeffW2\n\u2060W3\u00ad\n\u00a0W4\u00a0\n", "", "W1 W2 W3 W4"},
		"... in a header":                 {"name,\u200buser_id\u200b\nAna,\ufeff\"W1\"\n", "", "W1"},
		"files put together":              {"\ufeffW1\n\ufeffW2\n", "", "W1 W2"},
		"rows without their empty cells":  {"user_id,name,team\nW1,Ana,Sales\nW2\nW3,Chi\n", "", "W1 W2 W3"},
		"empty cells too many":            {"user_id,name\nW1,Ana,,\nW2,Ben,\n", "", "W1 W2"},
		"... in a plain list":             {"W1,,\nW2;\nW3\t\n", "", "W1 W2 W3"},
		"old Mac line ends":               {"W1\rW2\rW3", "", "W1 W2 W3"},
		"... and an LF at the end":        {"user_id,name\rW1,Ana\rW2,Ben\r\n", "", "W1 W2"},
		"... of a pipe":                   {"user_id\rW1\rW2\n", "", "W1 W2"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(nil)
			require.NoError(t, l.read("users", test.input, test.column))
			assert.Equal(t, test.want, strings.Join(ids(l), " "))
		})
	}
}

func TestAWrongListIsRefusedByLineWithAWayOut(t *testing.T) {
	for name, test := range map[string]struct{ input, column, want string }{
		"nothing":               {"", "", "users: no users in it"},
		"a header alone":        {"user_id,name\n", "", "users: no users in it"},
		"an address":            {"W1\nana@example.com\n", "", `users:2: "ana@example.com" is an e-mail address, not a user ID; to look it up, add --members FILE`},
		"a column of addresses": {"name,email\nAna,ana@example.com\n", "", `users:1: no column is named user_id; to use the e-mail addresses of "email" add --members FILE`},
		"addresses alone":       {"email\nana@example.com\n", "", `users:1: no column is named user_id; to use the e-mail addresses of "email" add --members FILE`},
		"lower case":            {"w1\n", "", `users:1: "w1" is no user ID`},
		"a blank inside":        {"W1 W2\n", "", "users:1: "},
		"a control character":   {"W1\x00\n", "", "users:1: "},
		"old Mac line ends":     {"W1\rW2\rx\r", "", `users:3: "x" is no user ID`},
		"no column user_id":     {"id,name\nW1,Ana\n", "", `users:1: no column is named user_id; choose one of "id", "name" with --column NAME`},
		"no such column":        {"user_id,name\nW1,Ana\n", "uid", `users:1: no column is named "uid"; choose one of "user_id", "name"`},
		"two columns user_id":   {"user_id,userid\nW1,W2\n", "", `users:1: two columns are named "userid"; remove one`},
		"no ID":                 {"user_id,name\n,Ana\n", "", "users:2: the user ID is missing"},
		"the ID left out":       {"name,team,user_id\nAna,Sales\n", "", "users:2: the user ID is missing"},
		"a cell too many":       {"user_id,name\nW1,Ana,x\n", "", "users:2: 3 cells, and the header has 2; check the separators and quotes of this line"},
		"two IDs on a line":     {"W1\nW2,W3\n", "", "users:2: more than one field, and no header; put one user on each line, or a header on the first"},
		"an open quote":         {"user_id,name\nW1,\"Ana\nW2,Ben\n", "", "users:2: a quote is not closed"},
		"no header":             {"W1,Ana\nW2,Ben\n", "", "users:1: more than one field, and no header"},
		"no header, and a name": {"W1\nW2\n", "user_id", `users:1: no column is named "user_id": the list has no header`},
		"a user above a header": {"W1\nuser_id,name\nW2,Ana\n", "", "users:2: more than one field, and no header; put one user on each line, or a header on the first"},
		"a title alone":         {"Leavers of November\nW1\n", "", `users:1: "Leavers of November" is no user ID`},
		"two headers":           {"user_id\nW1\nuser_id\nW2\n", "", `users:3: "user_id" is no user ID`},
		"two columns of IDs":    {"Slack ID,Member ID\nW1,W2\n", "", `users:1: the columns "Slack ID" and "Member ID" may both name the users; choose one with --column NAME`},
		"two unclear columns":   {"UID,Login\nW1,ana\n", "", `the columns "UID" and "Login" may both name the users`},
		"names for IDs":         {"User,team\nana,Sales\n", "", `users:2: "ana" is no user ID, such as W0123456789; put one in its place` + "\nThe users are taken from the column \"User\". Choose another with --column NAME"},
		"#N/A in a plain list":  {"W1\n#N/A\n", "", `users:2: "#N/A" is the error of a spreadsheet's formula; put the user ID in its place`},
		"#N/A in a CSV":         {"user_id,name\nW1,Ana\n#N/A,Ben\n", "", `users:3: "#N/A" is the error of a spreadsheet's formula`},
		"#N/A on line 1":        {"#N/A\nW1\n", "", `users:1: "#N/A" is the error of a spreadsheet's formula`},
		"a user taken out":      {"#W1\nW2\n", "", `users:1: "#W1" is no user ID; begin a comment with "# "`},
		"a separator alone":     {"sep=;\n", "", "users: no users in it"},
		"after a separator":     {"sep=;\nuser_id;name\nx;Ana\n", "", "users:3: "},
		"after a title":         {"Leavers\n\n# c\nuser_id;name\nx;Ana\n", "", "users:5: "},
		"after comments":        {"# a\n\n# b\nuser_id,name\nx,Ana\n", "", "users:5: "},
		"after a long cell":     {"user_id,name\nW1,\"Ana\nB\"\nx,Ben\n", "", "users:4: "},
		"a comment in a header": {"user_id\nW1\n# old\n", "", `users:3: "# old" is no user ID`},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, newList(nil).read("users", test.input, test.column), test.want)
		})
	}
}

func TestUpToTwentyWrongLinesAreNamedAtOnce(t *testing.T) {
	err := newList(nil).read("users", "W1\nx\nW2\ny\n", "")
	require.ErrorContains(t, err, "users:2:")
	require.ErrorContains(t, err, "users:4:")

	err = newList(nil).read("users", strings.Repeat("x\n", 1000), "")
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, maxShown+1)
	assert.Equal(t, "and 980 more", lines[maxShown])
}

func TestSpreadsheetErrorsAreRefusedInListAndMembers(t *testing.T) {
	for _, cell := range []string{"#N/A", "#NV", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"} {
		m, err := readMembers("members.csv", "userid,email\n"+cell+",ana@example.com\nW2,"+cell+"\nW3,ben@example.com\n")
		require.NoError(t, err, "wrong members that the list does not name do no harm")
		for name, list := range map[string]string{
			"a plain list":          "ben@example.com\n" + cell + "\n",
			"a column of addresses": "email,name\n\n" + cell + ",Ana\n",
			"a column of IDs":       "user_id,name\nW1,Ana\n" + cell + ",Ben\n",
			"a member":              "ben@example.com\nana@example.com\n",
		} {
			l := newList(m)
			l.skipUnknown = true
			err := l.read("hr.csv", list, "")
			require.ErrorContains(t, err, cell, name)
			assert.Regexp(t, `^hr.csv:[23]: `, err.Error(), name)
		}
	}
}

func TestCommentsAreCounted(t *testing.T) {
	for list, want := range map[string]int{
		"# night shift\nW1\n#\n# more\nW2\n":      3,
		"# export\nuser_id,name\nW1,Ana\n":        1,
		"# Leavers\n# user_id,name\nW1,Ana\n":     1,
		"ticket,user_id\n# 1,W1\n":                0,
		"sep=;\n# export\nLeavers\nuser_id\nW1\n": 1,
	} {
		l := newList(nil)
		require.NoError(t, l.read("users", list, ""))
		assert.Equal(t, want, l.comments, list)
	}
}

func TestTheHeaderBelowATitleIsNamedByLine(t *testing.T) {
	l := newList(nil)
	require.NoError(t, l.read("hr.csv", "Leavers of November\nname,user_id\nAna,W1\n", ""))
	assert.Equal(t, []string{"hr.csv: header found on line 2.", `Column with the users: "user_id".`}, l.notes)
}

const export = "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp\n" +
	"ana,Ana.Ruiz@Example.com,Member,1,1,1,W1,Ana Ruiz,ana,\n" +
	"ben,ben@example.com,Admin,1,1,1,W2,Ben,ben,\n" +
	"old-ben,ben@example.com,Member,0,0,0,W3,Ben,ben,\n" +
	"chi,chi@example.com,Deactivated,1,1,1,W4,Chi,chi,\n" +
	"old-dee,dee@example.com,Deactivated,0,0,0,W6,Dee,dee,\n" +
	"dee,dee@example.com,Member,1,1,1,W7,Dee Dasgupta,dee,\n" +
	"bot,,Bot,0,0,0,W5,Bot,bot,\n" +
	"eva,eva@example.com,Member,1,1,1,W8,Eva,eva,\n" +
	"old-eva,eva@example.com,,0,0,0,W0,Eva,eva,\n" +
	"fay,fay@example.com,Member,1,1,1,,Fay,fay,\n"

func TestAddressesAreLookedUpInTheMemberList(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	for name, test := range map[string]struct{ input, column, want string }{
		"a plain list":          {"ana.ruiz@example.com\nCHI@EXAMPLE.COM\n", "", "W1 W4"},
		"an export of HR":       {"Name;E-Mail\nAna;ana.ruiz@example.com\nChi;chi@example.com\n", "", "W1 W4"},
		"a column of a name":    {"Private e-mail,Work contact\na@example.net,chi@example.com\n", "Work contact", "W4"},
		"IDs and addresses":     {"W9\nana.ruiz@example.com\n", "", "W9 W1"},
		"a column of IDs too":   {"email,user_id\nx@example.com,W9\n", "", "W9"},
		"an ID left out":        {"email,user_id\nx@example.com,W9\nchi@example.com,\n", "", "W9 W4"},
		"no status":             {"eva@example.com\n", "", "W8"},
		"... beside one of IDs": {"user_id,Deputy\nW4,chi@example.com\n,dee@example.com\n123,eva@example.com\n", "Deputy", "W4 W7 W8"},
		"both for one":          {"W1\nana.ruiz@example.com\n", "", "W1"},
		"Google Workspace":      {"First Name [Required],Last Name [Required],Email Address [Required]\nChi,Choi,chi@example.com\n", "", "W4"},
		"Entra ID":              {"userPrincipalName,displayName,mail\nchi@corp.example.com,Chi,chi@example.com\n", "", "W4"},
		"... without mail":      {"displayName,userPrincipalName\nChi,chi@example.com\n", "", "W4"},
		"User.Email":            {"User.Email,User.Name\nchi@example.com,Chi\n", "", "W4"},
		"mail":                  {"cn,mail\nChi,chi@example.com\n", "", "W4"},
		"login":                 {"login,name\nchi@example.com,Chi\n", "", "W4"},
		"UID, of addresses":     {"UID\nchi@example.com\n", "", "W4"},
		"a mail program":        {"\"Choi, Chi\" <chi@example.com>\n"[13:] + "Ana Ruiz <ana.ruiz@example.com>\n", "", "W4 W1"},
		"mentions":              {"<@W1|ana>\n<mailto:chi@example.com|chi@example.com>\nmailto:dee@example.com\n", "", "W1 W4 W7"},
		"zero-width spaces":     {"chi@\u200bexample.com\n", "", "W4"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(m)
			require.NoError(t, l.read("hr.csv", test.input, test.column))
			assert.Equal(t, test.want, strings.Join(ids(l), " "))
			for _, u := range l.users {
				assert.Len(t, u.Row.Cells(), len(l.header))
				assert.Equal(t, u.ID, u.Row.Cells()[l.id], "the report has the ID")
			}
		})
	}
}

func TestAnAddressThatNamesNoMemberIsRefusedOrSkipped(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	const input = "name,email\nAna,ana.ruiz@example.com\nBen,ben@example.com\nNoa,nobody@example.com\nNoa,NOBODY@example.com\nDee,dee@example.com\n"
	const taken = "The users are taken from the column \"email\". Choose another with --column NAME: IDs, or e-mail addresses with --members FILE\n"
	l := newList(m)
	err = l.read("hr.csv", input, "")
	assert.EqualError(t, err, `hr.csv:3: "ben@example.com" is "W2" (status "Admin") and "W3" (status "Member") in the member list; use the ID of the right one`+"\n"+
		`hr.csv:4: "nobody@example.com" is not in the member list; correct it, or export the member list again`+"\n"+
		`hr.csv:5: "NOBODY@example.com" is not in the member list; correct it, or export the member list again`+"\n"+taken+
		"Lines that do not name one member: 3. --skip-unknown skips these, and no others; to list them: --skip-unknown --dry-run --json")

	l = newList(m)
	l.skipUnknown = true
	require.NoError(t, l.read("hr.csv", input, ""))
	require.Len(t, l.users, 4)
	assert.Equal(t, []int{5}, l.duplicates)
	assert.Equal(t, []string{"Ben", "ben@example.com", "", "", ""}, l.users[1].Row.Cells())
	assert.Equal(t, "ambiguous", l.users[1].Skip.Status)
	assert.Equal(t, "not found", l.users[2].Skip.Status)
	assert.Nil(t, l.users[3].Skip)
	assert.Equal(t, []string{`Column with the users: "email".`, `"dee@example.com" is "W6" (status "Deactivated") and "W7" (status "Member") in the member list; the only active one is used.`}, l.notes)

	assert.ErrorContains(t, newList(m).read("hr.csv", "fay@example.com\n", ""), `"fay@example.com" is not in the member list`)

	err = newList(m).read("hr.csv", "name,email,cost\nAna,ana.ruiz@example.com,1\nBen,n/a,2\nTotal,,3\n", "")
	assert.EqualError(t, err, `hr.csv:3: "n/a" is neither an e-mail address nor a user ID; replace it with one, or delete the line`+"\n"+
		"hr.csv:4: no e-mail address and no user ID; fill one in, or delete the line\n"+taken+
		"Lines that do not name one member: 2. --skip-unknown skips these, and no others; to list them: --skip-unknown --dry-run --json")
	require.ErrorContains(t, newList(m).read("hr.csv", "w1\nben@example.com\n", ""), `hr.csv:1: "w1" is no user ID: IDs are in upper case`)
	l = newList(m)
	l.skipUnknown = true
	require.NoError(t, l.read("hr.csv", "name,email,cost\nBen,n/a,2\nTotal,,3\nAna,ana.ruiz@example.com,1\nSum,,4\nAna,ana.ruiz@example.com,1\n", ""))
	assert.Equal(t, []string{"", "", "W1", ""}, ids(l))
	assert.Equal(t, "not found", l.users[3].Skip.Status)
	assert.Equal(t, "hr.csv:5: no e-mail address and no user ID; fill one in, or delete the line", l.users[3].Skip.Why)
	assert.Equal(t, []string{"Total", "", "3", "", "", ""}, l.users[1].Row.Cells())
}

func TestAnIDAndAnAddressOfDifferentPeopleAreRefused(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	for _, test := range []struct{ list, column, want string }{
		{"user_id,email\nW1,chi@example.com\n", "", `hr.csv:2: the ID belongs to "Ana Ruiz" and the address to "Chi"; correct the wrong one`},
		{"user_id,email\nW9,chi@example.com\n", "", `hr.csv:2: the ID W9 is not in the member list, and the address belongs to "Chi"; correct the wrong one`},
		{"user_id,email\nW1,chi@example.com\n", "email", `hr.csv:2: the ID belongs to "Ana Ruiz" and the address to "Chi"; correct the wrong one, or remove the column "user_id"`},
		{"Deputy,Slack ID\nchi@example.com,<@W9|ida>\n", "Deputy", `hr.csv:2: the ID W9 is not in the member list, and the address belongs to "Chi"; correct the wrong one, or remove the column "Slack ID"`},
	} {
		l := newList(m)
		l.skipUnknown = true
		assert.EqualError(t, l.read("hr.csv", test.list, test.column), test.want)
		assert.NoError(t, newList(nil).read("hr.csv", test.list, ""), "without a member list the address is not checked")
	}
	for _, fine := range []string{"W1,Ana.Ruiz@example.com", "<@W3|ben>,ben@example.com", "W1,private@example.net", "W1,n/a"} {
		assert.NoError(t, newList(m).read("hr.csv", "user_id,email\n"+fine+"\n", ""), fine)
	}
}

func TestNameAndAddressComeFromListOrMembers(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		members *members
		input   string
		want    user
		header  string
	}{
		"of the list":        {nil, "user_id,Full name,E-mail\nW1,Ana,ana@example.com\n", user{Name: "Ana", Address: "ana@example.com"}, "user_id,Full name,E-mail"},
		"in two columns":     {nil, "user_id,First Name,Last Name\nW1,Ana,Ruiz\n", user{Name: "Ana Ruiz"}, "user_id,First Name,Last Name"},
		"of the members":     {m, "user_id\nW1\n", user{Name: "Ana Ruiz", Address: "ana.ruiz@example.com"}, "user_id,person_name,person_address"},
		"of an address":      {m, "mail\nana.ruiz@example.com\n", user{Name: "Ana Ruiz", Address: "ana.ruiz@example.com"}, "mail,user_id,person_name,person_address"},
		"of a plain list":    {m, "ana.ruiz@example.com\n", user{Name: "Ana Ruiz", Address: "ana.ruiz@example.com"}, "user_id,person_name,person_address"},
		"Slack knows better": {m, "user_id,name\nW1,Ben\n", user{Name: "Ana Ruiz", Address: "ana.ruiz@example.com"}, "user_id,name,person_name,person_address"},
		"nowhere":            {nil, "W1\n", user{}, "user_id"},
		"nowhere either":     {m, "W9\n", user{}, "user_id,person_name,person_address"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(test.members)
			require.NoError(t, l.read("hr.csv", test.input, ""))
			assert.Equal(t, test.want.Name, l.users[0].Name)
			assert.Equal(t, test.want.Address, l.users[0].Address)
			assert.Equal(t, test.header, strings.Join(l.header, ","))
			assert.Len(t, l.users[0].Row.Cells(), len(l.header))
		})
	}
	l := newList(m)
	require.NoError(t, l.read("hr.csv", "user_id,Deputy\n123,chi@example.com\n", "Deputy"))
	assert.Equal(t, []string{"123", "chi@example.com", "W4", "Chi", "chi@example.com"}, l.users[0].Row.Cells())
	l = newList(m)
	require.NoError(t, l.read("hr.csv", "user_id,name\nW9,Ben\n", ""))
	require.NoError(t, l.addUser("ana.ruiz@example.com"))
	assert.Equal(t, []string{"W1", "", "Ana Ruiz", "ana.ruiz@example.com"}, l.users[1].Row.Cells())
	assert.Equal(t, "Ana Ruiz", l.users[1].Name)
}

func TestAWrongMemberListIsRefusedByLineWithAWayOut(t *testing.T) {
	_, err := readMembers("members.csv", "name,email\nAna,a@example.com\n")
	require.EqualError(t, err, `members.csv:1: is not a member list: it needs a column userid and a column email, and has "name", "email"; export the member list from Slack's admin pages`)
	m, err := readMembers("members.csv", "# name,email,userid\nAna,a@example.com,W1\n")
	require.NoError(t, err)
	assert.Equal(t, "W1", m.with("a@example.com")[0].id)
	_, err = readMembers("members.csv", "")
	require.ErrorContains(t, err, "members.csv:1: is not a member list: it needs a column userid and a column email, and has no header")
	_, err = readMembers("members.csv", "userid,email,mail\nW1,a@example.com,b@example.com\n")
	require.ErrorContains(t, err, `members.csv:1: the columns "email" and "mail" may both`)
	_, err = readMembers("members.csv", "userid,email\nW1,a@example.com,x\n")
	require.ErrorContains(t, err, "members.csv:2: 3 cells, and the header has 2")
}

func TestAMemberListIsNoListOfUsersWithoutColumn(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	for _, l := range []*list{newList(nil), newList(m)} {
		assert.EqualError(t, l.read("members.csv", export, ""), "members.csv:1: is Slack's member list, which names everybody; "+
			"to look addresses up in it, give it with --members before the list; to sign out all who are in it, add --column userid")
		assert.Empty(t, l.users)
	}
	leavers := strings.Join(strings.SplitAfter(export, "\n")[:2], "")
	l := newList(nil)
	require.NoError(t, l.read("members.csv", leavers, "userid"))
	assert.Equal(t, []string{"W1"}, ids(l))
	report := strings.ReplaceAll(strings.Replace(leavers, "status", "list_status", 1), ",\n", ",,out\n")
	report = strings.Replace(report, "-timestamp", "-timestamp,status,request_id", 1)
	require.NoError(t, newList(nil).read("report.csv", report, ""), "a report on members is a list")
}

func TestArgumentsAreFilesOrUsers(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("USERS", nil, 0o600))
	files, users, err := sortArgs([]string{
		"W0123456789", "<@W0123456789|ana>", "@W0123456789", "ana@example.com", "Ana Abel <ana@example.com>", "<mailto:ana@example.com|ana@example.com>",
		" ana@example.com", "https://example.slack.com/team/W0123456789", "w0123456789", "USERS", "-", "WEEK", "W1,W2", "W3,",
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"USERS", "-"}, files)
	assert.Equal(t, []string{
		"W0123456789", "<@W0123456789|ana>", "@W0123456789", "ana@example.com", "Ana Abel <ana@example.com>", "<mailto:ana@example.com|ana@example.com>",
		" ana@example.com", "https://example.slack.com/team/W0123456789", "w0123456789", "WEEK", "W1", "W2", "W3",
	}, users)
	for arg, want := range map[string]string{
		"leavers.csv":   `there is no file "leavers.csv"`,
		"./W0123456789": `there is no file "./W0123456789"`,
		"no-such-list":  `"no-such-list" is not a user ID`,
		"W4,x":          `"W4,x" is not a user ID`,
		"":              `"" is not a user ID`,
	} {
		_, _, err := sortArgs([]string{arg})
		require.ErrorContains(t, err, want)
	}
}

func TestNamesFromAFileStayOnOneLineOfAMessage(t *testing.T) {
	const broken = "\"\x1b[31m\nx\""
	for name, err := range map[string]error{
		"list":    newList(nil).read("users", "name,"+broken+"\n", ""),
		"column":  newList(nil).read("users", "name,"+broken+"\n", "uid"),
		"members": func() error { _, err := readMembers("members", "name,"+broken+"\n"); return err }(),
		"twice": func() error {
			m, err := readMembers("members", "userid,email,status\nW1,a@example.com,Member\nW2,a@example.com,"+broken+"\n")
			require.NoError(t, err)
			_, _, err = m.find("a@example.com")
			return err
		}(),
	} {
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "\n", name)
		assert.NotContains(t, err.Error(), "\x1b", name)
		assert.Contains(t, err.Error(), `\x1b[31m\nx`, name)
	}
}

// FuzzList states that every user in a list is either accepted unchanged or refused with an error that
// names the line.
func FuzzList(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "W1", "W1\nW2\n", "W1\r\nW2\r\n", "# c\nW1\n#", "user_id\nW1\n", "user_id,name\nW1,Ana\n",
		"name,user_id\n\"A, B\",W1\n", "user_id;name\n\"W1\";\"A\n\nB\"\nW2;x\n", "W1,W2\n", "W1\nW2,\n", "\"W1", "W\"1\n",
		"sep=;\nname;user_id\nA;W1\n", "Leavers\nuser_id,name\nW1\nW2,B,,\n", "#user_id,x\nW1,x\n", "# user_id\nW1\n", "#N/A\n", "<@W1|a>\nhttps://x.slack.com/team/W2\n",
		"# uid\n0", "email\nana.ruiz@example.com\nx@y\n", "userid,email\nW1,a@b\n,c@d\nW1,a@b\n", "W1\rW2\r\n", "\ufeffW1\n\u200bW2\n", "sep=\"\nW1\n", "USER\nW1\n", "user_id,user_id\nW1,W2\n", "W1\x00\nW2\n", "W1\rW2\n", " W1\n", ",\n,\n", "user_id\t\nW1\t\n\t\n", "#\n\n#\n\"\"\n", "name,\"\n\"\n",
	} {
		f.Add(seed)
	}
	named, id := regexp.MustCompile(`^users(:\d+)?: `), regexp.MustCompile(`^[UW][A-Z0-9]+$`) // compiled once, not by each require.Regexp
	located := regexp.MustCompile(`^users:(\d+): |^users: no users in it; |^and \d+ more$|^The users are taken from the column "`)
	m, err := readMembers("members.csv", export)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data string) {
		if len(data) > 1<<10 || !utf8.ValidString(data) {
			return // a longer text takes longer and says nothing else, and readAll returns UTF-8
		}
		withMembers := newList(m)
		withMembers.skipUnknown = true
		if withMembers.read("users", data, "") == nil {
			for _, u := range withMembers.users {
				require.NotEqual(t, u.ID == "", u.Skip == nil, "an ID, or why there is none")
				require.Len(t, u.Row.Cells(), len(withMembers.header))
			}
		}
		if m, err := readMembers("users", data); err == nil {
			for _, who := range m.byID {
				if who.id != "" && who.address != "" {
					require.NotEmpty(t, m.with(who.address))
				}
			}
		} else {
			require.Regexp(t, named, err.Error())
		}
		l := newList(nil)
		err := l.read("users", data, "")
		lines := strings.Split(unixLines(data), "\n")
		if err != nil {
			for problem := range strings.Lines(err.Error()) {
				at := located.FindStringSubmatch(strings.TrimSuffix(problem, "\n"))
				require.NotNil(t, at, "%v names no line", err)
				n, _ := strconv.Atoi(at[1])
				require.LessOrEqual(t, n, len(lines))
			}
			return
		}
		for _, u := range l.users {
			require.Regexp(t, id, u.ID)
			require.Len(t, u.Row.Cells(), len(l.header))
			require.Equal(t, u.ID, u.Row.Cells()[l.id])
		}
		if strings.Contains(data, `"`) {
			return
		}
		// Without quotes each line with a user ID names a user of the list.
		users := 0
		for _, line := range lines {
			cells := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",;\t|", r) })
			if !isComment(line) && slices.ContainsFunc(cells, func(cell string) bool { return namesUser(runner.Clean(cell)) && !strings.Contains(cell, "@") }) {
				users++
			}
		}
		require.GreaterOrEqual(t, len(l.users)+len(l.duplicates), users-1, "all but a header, which may look like an ID")
	})
}

// BenchmarkList reads what a large organisation might sign out in one go.
func BenchmarkList(b *testing.B) {
	var list, directory strings.Builder
	list.WriteString("name,email,department\n")
	directory.WriteString("username,email,status,userid\n")
	for i := range 200_000 {
		fmt.Fprintf(&list, "Somebody %d,somebody.%d@example.com,Sales\n", i, i)
		fmt.Fprintf(&directory, "s%d,Somebody.%d@Example.com,Member,W%010d\n", i, i, i)
	}
	for b.Loop() {
		m, err := readMembers("members.csv", directory.String())
		require.NoError(b, err)
		require.NoError(b, newList(m).read("hr.csv", list.String(), ""))
	}
	b.ReportAllocs()
}

func ids(l *list) []string {
	var out []string
	for _, u := range l.users {
		out = append(out, u.ID)
	}
	return out
}
