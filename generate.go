// Package adminsessions generates package gen from the OpenAPI fragment under api.
// Programs import package wrapper.
package adminsessions

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config api/codegen-models.yaml api/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config api/codegen-client.yaml api/openapi.yaml
