package contract_test

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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

// operations are those that POST a body, by Slack's name for the method. TestEveryOperationIsAPostWithItsArgumentsInTheBody
// reports others.
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
