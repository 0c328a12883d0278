package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUsersAreReadFromWhateverPeopleExport(t *testing.T) {
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
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(nil)
			require.NoError(t, l.read("users", test.input, test.column))
			assert.Equal(t, test.want, strings.Join(ids(l), " "))
		})
	}
}

func TestWhatIsNoUserIsRefusedWithItsLineAndAWayOut(t *testing.T) {
	for name, test := range map[string]struct{ input, column, want string }{
		"nothing":               {"", "", "users: no users in it"},
		"a header alone":        {"user_id,name\n", "", "users: no users in it"},
		"an address":            {"W1\nana@example.com\n", "", `users:2: "ana@example.com" is an e-mail address and no user ID; --members FILE`},
		"a column of addresses": {"name,email\nAna,ana@example.com\n", "", "users:1: no column is called user_id; --column NAME tells which of \"name\", \"email\" has the IDs, or the e-mail addresses with --members FILE"},
		"lower case":            {"w1\n", "", `users:1: "w1" is no user ID`},
		"a blank inside":        {"W1 W2\n", "", "users:1: "},
		"a control character":   {"W1\x00\n", "", "users:1: "},
		"old Mac line ends":     {"W1\rW2\rW3\n"[:8], "", "users: its lines end in CR alone"},
		"no column user_id":     {"id,name\nW1,Ana\n", "", `users:1: no column is called user_id; --column NAME tells which of "id", "name"`},
		"no such column":        {"user_id,name\nW1,Ana\n", "uid", `users:1: no column is called "uid"; there are "user_id", "name"`},
		"two columns user_id":   {"user_id,userid\nW1,W2\n", "", `users:1: two columns are called "userid"`},
		"no ID":                 {"user_id,name\n,Ana\n", "", "users:2: nobody is named"},
		"a field too few":       {"user_id,name\nW1\n", "", "users:2: not as many fields as the header"},
		"a field too many":      {"user_id,name\nW1,Ana,x\n", "", "users:2: not as many fields as the header"},
		"two IDs on a line":     {"W1\nW2,W3\n", "", "users:2: more than one field in a plain list"},
		"an open quote":         {"user_id,name\nW1,\"Ana\nW2,Ben\n", "", "users:2: a quote is not closed"},
		"after comments":        {"# a\n\n# b\nuser_id,name\nx,Ana\n", "", "users:5: "},
		"after a long cell":     {"user_id,name\nW1,\"Ana\nB\"\nx,Ben\n", "", "users:4: "},
		"a comment in a header": {"user_id\nW1\n# old\n", "", `users:3: "# old" is no user ID`},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, newList(nil).read("users", test.input, test.column), test.want)
		})
	}
}

func TestAllBadLinesAreNamedAtOnceUpToAScreenful(t *testing.T) {
	err := newList(nil).read("users", "W1\nx\nW2\ny\n", "")
	require.ErrorContains(t, err, "users:2:")
	require.ErrorContains(t, err, "users:4:")

	err = newList(nil).read("users", strings.Repeat("x\n", 1000), "")
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, mostProblems+1)
	assert.Equal(t, "and 980 more", lines[mostProblems])
}

const export = "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp\n" +
	"ana,Ana.Ruiz@Example.com,Member,1,1,1,W1,Ana Ruiz,ana,\n" +
	"ben,ben@example.com,Member,1,1,1,W2,Ben,ben,\n" +
	"old-ben,ben@example.com,Deactivated,0,0,0,W3,Ben,ben,\n" +
	"chi,chi@example.com,Member,1,1,1,W4,Chi,chi,\n" +
	"bot,,Bot,0,0,0,W5,Bot,bot,\n"

