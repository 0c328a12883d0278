package contract_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// rule reports each mistake that it finds in a spec, in a line that says where.
type rule func(doc *openapi3.T, report reporter)

type reporter func(format string, args ...any)

func (r rule) mistakes(doc *openapi3.T) (mistakes []string) {
	r(doc, func(format string, args ...any) { mistakes = append(mistakes, fmt.Sprintf(format, args...)) })
	return mistakes
}

// mutant is the spec with one mistake put in, and what the rule must report about it.
type mutant struct {
	mistake string
	mutate  func(*openapi3.T)
}

// holds asserts that the spec keeps the rule, and that the rule reports the mistake of each mutant.
func holds(t *testing.T, keeps rule, mutants ...mutant) {
	t.Helper()
	for _, mistake := range keeps.mistakes(loadSpec(t)) {
		if !strings.Contains(mistake, ".go") && !strings.Contains(mistake, ".md") {
			mistake += ": api/openapi.yaml"
		}
		t.Error(mistake) // a line that ends with the file to edit, which make review prints
	}
	if t.Failed() || loadSpec(t).Paths.Value(resetPath) == nil {
		return // the mutants are made of a right spec; TestEveryOperationAndArgumentIsSentByACallAndTheReverse needs that path
	}
	require.NotEmpty(t, mutants)
	for _, m := range mutants {
		doc := loadSpec(t)
		m.mutate(doc)
		assert.Contains(t, strings.Join(keeps.mistakes(doc), "\n"), m.mistake, "the rule misses the mistake of a mutant")
	}
}

func TestTheSpecIsAValidOpenAPI303DocumentExamplesIncluded(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		if doc.OpenAPI != "3.0.3" {
			report("openapi: %s instead of 3.0.3", doc.OpenAPI)
		}
		closeSchemas(doc) // so that no example has a field that the spec does not name
		if err := doc.Validate(context.Background(), openapi3.EnableSchemaFormatValidation()); err != nil {
			report("%s", err.Error())
		}
	},
		mutant{"3.1.0 instead of 3.0.3", func(doc *openapi3.T) { doc.OpenAPI = "3.1.0" }},
		mutant{"value of version", func(doc *openapi3.T) { doc.Info.Version = "" }},
		mutant{"unsupported 'type' value", func(doc *openapi3.T) { property(doc, "ResetRequest", "web_only").Type = &openapi3.Types{"bool"} }},
		mutant{"unsupported 'format' value", func(doc *openapi3.T) { property(doc, "InvalidateRequest", "session_id").Format = "int46" }},
		mutant{"invalid example: value must be a boolean", func(doc *openapi3.T) { property(doc, "ResetRequest", "web_only").Example = "yes" }},
		mutant{"invalid default: value must be a boolean", func(doc *openapi3.T) { property(doc, "ResetRequest", "web_only").Default = "no" }},
		mutant{`property "web_olny" is unsupported`, func(doc *openapi3.T) {
			resetBody(doc)[formType].Example = map[string]any{"user_id": "W1", "web_olny": true}
		}},
		mutant{`property "mising_scope" is unsupported`, func(doc *openapi3.T) {
			doc.Components.Examples["Done"].Value.Value = map[string]any{"ok": true, "mising_scope": ""}
		}},
	)
}

func TestNamesUnderRequiredExistAmongTheProperties(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, schema := range all(doc.Components.Schemas) {
			for _, field := range schema.Value.Required {
				if schema.Value.Properties[field] == nil {
					report("%s: required %s is no property: the generator would make the field that was meant optional", name, field)
				}
			}
		}
	},
		mutant{"ResetRequest: required user_idd", func(doc *openapi3.T) { schema(doc, "ResetRequest").Required[0] = "user_idd" }},
	)
}

