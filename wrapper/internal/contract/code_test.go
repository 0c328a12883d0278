package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// codeConstant is a constant of wrapper/code.go: name ErrorCode = "code" // meaning.
type codeConstant struct{ name, code, meaning, group string }

// groups are the three groups of wrapper/code.go, by a phrase of their doc comment, and what the questions to an
// error answer for each of their codes.
var groups = map[string]struct{ retryable, stopsRun bool }{
	"about this call":  {retryable: false, stopsRun: false},
	"transient":        {retryable: true, stopsRun: false},
	"about every call": {retryable: false, stopsRun: true},
}

// codeConstants returns the constants of type ErrorCode, in the order of the file.
func codeConstants(t *testing.T) []codeConstant {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../code.go", nil, parser.ParseComments)
	require.NoError(t, err)
	var constants []codeConstant
	for _, decl := range file.Decls {
		block, ok := decl.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		for _, spec := range block.Specs {
			constant := spec.(*ast.ValueSpec)
			if kind, ok := constant.Type.(*ast.Ident); !ok || kind.Name != "ErrorCode" {
				continue
			}
			literal, ok := constant.Values[0].(*ast.BasicLit)
			require.True(t, ok, "%s is no literal: wrapper/code.go", constant.Names[0].Name)
			code, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			constants = append(constants, codeConstant{
				name:    constant.Names[0].Name,
				code:    code,
				meaning: oneLine(constant.Doc.Text() + constant.Comment.Text()),
				group:   groupOf(block.Doc.Text()),
			})
		}
	}
	require.NotEmpty(t, constants)
	return constants
}

// groupOf returns the one group that a doc comment names, else "".
func groupOf(doc string) (group string) {
	for phrase := range all(groups) {
		if strings.Contains(oneLine(doc), phrase) {
			if group != "" {
				return ""
			}
			group = phrase
		}
	}
	return group
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestEveryCodeHasAConstantWithItsMeaning(t *testing.T) {
	constants := codeConstants(t)
	holds(t, func(doc *openapi3.T, report reporter) {
		codes, meanings := enum(doc), enumDescriptions(doc)
		for _, code := range codes {
			meaning, _ := meanings[code].(string)
			if strings.TrimSpace(meaning) == "" {
				report("%s: no meaning under x-enumDescriptions", code)
			}
			switch i := slices.IndexFunc(constants, func(c codeConstant) bool { return c.code == code }); {
			case i < 0:
				report("%s: package wrapper has no constant Err… for it: wrapper/code.go", code)
			case constants[i].meaning != oneLine(meaning):
				report("%s: the spec says %q, its constant %q: wrapper/code.go", code, oneLine(meaning), constants[i].meaning)
			}
		}
		for code := range all(meanings) {
			if !slices.Contains(codes, code) {
				report("%s: a meaning, and not in the enum", code)
			}
		}
		for _, c := range constants {
			if !slices.Contains(codes, c.code) {
				report("wrapper.%s: the spec has no code %q: wrapper/code.go", c.name, c.code)
			}
		}
	},
		mutant{"brand_new: package wrapper has no constant", func(doc *openapi3.T) {
			schema(doc, "ErrorCode").Enum = append(schema(doc, "ErrorCode").Enum, "brand_new")
		}},
		mutant{`wrapper.ErrAccessDenied: the spec has no code "access_denied"`, func(doc *openapi3.T) {
			schema(doc, "ErrorCode").Enum = schema(doc, "ErrorCode").Enum[1:]
		}},
		mutant{"user_not_found: no meaning", func(doc *openapi3.T) { delete(enumDescriptions(doc), "user_not_found") }},
		mutant{"user_not_found: no meaning", func(doc *openapi3.T) { enumDescriptions(doc)["user_not_found"] = " " }},
		mutant{`user_not_found: the spec says "no such person", its constant "no such user"`, func(doc *openapi3.T) {
			enumDescriptions(doc)["user_not_found"] = "no such\nperson"
		}},
		mutant{"user_lost: a meaning", func(doc *openapi3.T) { enumDescriptions(doc)["user_lost"] = "no such user" }},
	)
}

func TestEveryCodeConstantIsNamedForItsCode(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range codeConstants(t) {
		if !strings.EqualFold(c.name, "Err"+strings.ReplaceAll(c.code, "_", "")) {
			t.Errorf("%s is not named for its code %q: wrapper/code.go", c.name, c.code)
		}
		if seen[c.code] {
			t.Errorf("%s has the code of another constant: wrapper/code.go", c.name)
		}
		seen[c.code] = true
	}
}

func TestEveryCodeActsAsItsGroupSays(t *testing.T) {
	for _, c := range codeConstants(t) {
		err := &wrapper.Error{StatusCode: 200, Code: wrapper.ErrorCode(c.code)}
		group, known := groups[c.group]
		switch {
		case !known:
			t.Errorf("%s: the doc comment of its group names none of %q: wrapper/code.go", c.name, slices.Sorted(maps.Keys(groups)))
		case wrapper.Reason(err) != c.code:
			t.Errorf("%s: no case of ErrorCode.kind has it: wrapper/code.go", c.name)
		case wrapper.Retryable(err) != group.retryable, wrapper.StopsRun(err) != group.stopsRun:
			t.Errorf("%s stands in the group %q, and Retryable is %t, StopsRun %t: wrapper/code.go",
				c.name, c.group, wrapper.Retryable(err), wrapper.StopsRun(err))
		}
	}
}
