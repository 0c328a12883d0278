package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// loadSpec returns a copy of the spec that a test may change.
func loadSpec(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := readSpec()
	require.NoError(t, err)
	return doc
}

func readSpec() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile("../../../api/openapi.yaml")
}

// closeSchemas forbids the fields that the spec does not name. Slack may add some at any time, so the spec
// leaves its schemas open; the wrapper and the fake have no such freedom.
func closeSchemas(doc *openapi3.T) {
	for _, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is("object") {
			schema.Value.AdditionalProperties = openapi3.BoolSchema{Has: new(bool)}
		}
	}
}

// contract validates requests and responses against the spec.
type contract struct{ router routers.Router }

func newContract(t *testing.T) contract {
	t.Helper()
	router, err := newRouter()
	require.NoError(t, err)
	return contract{router}
}

var newRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := readSpec()
	if err != nil {
		return nil, err
	}
	closeSchemas(doc)
	return legacy.NewRouter(doc)
})

// exchange is a request and its response.
type exchange struct {
	request  *http.Request
	body     []byte
	status   int
	header   http.Header
	response []byte
}

func (e exchange) method() string {
	_, method, _ := strings.Cut(e.request.URL.Path, "/api/")
	return method
}

// arguments returns the arguments of the request, typed by the spec, or an error for what the spec does not allow.
func (c contract) arguments(ctx context.Context, e exchange) (map[string]any, error) {
	input, err := c.input(ctx, e)
	if err != nil {
		return nil, err
	}
	mediaType, _, err := mime.ParseMediaType(e.request.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("Content-Type: %w", err)
	}
	var content *openapi3.MediaType
	if body := input.Route.Operation.RequestBody; body != nil {
		content = body.Value.Content[mediaType]
	}
	if content == nil {
		return nil, fmt.Errorf("Content-Type: the spec does not have %s", mediaType)
	}
	input.Options.ExcludeRequestBody = mediaType == formType // too lenient: it drops what it does not know
	if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
		return nil, err
	}
	if mediaType == formType {
		return decodeForm(content.Schema.Value, string(e.body))
	}
	return decodeJSON(e.body)
}

// checkResponse returns an error for a response that the spec does not allow.
func (c contract) checkResponse(ctx context.Context, e exchange) error {
	input, err := c.input(ctx, e)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 e.status,
		Header:                 e.header,
		Body:                   io.NopCloser(bytes.NewReader(e.response)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

func (c contract) input(ctx context.Context, e exchange) (*openapi3filter.RequestValidationInput, error) {
	route, _, err := c.router.FindRoute(e.request)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", e.request.Method, e.request.URL, err)
	}
	if e.request.URL.RawQuery != "" {
		return nil, fmt.Errorf("URL: the spec has no query, the request has %q", e.request.URL.RawQuery)
	}
	r := e.request.Clone(ctx)
	r.Body = io.NopCloser(bytes.NewReader(e.body))
	return &openapi3filter.RequestValidationInput{
		Request: r,
		Route:   route,
		Options: &openapi3filter.Options{AuthenticationFunc: authenticate, SkipSettingDefaults: true},
	}, nil
}

// authenticate is how OAuth 2 has a token travel.
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	scheme, token, _ := strings.Cut(input.RequestValidationInput.Request.Header.Get("Authorization"), " ")
	if scheme != "Bearer" || token == "" {
		return errors.New("the Authorization header is not Bearer and a token")
	}
	return nil
}

// decodeJSON decodes an object. Its integers become int64, as those of a form do.
func decodeJSON(body []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return nil, err
	}
	for name, value := range fields {
		if number, ok := value.(json.Number); ok {
			n, err := number.Int64()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			fields[name] = n
		}
	}
	return fields, nil
}

// tap passes requests on and validates each with its response.
type tap struct {
	t        *testing.T
	contract contract
	slack    http.RoundTripper

	exchanges []exchange
	arguments []map[string]any // of each
}

func (p *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	e := exchange{request: r, body: body}
	onward := r.Clone(ctx)
	onward.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := p.slack.RoundTrip(onward)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if e.response, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	e.status, e.header = resp.StatusCode, resp.Header

	arguments, err := p.contract.arguments(ctx, e)
	if err = errors.Join(err, p.contract.checkResponse(ctx, e)); err != nil {
		p.t.Errorf("request %s, response %s: %v", body, e.response, err)
	}
	p.exchanges = append(p.exchanges, e)
	p.arguments = append(p.arguments, arguments)

	resp.Body = io.NopCloser(bytes.NewReader(e.response))
	return resp, nil
}
