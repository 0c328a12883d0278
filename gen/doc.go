// Package gen is the typed client of Slack's two admin.users.session methods, generated from the
// OpenAPI fragment api/openapi.yaml.
//
// Programs normally import package wrapper, which adds the token, retries and the verdict on an answer.
// Package gen alone sends one request for each call and judges nothing: HTTP 200 with "ok": false is not an
// error here. Its interfaces grow when the fragment gets another method.
package gen