func TestEveryOperationIsSecuredByADefinedSchemeAndScope(t *testing.T) {
	const scheme, scope = "slackAuth", "admin.users:write"
	holds(t, func(doc *openapi3.T, report reporter) {
		defined := doc.Components.SecuritySchemes[scheme]
		switch {
		case defined == nil:
			report("securitySchemes: no %s", scheme)
		case defined.Value.Type != "oauth2" || defined.Value.Flows == nil || defined.Value.Flows.AuthorizationCode == nil:
			report("%s: not oauth2 with an authorization code", scheme)
		case defined.Value.Flows.AuthorizationCode.Scopes[scope] == "":
			report("%s: no description of the scope %s", scheme, scope)
		}
		for name, op := range operations(doc) {
			used := doc.Security
			if op.Security != nil {
				used = *op.Security
			}
			if len(used) != 1 || !slices.Equal(used[0][scheme], []string{scope}) {
				report("%s: security is not %s with the scope %s alone", name, scheme, scope)
			}
		}
	},
		mutant{"no slackAuth", func(doc *openapi3.T) { delete(doc.Components.SecuritySchemes, scheme) }},
		mutant{"not oauth2", func(doc *openapi3.T) { doc.Components.SecuritySchemes[scheme].Value.Type = "http" }},
		mutant{"no description of the scope", func(doc *openapi3.T) {
			delete(doc.Components.SecuritySchemes[scheme].Value.Flows.AuthorizationCode.Scopes, scope)
		}},
		mutant{"session.reset: security", func(doc *openapi3.T) { doc.Security[0][scheme] = []string{"admin.users:read"} }},
		mutant{"session.reset: security", func(doc *openapi3.T) { resetOperation(doc).Security = &openapi3.SecurityRequirements{} }},
	)
}

func TestEveryCodeNamedByAnOperationIsInTheEnum(t *testing.T) {
	quoted := regexp.MustCompile("`([^`]*)`")
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, op := range operations(doc) {
			named := 0
			for _, match := range quoted.FindAllStringSubmatch(*op.Responses.Status(http.StatusOK).Value.Description, -1) {
				switch {
				case slices.Contains(enum(doc), match[1]):
					named++
				case match[1] != "ok":
					report("%s: %s is not in ErrorCode", name, match[1])
				}
			}
			if named == 0 {
				report("%s: the description of 200 names no code", name)
			}
		}
	},
		mutant{"session.reset: user_lost is not in ErrorCode", func(doc *openapi3.T) {
			description := "Among others `user_not_found`, `user_lost`."
			resetOperation(doc).Responses.Status(http.StatusOK).Value.Description = &description
		}},
		mutant{"session.reset: the description of 200 names no code", func(doc *openapi3.T) {
			description := "Done or not, see `ok`."
			resetOperation(doc).Responses.Status(http.StatusOK).Value.Description = &description
		}},
	)
}

func TestBothMediaTypesOfAnOperationShareASchema(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, op := range operations(doc) {
			content := op.RequestBody.Value.Content
			form, json := content[formType], content[jsonType]
			switch {
			case form == nil || json == nil || len(content) != 2:
				report("%s: the media types are not %s and %s", name, formType, jsonType)
			case form.Schema.Ref == "" || form.Schema.Ref != json.Schema.Ref:
				report("%s: the form refers to %q, JSON to %q", name, form.Schema.Ref, json.Schema.Ref)
			}
		}
	},
		mutant{"session.reset: the media types are not", func(doc *openapi3.T) { delete(resetBody(doc), jsonType) }},
		mutant{`session.reset: the form refers to "#/components/schemas/ResetRequest", JSON to ""`, func(doc *openapi3.T) {
			resetBody(doc)[jsonType].Schema.Ref = ""
		}},
		mutant{`JSON to "#/components/schemas/InvalidateRequest"`, func(doc *openapi3.T) {
			resetBody(doc)[jsonType].Schema = doc.Paths.Value("/admin.users.session.invalidate").Post.RequestBody.Value.Content[jsonType].Schema
		}},
	)
}

func TestTheServersAreTheBaseURLsOfTheWrapper(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		var urls []string
		for _, server := range doc.Servers {
			urls = append(urls, server.URL)
		}
		if want := []string{wrapper.DefaultBaseURL, wrapper.GovSlackBaseURL}; !slices.Equal(urls, want) {
			report("servers: %q instead of %q", urls, want)
		}
	},
		mutant{"https://slack.com/api/", func(doc *openapi3.T) { doc.Servers[0].URL += "/" }},
		mutant{"servers", func(doc *openapi3.T) { slices.Reverse(doc.Servers) }},
		mutant{"servers", func(doc *openapi3.T) { doc.Servers = doc.Servers[:1] }},
	)
}

