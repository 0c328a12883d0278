package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUsersAreReadFromWhateverPeopleExport(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"a plain list":                    {"W1\nU2\nW3\n", "W1 U2 W3"},
		"no line break at the end":        {"W1\nW2", "W1 W2"},
		"CRLF":                            {"W1\r\nW2\r\n", "W1 W2"},
		"a byte order mark":               {"\ufeffW1\nW2\n", "W1 W2"},
		"blank lines and comments":        {"# night shift\n\nW1\n# more\n\nW2\n", "W1 W2"},
		"a comment without a line break":  {"W1\n# end", "W1"},
		"blanks around":                   {" W1\t\nW2 \n", "W1 W2"},
		"quotes":                          {"\"W1\"\n\"W2\"\n", "W1 W2"},
		"duplicates":                      {"W1\nW2\nW1\n", "W1 W2"},
		"a CSV":                           {"user_id,name\nW1,Ana\nW2,Ben\n", "W1 W2"},
		"a CSV of Excel":                  {"\ufeffname,USER_ID\r\n\"Alvarez, Ana\",W1\r\n\"Ben \"\"B\"\"\",W2\r\n", "W1 W2"},
		"a CSV with rows of empty cells":  {"user_id,name\nW1,Ana\n,\n , \nW2,Ben\n", "W1 W2"},
		"a comment in front of a header":  {"# export\nuser_id,name\nW1,Ana\n", "W1"},
		"a line break inside quotes":      {"user_id,note\nW1,\"two\nlines\"\nW2,one\n", "W1 W2"},
		"a # that is data":                {"ticket,user_id\n#1,W1\n#2,W2\n", "W1 W2"},
		"a header alone in its only line": {"user_id\nW1\n", "W1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := readList("users", strings.NewReader(test.input), nil)
			require.NoError(t, err)
			assert.Equal(t, test.want, strings.Join(ids(l), " "))
		})
	}
}

