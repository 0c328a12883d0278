package wrapper_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadme(t *testing.T) {
	t.Run("every example is listed", func(t *testing.T) {
		list := readFile(t, "examples/README.md")
		files, err := filepath.Glob("example*_test.go")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			for _, match := range regexp.MustCompile(`func (Example\w*)\(\)`).FindAllStringSubmatch(readFile(t, file), -1) {
				name := match[1]
				short := "…" + name[max(0, strings.LastIndex(name, "_")):] // as in …_csv
				listed := strings.Contains(list, "`"+name+"`") || strings.Contains(list, "`"+short+"`")
				assert.True(t, listed, "%s: wrapper/examples/README.md does not list %s", file, name)
			}
		}
	})
	t.Run("links lead to files", func(t *testing.T) {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readFile(t, "../README.md"), -1) {
			target, err := url.Parse(link[1])
			require.NoError(t, err)
			if target.Scheme == "" {
				_, err := os.Stat(filepath.Join("..", target.Path))
				assert.NoError(t, err, "README.md")
			}
		}
	})
	t.Run("snippets compile", func(t *testing.T) {
		const imports = `import (
			"cmp"; "context"; "errors"; "net/http"; "slices"; "testing"; "testing/synctest"; "time"
			"github.com/stretchr/testify/require"
			slack "github.com/seed70860981/slack-admin-sessions/wrapper"
			"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
		)
		`
		const (
			loop = "func _(ctx context.Context, client *slack.Client, users []slack.ResetOptions, save func(id, status, reason string) error) error {\n"
			test = "func _(t *testing.T, offboard func(context.Context, *slack.Client, string) error) {\n"
		)
		snippets := strings.Split(readFile(t, "../README.md"), "```go\n")[1:]
		require.Len(t, snippets, 3)
		for i := range snippets {
			snippets[i], _, _ = strings.Cut(snippets[i], "```")
		}
		dir := t.TempDir()
		for name, program := range map[string]string{
			"program.go": snippets[0],
			"rest.go":    "package rest\n" + imports + loop + snippets[1] + "}\n" + test + snippets[2] + "}\n",
		} {
			file := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
			out, err := exec.CommandContext(t.Context(), "go", "vet", file).CombinedOutput() //nolint:gosec // a file of this test
			assert.NoError(t, err, "%s", out)
		}
	})
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // a file of this project
	require.NoError(t, err)
	return string(text)
}
