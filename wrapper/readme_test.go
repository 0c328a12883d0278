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

func TestReadmeNamesEveryExample(t *testing.T) {
	readme := readFile(t, "../README.md")
	files, err := filepath.Glob("example*_test.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		for _, match := range regexp.MustCompile(`func (Example\w*)\(\)`).FindAllStringSubmatch(readFile(t, file), -1) {
			name := match[1]
			short := "…" + name[max(0, strings.LastIndex(name, "_")):] // the README may write …_csv
			named := strings.Contains(readme, "`"+name+"`") || strings.Contains(readme, "`"+short+"`")
			assert.True(t, named, "%s: README.md does not name %s", file, name)
		}
	}
}

func TestReadmeLinksToWhatIsThere(t *testing.T) {
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readFile(t, "../README.md"), -1) {
		target, err := url.Parse(link[1])
		require.NoError(t, err)
		if target.Scheme == "" {
			_, err := os.Stat(filepath.Join("..", target.Path))
			assert.NoError(t, err, "README.md")
		}
	}
}

func TestFirstProgramOfReadmeCompiles(t *testing.T) {
	_, program, _ := strings.Cut(readFile(t, "../README.md"), "```go\n")
	program, _, found := strings.Cut(program, "```")
	require.True(t, found)
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "vet", file).CombinedOutput() //nolint:gosec // a file of this test
	assert.NoError(t, err, "%s", out)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // a file of this project
	require.NoError(t, err)
	return string(text)
}
