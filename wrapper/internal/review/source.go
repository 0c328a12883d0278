package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// source is parsed Go.
type source []*ast.File

// readPackage reads the files of a package, without its tests.
func readPackage(root fs.FS, dir string) (source, error) {
	names, err := fs.Glob(root, path.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	return readFiles(root, names...)
}

func readFiles(root fs.FS, names ...string) (source, error) {
	var s source
	for _, name := range names {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s = append(s, file)
	}
	return s, nil
}

func (s source) inspect(f func(ast.Node)) {
	for _, file := range s {
		ast.Inspect(file, func(n ast.Node) bool { f(n); return true })
	}
}

// knows reports whether a string literal is the name.
func (s source) knows(name string) bool {
	found := false
	s.inspect(func(n ast.Node) {
		text, ok := stringOf(n)
		found = found || ok && text == name
	})
	return found
}

// codes are the constants of type ErrorCode, by value.
func (s source) codes() map[string]string {
	codes := make(map[string]string)
	s.inspect(func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !isIdent(spec.Type, "ErrorCode") || len(spec.Names) != len(spec.Values) {
			return
		}
		for i, value := range spec.Values {
			if code, ok := stringOf(value); ok {
				codes[code] = spec.Names[i].Name
			}
		}
	})
	return codes
}

// models are the types of package gen.
type models struct {
	fields  map[string]map[string]string // of a struct, by their key in JSON
	aliases map[string]string
}

func (s source) models() models {
	m := models{fields: make(map[string]map[string]string), aliases: make(map[string]string)}
	s.inspect(func(n ast.Node) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return
		}
		switch t := spec.Type.(type) {
		case *ast.Ident:
			if spec.Assign.IsValid() {
				m.aliases[spec.Name.Name] = t.Name
			}
		case *ast.StructType:
			m.fields[spec.Name.Name] = jsonFields(t)
		}
	})
	return m
}

func jsonFields(t *ast.StructType) map[string]string {
	fields := make(map[string]string)
	for _, field := range t.Fields.List {
		if field.Tag == nil || len(field.Names) != 1 {
			continue
		}
		tag, _ := stringOf(field.Tag)
		key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		fields[key] = field.Names[0].Name
	}
	return fields
}

// field is a field of a struct of package gen.
type field struct{ of, name string }

// sets are the fields that a composite literal or an assignment sets.
func (s source) sets(m models) map[field]bool {
	set := make(map[field]bool)
	for _, file := range s {
		variables := make(map[string]string) // their types; a file is small enough to ignore scopes
		declare := func(name *ast.Ident, t ast.Expr) { variables[name.Name] = m.name(t) }
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				for _, element := range n.Elts {
					if pair, ok := element.(*ast.KeyValueExpr); ok {
						if key, ok := pair.Key.(*ast.Ident); ok {
							set[field{m.name(n.Type), key.Name}] = true
						}
					}
				}
			case *ast.Field: // a parameter
				for _, name := range n.Names {
					declare(name, n.Type)
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if n.Type == nil && i < len(n.Values) {
						declare(name, literalType(n.Values[i]))
					} else {
						declare(name, n.Type)
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					switch left := left.(type) {
					case *ast.Ident:
						if n.Tok == token.DEFINE && i < len(n.Rhs) {
							declare(left, literalType(n.Rhs[i]))
						}
					case *ast.SelectorExpr:
						if x, ok := left.X.(*ast.Ident); ok {
							set[field{variables[x.Name], left.Sel.Name}] = true
						}
					}
				}
			}
			return true
		})
	}
	return set
}

// literalType is the type of a composite literal or of the address of one, else nil.
func literalType(e ast.Expr) ast.Expr {
	if address, ok := e.(*ast.UnaryExpr); ok {
		e = address.X
	}
	if literal, ok := e.(*ast.CompositeLit); ok {
		return literal.Type
	}
	return nil
}

// name is what package gen calls a type, a pointer to it or an alias of it; "" where it is not of gen.
func (m models) name(t ast.Expr) string {
	if pointer, ok := t.(*ast.StarExpr); ok {
		t = pointer.X
	}
	selector, ok := t.(*ast.SelectorExpr)
	if !ok || !isIdent(selector.X, "gen") {
		return ""
	}
	return cmp.Or(m.aliases[selector.Sel.Name], selector.Sel.Name)
}

func isIdent(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

func stringOf(n ast.Node) (string, bool) {
	literal, ok := n.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}
