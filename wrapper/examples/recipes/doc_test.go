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
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	recipes, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range recipes {
		if name == "doc.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		assert.True(t, strings.Contains(string(readme), "(recipes/"+name+")"), "wrapper/examples/README.md does not name %s", name)
		assert.True(t, strings.Contains(string(doc), name+":"), "doc.go does not name %s", name)
	}
	for _, link := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(string(readme), -1) {
		_, err := os.Stat(filepath.Join("..", link[1]))
		assert.NoError(t, err, "wrapper/examples/README.md links to it")
	}
}
