// Package gen is the typed client of Slack's two admin.users.session methods, generated from the OpenAPI fragment
// api/openapi.yaml.
//
// Programs normally import package wrapper, which adds the token, retries and the judgement of a response. Package gen
// sends one request for each call and judges nothing: HTTP 200 with "ok": false is no error here. Its interfaces grow
// when the fragment gets another method.
//
// The server of [NewClient] is https://slack.com/api, or https://slack-gov.com/api for GovSlack. The generator's own
// comment on [Client] names another host, which is only an example.
package gen
