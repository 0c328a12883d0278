// Package contract has tests only. They hold api/openapi.yaml, package wrapper and package slacktest together:
// every request and response that passes between wrapper and slacktest is validated against the spec, and the spec
// is checked for what its generator does not check.
//
// A test of the spec is a rule, a function that reports each mistake it finds. Each rule comes with mutants: copies of
// the spec with one mistake put in, which the rule must report. So no rule can pass without checking anything. A
// report ends with the file to edit, and make review lists these reports.
package contract
