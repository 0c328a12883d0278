package contract_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// The rules here say which file to edit by hand after a change of the spec.

// argumentsOf are the arguments of an operation, by name, without the token.
func argumentsOf(op *openapi3.Operation) openapi3.Schemas {
	arguments := openapi3.Schemas{}
	for _, body := range op.RequestBody.Value.Content {
		maps.Copy(arguments, body.Schema.Value.Properties)
	}
	delete(arguments, "token")
	return arguments
}

func addArgument(name string, schema *openapi3.Schema) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		resetBody(doc)[formType].Schema.Value.Properties[name] = openapi3.NewSchemaRef("", schema)
	}
}

func addOperation(doc *openapi3.T) {
	doc.Paths.Set("/admin.users.session.resetMany", doc.Paths.Value(resetPath))
}

func TestEveryOperationIsAPostWithItsArgumentsInTheBody(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for path, item := range all(doc.Paths.Map()) {
			for verb, op := range all(item.Operations()) {
				if verb != http.MethodPost || op.RequestBody == nil {
					report("%s %s: package wrapper can only POST a body", verb, path)
				}
				for _, parameter := range op.Parameters {
					report("%s: %s: package wrapper sends arguments in the body alone, not in the %s", path, parameter.Value.Name, parameter.Value.In)
				}
			}
		}
	},
		mutant{"GET /admin.users.session.list: package wrapper can only POST", func(doc *openapi3.T) {
			doc.Paths.Set("/admin.users.session.list", &openapi3.PathItem{Get: &openapi3.Operation{}})
		}},
		mutant{"/admin.users.session.reset: X-Reason: package wrapper sends arguments in the body alone", func(doc *openapi3.T) {
			resetOperation(doc).AddParameter(openapi3.NewHeaderParameter("X-Reason"))
		}},
		mutant{"POST /admin.users.session.reset: package wrapper can only POST a body", func(doc *openapi3.T) {
			resetOperation(doc).RequestBody = nil
		}},
	)
}

func TestEveryOperationAndArgumentIsSentByACallAndTheReverse(t *testing.T) {
	sent := map[string]bool{}
	for _, row := range calls {
		sent[row.method] = true
		for name := range row.arguments {
			sent[row.method+" "+name] = true
		}
	}
	holds(t, func(doc *openapi3.T, report reporter) {
		known := map[string]bool{}
		for method, op := range operations(doc) {
			known[method] = true
			if !sent[method] {
				report("%s: no method of Client calls it: wrapper/session.go; then a row in wrapper/internal/contract/traffic_test.go", method)
			}
			for name, argument := range all(argumentsOf(op)) {
				known[method+" "+name] = true
				if sent[method] && !sent[method+" "+name] {
					report("%s: no option sends %s%s: wrapper/session.go; then a row in wrapper/internal/contract/traffic_test.go",
						method, name, onlyInJSON(argument.Value))
				}
			}
		}
		for what := range all(sent) {
			if !known[what] {
				report("%s: package wrapper sends it, and the spec does not have it", what)
			}
		}
	},
		mutant{"session.reset: no option sends desktop_only", addArgument("desktop_only", openapi3.NewBoolSchema())},
		mutant{"no option sends team_ids, which only JSON can carry", addArgument("team_ids", openapi3.NewArraySchema())},
		mutant{"session.reset mobile_only: package wrapper sends it", func(doc *openapi3.T) {
			delete(resetBody(doc)[formType].Schema.Value.Properties, "mobile_only")
		}},
		mutant{"session.resetMany: no method of Client calls it", addOperation},
	)
}

// onlyInJSON points out an argument that has no settled encoding in a form.
func onlyInJSON(argument *openapi3.Schema) string {
	if argument.Type.Is("array") || argument.Type.Is("object") {
		return ", which only JSON can carry"
	}
	return ""
}

func TestTheFakeTakesEveryOperationAndArgument(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for method, op := range operations(doc) {
			for name, property := range all(argumentsOf(op)) {
				form := url.Values{name: {fmt.Sprint(property.Value.Example)}}
				e := newExchange(t, http.MethodPost, "https://slack.com/api/"+method, formType, form.Encode())
				resp, err := slacktest.New().RoundTrip(e.request)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, errors.Join(err, resp.Body.Close()))
				if said := string(body); strings.Contains(said, "unknown_method") || strings.Contains(said, "unknown argument: "+name) {
					report("%s: the fake does not take %s: wrapper/slacktest/method.go", method, name)
				}
			}
		}
	},
		mutant{"session.reset: the fake does not take desktop_only", addArgument("desktop_only", openapi3.NewBoolSchema())},
		mutant{"session.resetMany: the fake does not take user_id", addOperation},
	)
}

func TestEveryDefaultIsTheZeroValueOfGo(t *testing.T) {
	holds(t, func(doc *openapi3.T, report reporter) {
		for method, op := range operations(doc) {
			for name, property := range all(argumentsOf(op)) {
				switch property.Value.Default {
				case nil, false, "", 0.0:
				default:
					report("%s: %s defaults to %v, yet an option that is not set is not sent: wrapper/session.go", method, name, property.Value.Default)
				}
			}
		}
	}, mutant{"session.reset: mobile_only defaults to true", func(doc *openapi3.T) {
		property(doc, "ResetRequest", "mobile_only").Default = true
	}})
}

func TestEveryFieldOfAResponseIsRead(t *testing.T) {
	slack := slacktest.New()
	slack.Script(slacktest.Answer{Body: `{"ok":false,"error":"missing_scope","needed":"n","provided":"p","warning":"w1",
		"response_metadata":{"messages":["m"],"warnings":["w2"]}}`})
	c, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{HTTPClient: &http.Client{Transport: slack}})
	require.NoError(t, err)
	_, err = c.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W1"})
	var e *wrapper.Error
	require.ErrorAs(t, err, &e)
	read := map[string]bool{
		"Response ok":    true, // or there would be no error
		"Response error": e.Code == "missing_scope", "Response needed": e.Needed == "n", "Response provided": e.Provided == "p",
		"Response warning":           slices.Contains(e.Warnings, "w1"),
		"Response response_metadata": true, // its fields follow
		"ResponseMetadata messages":  slices.Equal(e.Messages, []string{"m"}),
		"ResponseMetadata warnings":  slices.Contains(e.Warnings, "w2"),
	}
	holds(t, func(doc *openapi3.T, report reporter) {
		for _, name := range []string{"Response", "ResponseMetadata"} {
			for field := range all(schema(doc, name).Properties) {
				if !read[name+" "+field] {
					report("%s.%s: nothing reads it: wrapper/verdict.go, then wrapper/internal/contract/coverage_test.go", name, field)
				}
			}
		}
	}, mutant{"Response.detail: nothing reads it", func(doc *openapi3.T) {
		schema(doc, "Response").Properties["detail"] = openapi3.NewSchemaRef("", openapi3.NewStringSchema())
	}})
}

func TestEveryArgumentHasARowInTheReadmeOfTheSpec(t *testing.T) {
	readme, err := os.ReadFile("../../../api/README.md")
	require.NoError(t, err)
	holds(t, func(doc *openapi3.T, report reporter) {
		for method, op := range operations(doc) {
			for name := range all(argumentsOf(op)) {
				if !strings.Contains(string(readme), "| `"+name+"` |") {
					report("%s: no row of a table has `%s`: api/README.md", method, name)
				}
			}
		}
	}, mutant{"session.reset: no row of a table has `desktop_only`", addArgument("desktop_only", openapi3.NewBoolSchema())})
}
