package contract_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Linters skip generated files, so the imports of gen are checked here; .golangci.yml has the other packages.
func TestGeneratedCodeImportsOnlyTheGeneratorsRuntime(t *testing.T) {
	files, err := filepath.Glob("../../../gen/*.gen.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			host, _, _ := strings.Cut(path, "/")
			standard := !strings.Contains(host, ".")
			assert.True(t, standard || path == "github.com/oapi-codegen/runtime", "%s imports %s: api/imports.tmpl", name, path)
		}
	}
}

func TestGeneratedCodeLeavesHeadersAlone(t *testing.T) {
	models, err := os.ReadFile("../../../gen/client.gen.go")
	require.NoError(t, err)
	assert.NotContains(t, string(models), "Headers struct", "an odd header would lose the response: api/overlay.yaml")
}