func TestEveryOperationIsDescribedWithAnExampleForEveryBody(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, op := range operations(doc) {
			bodies := map[string]openapi3.Content{"request": op.RequestBody.Value.Content}
			for status, response := range op.Responses.Map() {
				bodies[status] = response.Value.Content
			}
			if op.Summary == "" {
				report("%s: no summary", name)
			}
			if op.Description == "" {
				report("%s: no description", name)
			}
			for body, content := range all(bodies) {
				if len(content) == 0 {
					report("%s: %s has no content", name, body)
				}
				for mediaType, media := range all(content) {
					if media.Example == nil && len(media.Examples) == 0 {
						report("%s: %s as %s has no example", name, body, mediaType)
					}
				}
			}
		}
	},
		mutant{"session.reset: no summary", func(doc *openapi3.T) { resetOperation(doc).Summary = "" }},
		mutant{"session.reset: no description", func(doc *openapi3.T) { resetOperation(doc).Description = "" }},
		mutant{"session.reset: request as application/json has no example", func(doc *openapi3.T) { resetBody(doc)[jsonType].Example = nil }},
		mutant{"session.reset: 200 as application/json has no example", func(doc *openapi3.T) {
			resetOperation(doc).Responses.Status(http.StatusOK).Value.Content[jsonType].Examples = nil
		}},
		mutant{"session.reset: 429 has no content", func(doc *openapi3.T) {
			resetOperation(doc).Responses.Status(http.StatusTooManyRequests).Value.Content = nil
		}},
	)
}

func TestEveryPropertyIsDescribedWithAnExample(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, schema := range all(doc.Components.Schemas) {
			if schema.Value.Description == "" {
				report("%s: no description", name)
			}
			for field, property := range all(schema.Value.Properties) {
				if property.Value.Description == "" {
					report("%s.%s: no description", name, field)
				}
				if property.Value.Example == nil && !property.Value.Type.Is("object") { // an object's properties have theirs
					report("%s.%s: no example", name, field)
				}
			}
		}
	},
		mutant{"ErrorCode: no description", func(doc *openapi3.T) { schema(doc, "ErrorCode").Description = "" }},
		mutant{"ResetRequest.web_only: no description", func(doc *openapi3.T) { property(doc, "ResetRequest", "web_only").Description = "" }},
		mutant{"ResetRequest.web_only: no example", func(doc *openapi3.T) { property(doc, "ResetRequest", "web_only").Example = nil }},
		mutant{"ResponseMetadata.messages: no example", func(doc *openapi3.T) { property(doc, "ResponseMetadata", "messages").Example = nil }},
	)
}

func TestOperationIDsAreTheMethodsWithUnderscores(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		found := make(map[string]bool)
		for name, op := range operations(doc) {
			found[op.OperationID] = true
			if want := strings.ReplaceAll(name, ".", "_"); op.OperationID != want {
				report("%s: operationId %s instead of %s", name, op.OperationID, want)
			}
		}
		for _, id := range []string{"admin_users_session_invalidate", "admin_users_session_reset"} {
			if !found[id] {
				report("%s: no such operation", id)
			}
		}
	},
		mutant{"operationId resetSessions instead of admin_users_session_reset", func(doc *openapi3.T) {
			resetOperation(doc).OperationID = "resetSessions"
		}},
		mutant{"admin_users_session_reset: no such operation", func(doc *openapi3.T) { doc.Paths.Delete("/admin.users.session.reset") }},
	)
}

func TestNoResponseFailsToDecodeForWhatSlackMayAdd(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, op := range operations(doc) {
			for status, response := range all(op.Responses.Map()) {
				if status == "5XX" {
					continue // HTML, which nothing decodes
				}
				body := response.Value.Content[jsonType].Schema.Value
				if code := body.Properties["error"]; code == nil || !code.Value.Type.Is("string") || code.Ref != "" || len(code.Value.Enum) > 0 {
					report("%s: %s: error is not an open string", name, status)
				}
				if !slices.Equal(body.Required, []string{"ok"}) {
					report("%s: %s: required is not [ok]", name, status)
				}
				if body.AdditionalProperties.Has != nil || body.AdditionalProperties.Schema != nil {
					report("%s: %s: additionalProperties is given", name, status)
				}
			}
		}
	},
		mutant{"200: error is not an open string", func(doc *openapi3.T) { property(doc, "Response", "error").Enum = []any{"user_not_found"} }},
		mutant{"200: required is not [ok]", func(doc *openapi3.T) { schema(doc, "Response").Required = []string{"ok", "error"} }},
		mutant{"200: additionalProperties", func(doc *openapi3.T) { closeSchemas(doc) }},
	)
}

func TestIntegersHave64Bits(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for name, schema := range all(doc.Components.Schemas) {
			for field, property := range all(schema.Value.Properties) {
				if property.Value.Type.Is("integer") && property.Value.Format != "int64" {
					report("%s.%s: format %q instead of int64", name, field, property.Value.Format)
				}
			}
		}
	},
		mutant{"InvalidateRequest.session_id", func(doc *openapi3.T) { property(doc, "InvalidateRequest", "session_id").Format = "" }},
	)
}