func TestAddressesAreLookedUpInTheMemberList(t *testing.T) {
	m, err := readMembers("members.csv", export)
	require.NoError(t, err)
	for name, test := range map[string]struct{ input, column, want string }{
		"a plain list":        {"ana.ruiz@example.com\nCHI@EXAMPLE.COM\n", "", "W1 W4"},
		"an export of HR":     {"Name;E-Mail\nAna;ana.ruiz@example.com\nChi;chi@example.com\n", "", "W1 W4"},
		"a column of a name":  {"Private e-mail,Work e-mail\na@example.net,chi@example.com\n", "Work e-mail", "W4"},
		"IDs and addresses":   {"W9\nana.ruiz@example.com\n", "", "W9 W1"},
		"a column of IDs too": {"email,user_id\nx@example.com,W9\n", "", "W9"},
		"both for one":        {"W1\nana.ruiz@example.com\n", "", "W1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(m)
			require.NoError(t, l.read("hr.csv", test.input, test.column))
			assert.Equal(t, test.want, strings.Join(ids(l), " "))
			for _, u := range l.users {
				assert.Len(t, u.columns, len(l.header))
				assert.Contains(t, u.columns, u.ID, "the report has the ID")
			}
		})
	}
	l := newList(m)
	err = l.read("hr.csv", "email\nana.ruiz@example.com\nben@example.com\nnobody@example.com\n", "")
	assert.EqualError(t, err, `hr.csv:3: "ben@example.com" is "W2" and "W3" in the member list; give the ID of the one who is meant`+"\n"+
		`hr.csv:4: "nobody@example.com" is not in the member list`)
	require.NoError(t, l.addUser("chi@example.com"))
}

func TestWhatIsNoMemberListIsRefused(t *testing.T) {
	for _, data := range []string{"", "W1\n", "userid,name\nW1,Ana\n", "email\nana@example.com\n", "userid,email,mail\n"} {
		_, err := readMembers("members.csv", data)
		assert.ErrorContains(t, err, "members.csv:1: is no member list: it needs one column userid and one email")
	}
	_, err := readMembers("members.csv", export+"torn,line\n")
	assert.ErrorContains(t, err, "members.csv:7: not as many fields as the header")
}

func TestWhatAFileNamesStaysOnOneLineOfAMessage(t *testing.T) {
	const broken = "\"\x1b[31m\nx\""
	for name, err := range map[string]error{
		"list":    newList(nil).read("users", "name,"+broken+"\n", ""),
		"column":  newList(nil).read("users", "name,"+broken+"\n", "uid"),
		"members": func() error { _, err := readMembers("members", "name,"+broken+"\n"); return err }(),
		"twice": func() error {
			m, err := readMembers("members", "userid,email\nW1,a@example.com\n"+broken+",a@example.com\n")
			require.NoError(t, err)
			_, err = m.id("a@example.com")
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
		"user_id,user_id\nW1,W2\n", "W1\x00\nW2\n", "W1\rW2\n", " W1\n", ",\n,\n", "user_id\t\nW1\t\n\t\n", "#\n\n#\n\"\"\n", "name,\"\n\"\n",
	} {
		f.Add(seed)
	}
	located := regexp.MustCompile(`^users:(\d+): |^users: no users in it$|^users: its lines end in CR alone|^and \d+ more$`)
	f.Fuzz(func(t *testing.T, data string) {
		l := newList(nil)
		err := l.read("users", data, "")
		lines := strings.Split(data, "\n")
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
			require.Regexp(t, userID, u.ID)
			require.Equal(t, u.ID, trim(u.columns[l.column]))
		}
		if strings.Contains(data, `"`) {
			return
		}
		// Without quotes every line with an ID in it stands for itself.
		users := 0
		for _, line := range lines {
			if strings.HasPrefix(line, "#") || strings.Trim(line, ",;\t \r\u00a0") == "" {
				continue
			}
			users++
		}
		require.LessOrEqual(t, len(l.users)+l.duplicates, users)
		require.GreaterOrEqual(t, len(l.users)+l.duplicates, users-1, "all but a header")
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
