// Package recipes has answers to what people ask once the first user is signed out: short functions to
// copy into a program of one's own, each proved by the test beside it.
//
//   - oauth2.go: a token that rotates, through golang.org/x/oauth2
//   - otel.go: traces and metrics with OpenTelemetry
//   - slog.go: log lines that name the incident
//   - proxy.go: a proxy and a company's own certificate authority
//   - rate.go: a part of the rate limit, with golang.org/x/time/rate
//   - offboard.go: code of one's own, tested in virtual time
//
// Other tasks are examples of package wrapper itself: GovSlack, several workspaces, and what a playbook
// does after each class of error.
package recipes