func TestWhatIsNoUserIsRefusedWithItsLineAndAWayOut(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"nothing":               {"", "users: no users in it"},
		"a header alone":        {"user_id,name\n", "users: no users in it"},
		"an address":            {"W1\nana@example.com\n", `users:2: "ana@example.com" is no user ID`},
		"an address's remedy":   {"ana@example.com\n", "users.lookupByEmail"},
		"lower case":            {"w1\n", `users:1: "w1" is no user ID`},
		"a blank inside":        {"W1 W2\n", "users:1: "},
		"a control character":   {"W1\x00\n", "users:1: "},
		"old Mac line ends":     {"W1\rW2\rW3\n", "users:1: "},
		"no column user_id":     {"id,name\nW1,Ana\n", "users:1: no column is called user_id"},
		"two columns user_id":   {"user_id,user_id\nW1,W2\n", "users:1: two columns are called user_id"},
		"semicolons":            {"user_id;name\nW1;Ana\n", "users:1: "},
		"no ID":                 {"user_id,name\n,Ana\n", "users:2: user_id is empty"},
		"a field too few":       {"user_id,name\nW1\n", "users:2: not as many fields as the header"},
		"a field too many":      {"user_id,name\nW1,Ana,x\n", "users:2: not as many fields as the header"},
		"two IDs on a line":     {"W1\nW2,W3\n", "users:2: more than one field in a plain list"},
		"an open quote":         {"user_id,name\nW1,\"Ana\nW2,Ben\n", "users:2: a quote is not closed"},
		"after comments":        {"# a\n\n# b\nuser_id,name\nx,Ana\n", "users:5: "},
		"after a long cell":     {"user_id,name\nW1,\"Ana\nB\"\nx,Ben\n", "users:4: "},
		"a comment in a header": {"user_id\nW1\n# old\n", `users:3: "# old" is no user ID`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readList("users", strings.NewReader(test.input), nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestAllBadLinesAreNamedAtOnceUpToAScreenful(t *testing.T) {
	_, err := readList("users", strings.NewReader("W1\nx\nW2\ny\n"), nil)
	require.ErrorContains(t, err, "users:2:")
	require.ErrorContains(t, err, "users:4:")

	_, err = readList("users", strings.NewReader(strings.Repeat("x\n", 1000)), nil)
	assert.Len(t, strings.Split(err.Error(), "\n"), mostProblems)
}

func TestAnInputThatBreaksIsRefused(t *testing.T) {
	for _, before := range []string{"", "W1\n", "user_id,name\nW1,Ana\n"} {
		broken := errors.New("disk on fire")
		_, err := readList("users", readerOf(before, broken), nil)
		require.ErrorIs(t, err, broken)
	}
}

func TestUsersOfTheCommandLineComeAfterTheList(t *testing.T) {
	l, err := readList("users", strings.NewReader("name,user_id\nAna,W1\n"), []string{"W2", "W1"})
	require.NoError(t, err)
	assert.Equal(t, []user{{"W1", []string{"Ana", "W1"}}, {"W2", []string{"", "W2"}}}, l.users)
	assert.Equal(t, 1, l.duplicates)
}

func TestTheInputIsReadLineByLine(t *testing.T) {
	var list endless
	in, err := newInput("users", &list)
	require.NoError(t, err)
	for u, err := range in.users() {
		require.NoError(t, err)
		require.Equal(t, "W1", u.ID)
		break
	}
	assert.Less(t, int(list), 1<<16)
}

// endless is a list without end; its value is how much of it was read.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, "W1\n")
	*e += endless(n)
	return n, nil
}

// FuzzInput states that every user in a file is either accepted unchanged or refused with an error that
// names the line.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "W1", "W1\nW2\n", "W1\r\nW2\r\n", "\ufeffW1\n", "# c\nW1\n#", "user_id\nW1\n", "user_id,name\nW1,Ana\n",
		"name,user_id\n\"A, B\",W1\n", "user_id,name\n\"W1\",\"A\n\nB\"\nW2,x\n", "W1,W2\n", "W1\nW2,\n", "\"W1", "W\"1\n",
		"user_id,user_id\nW1,W2\n", "W1\x00\nW2\n", "W1\rW2\n", " W1\n", ",\n,\n", "user_id,\nW1,\n,\n", "#\n\n#\n\"\"\n", "\xff\xfeW\x001\x00",
	} {
		f.Add([]byte(seed))
	}
	located := regexp.MustCompile(`^users:(\d+): `)
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Split(string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))), "\n")
		in, err := newInput("users", bytes.NewReader(data))
		if err != nil {
			require.Regexp(t, located, err.Error())
			return
		}
		var accepted []string
		refused := false
		for u, err := range in.users() {
			if err == nil {
				accepted = append(accepted, u.ID)
				require.True(t, userID.MatchString(u.ID))
				require.Equal(t, u.ID, trim(u.columns[in.column]))
				continue
			}
			refused = true
			at := located.FindStringSubmatch(err.Error())
			require.NotNil(t, at, "%v names no line", err)
			n, _ := strconv.Atoi(at[1])
			require.LessOrEqual(t, n, len(lines))
		}
		if refused || bytes.ContainsRune(data, '"') {
			return
		}
		// Without quotes every line stands for itself.
		var want []string
		seen := false // the header, or the first user
		for _, line := range lines {
			fields := strings.Split(strings.TrimSuffix(line, "\r"), ",")
			switch {
			case strings.HasPrefix(line, "#") && (in.plain || !seen), strings.Trim(line, ", \t\r") == "":
			case !seen && !in.plain:
				require.Equal(t, in.header, fields)
				seen = true
			default:
				want = append(want, trim(fields[in.column]))
				seen = true
			}
		}
		require.Equal(t, want, accepted)
	})
}

func TestALineIsNamedHoweverLongTheFile(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "W%d\n", i)
	}
	_, err := readList("users", strings.NewReader(b.String()+"oops\n"), nil)
	require.ErrorContains(t, err, "users:5001:")
}

func ids(l *list) []string {
	var out []string
	for _, u := range l.users {
		out = append(out, u.ID)
	}
	return out
}

// readerOf yields a text and then fails.
func readerOf(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(err))
}
