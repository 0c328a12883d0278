package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// spec is the part of the OpenAPI fragment that hand-written code answers for.
type spec struct {
	methods  []method
	codes    []string        // the enum of ErrorCode
	meanings map[string]any  // x-enumDescriptions, by code
	answers  map[string]bool // fields of answers, those of nested objects included
}

// method is an operation, under Slack's name for it.
type method struct {
	name   string // admin.users.session.reset
	schema string // of the request, by its name under components; "" where it has none
	fields []string
	lists  []string // fields that are lists and may be sent in a form
	codes  []string // named in the description of its 200
}

func readSpec(dir fs.FS) (*spec, error) {
	data, err := fs.ReadFile(dir, specFile)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", specFile, err)
	}

	s := &spec{answers: make(map[string]bool)}
	for _, p := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		if op := doc.Paths.Value(p).Post; op != nil {
			s.methods = append(s.methods, readMethod(strings.TrimPrefix(p, "/"), op))
			s.addAnswers(op)
		}
	}
	if codes := doc.Components.Schemas["ErrorCode"]; codes != nil {
		for _, code := range codes.Value.Enum {
			s.codes = append(s.codes, fmt.Sprint(code))
		}
		s.meanings, _ = codes.Value.Extensions["x-enumDescriptions"].(map[string]any)
	}
	return s, nil
}

func readMethod(name string, op *openapi3.Operation) method {
	m := method{name: name}
	if op.RequestBody != nil {
		if body := op.RequestBody.Value.Content.Get("application/json"); body != nil && body.Schema != nil {
			m.schema = componentName(body.Schema)
			m.fields = slices.Sorted(maps.Keys(body.Schema.Value.Properties))
		}
		if body := op.RequestBody.Value.Content.Get("application/x-www-form-urlencoded"); body != nil && body.Schema != nil {
			for name, property := range body.Schema.Value.Properties {
				if property.Value.Type.Is("array") {
					m.lists = append(m.lists, name)
				}
			}
		}
	}
	if ok := op.Responses.Status(http.StatusOK); ok != nil && ok.Value.Description != nil {
		for _, quoted := range backticks.FindAllStringSubmatch(*ok.Value.Description, -1) {
			m.codes = append(m.codes, quoted[1])
		}
	}
	return m
}

var backticks = regexp.MustCompile("`([a-z_]+)`")

func (s *spec) addAnswers(op *openapi3.Operation) {
	for _, response := range op.Responses.Map() {
		for _, body := range response.Value.Content {
			s.addFields(body.Schema)
		}
	}
}

func (s *spec) addFields(schema *openapi3.SchemaRef) {
	if schema == nil {
		return
	}
	for name, property := range schema.Value.Properties {
		if !s.answers[name] {
			s.answers[name] = true
			s.addFields(property)
		}
	}
}

// componentName is the name of a schema under components, "" where it is written in place.
func componentName(schema *openapi3.SchemaRef) string {
	if schema.Ref == "" {
		return ""
	}
	return path.Base(schema.Ref)
}
