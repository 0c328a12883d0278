package contract_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	openapi3.SchemaErrorDetailsDisabled = true // an error is a line, without the schema
	goleak.VerifyTestMain(m)
}
