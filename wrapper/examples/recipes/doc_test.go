package recipes

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachRecipeIsFoundByItsTask(t *testing.T) {
	readme, doc := readFile(t, "../README.md"), readFile(t, "doc.go")
	recipes, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range recipes {
		if name == "doc.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if !strings.Contains(readme, "(recipes/"+name+")") {
			t.Errorf("wrapper/examples/README.md does not name %s", name)
		}
		if !strings.Contains(doc, name+":") {
			t.Errorf("doc.go does not name %s", name)
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(readme, -1) {
		_, err := os.Stat(filepath.Join("..", link[1]))
		assert.NoError(t, err, "wrapper/examples/README.md links to it")
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // G304: a file of this project
	require.NoError(t, err)
	return string(text)
}
