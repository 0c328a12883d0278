package contract_test

import (
	"cmp"
	"iter"
	"maps"
	"os"
	"regexp"
	"slices"
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

// operations are those that POST a body, by Slack's name for the method. TestEveryOperationIsAPostWithABody
// objects to others.
func operations(doc *openapi3.T) iter.Seq2[string, *openapi3.Operation] {
	return func(yield func(string, *openapi3.Operation) bool) {
		for path, item := range all(doc.Paths.Map()) {
			if item.Post != nil && item.Post.RequestBody != nil && !yield(strings.TrimPrefix(path, "/"), item.Post) {
				return
			}
		}
	}
}

const resetPath = "/admin.users.session.reset"

func resetOperation(doc *openapi3.T) *openapi3.Operation {
	return doc.Paths.Value(resetPath).Post
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

// errorCodes are the codes that constants of package wrapper stand for, by value: Err… = ErrorCode(gen.ErrorCode…).
func errorCodes(t *testing.T) map[string]string {
	t.Helper()
	read := func(name, pattern string) (pairs [][]string) {
		content, err := os.ReadFile(name) //nolint:gosec // a file of this project
		require.NoError(t, err)
		pairs = regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1)
		require.NotEmpty(t, pairs, name)
		return pairs
	}
	values := map[string]string{}
	for _, m := range read("../../../gen/models.gen.go", `(?m)^\t(ErrorCode\w+) +ErrorCode = "(\w+)"$`) {
		values[m[1]] = m[2]
	}
	codes := map[string]string{}
	for _, m := range read("../../code.go", `(?m)^\t(Err\w+) += ErrorCode\(gen\.(ErrorCode\w+)\)$`) {
		require.Empty(t, codes[values[m[2]]], "%s repeats the code of another", m[1])
		codes[values[m[2]]] = m[1]
	}
	return codes
}
