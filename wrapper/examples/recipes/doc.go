// Package recipes has short functions to copy into your program, each with a test beside it:
//
//   - database.go: sign out the users of a database, write the results back, go on after a crash
//   - http.go: a handler that maps errors to HTTP statuses
//   - oauth2.go: a token that rotates, with golang.org/x/oauth2
//   - secret.go: a token from a secret manager
//   - rate.go: a part of the rate limit, with golang.org/x/time/rate
//   - transport.go: a transport of your own
//   - proxy.go: a proxy and a company's own certificate authority
//   - otel.go: traces and metrics by Reason, with OpenTelemetry
//   - slog.go: log lines that name the incident
//   - offboard.go: a function of your own, tested in virtual time
//
// The README of wrapper/examples lists the tasks for which package wrapper and its documentation have examples.
package recipes
