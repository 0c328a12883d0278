// Package contract has tests alone. They hold spec, wrapper and fake together: what passes between package
// wrapper and package slacktest is judged by api/openapi.yaml, and the spec by rules that its generator
// does not check.
package contract
