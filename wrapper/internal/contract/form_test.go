package contract_test

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// decodeForm decodes a form by a schema, to the letter: every key known and given once, every value of its
// type in its one spelling, and the whole valid.
func decodeForm(schema *openapi3.Schema, body string) (map[string]any, error) {
	fields := make(map[string]any)
	for pair := range strings.SplitSeq(body, "&") {
		name, value, err := decodePair(pair)
		if err != nil {
			return nil, err
		}
		property := schema.Properties[name]
		if property == nil {
			return nil, fmt.Errorf("%s: the spec does not have it", name)
		}
		if _, given := fields[name]; given {
			return nil, fmt.Errorf("%s: given twice", name)
		}
		if fields[name], err = decodeValue(property.Value, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return fields, schema.VisitJSON(fields)
}

func decodePair(pair string) (name, value string, err error) {
	name, value, found := strings.Cut(pair, "=")
	if !found {
		return "", "", fmt.Errorf("%q is no pair of name and value", pair)
	}
	name, nameErr := url.QueryUnescape(name)
	value, valueErr := url.QueryUnescape(value)
	return name, value, errors.Join(nameErr, valueErr)
}

func decodeValue(schema *openapi3.Schema, value string) (any, error) {
	switch {
	case schema.Type.Is("string"):
		return value, nil
	case schema.Type.Is("boolean"):
		if value != "true" && value != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", value)
		}
		return value == "true", nil
	case schema.Type.Is("integer") && schema.Format == "int64":
		n, err := strconv.ParseInt(value, 10, 64)
		if err == nil && strconv.FormatInt(n, 10) != value {
			err = fmt.Errorf("%q is not how an integer is written", value)
		}
		return n, err
	default:
		return nil, fmt.Errorf("a form has no settled encoding for type %v, format %q", schema.Type.Slice(), schema.Format)
	}
}
