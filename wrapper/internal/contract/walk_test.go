package contract_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// all iterates in the order of the keys, so that problems come in the same order every time.
func all[M ~map[K]V, K cmp.Ordered, V any](m M) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// operations are those of all paths, by Slack's name for the method.
func operations(doc *openapi3.T) iter.Seq2[string, *openapi3.Operation] {
	return func(yield func(string, *openapi3.Operation) bool) {
		for path, item := range all(doc.Paths.Map()) {
			for _, op := range all(item.Operations()) {
				if !yield(strings.TrimPrefix(path, "/"), op) {
					return
				}
			}
		}
	}
}

func resetOperation(doc *openapi3.T) *openapi3.Operation {
	return doc.Paths.Value("/admin.users.session.reset").Post
}

func resetBody(doc *openapi3.T) openapi3.Content {
	return resetOperation(doc).RequestBody.Value.Content
}

func schema(doc *openapi3.T, name string) *openapi3.Schema {
	return doc.Components.Schemas[name].Value
}

func property(doc *openapi3.T, schemaName, name string) *openapi3.Schema {
	return schema(doc, schemaName).Properties[name].Value
}

func enum(doc *openapi3.T) []string {
	var codes []string
	for _, code := range schema(doc, "ErrorCode").Enum {
		codes = append(codes, code.(string))
	}
	return codes
}

func enumDescriptions(doc *openapi3.T) map[string]any {
	descriptions, _ := schema(doc, "ErrorCode").Extensions["x-enumDescriptions"].(map[string]any)
	return descriptions
}

// errorCodes are the exported constants of type ErrorCode in a package's directory, by value.
func errorCodes(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	codes := make(map[string]string)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "ErrorCode" {
				return true
			}
			for i, constant := range spec.Names {
				require.Less(t, i, len(spec.Values), "%s: %s has no value", name, constant)
				literal, ok := spec.Values[i].(*ast.BasicLit)
				require.True(t, ok, "%s: %s is not a literal", name, constant)
				code, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				require.Empty(t, codes[code], "%s: %s repeats the code of another", name, constant)
				codes[code] = constant.Name
			}
			return true
		})
	}
	require.NotEmpty(t, codes)
	return codes
}
