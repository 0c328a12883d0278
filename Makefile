# Tools are pinned here and run from the module cache, so nothing needs to be installed.
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
OASDIFF       := go run github.com/oasdiff/oasdiff@v1.36.0
APIDIFF       := go run golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e
BENCHSTAT     := go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

EXAMPLES := wrapper/examples
BASE     ?= HEAD~1
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Sign out a sample list of people on an embedded Slack
	@cd $(EXAMPLES) && go run ./signout

.PHONY: test
test: ## Run all tests
	go test ./...
	cd $(EXAMPLES) && go test ./...

.PHONY: race
race: ## Run all tests under the race detector, in random order
	go test -race -shuffle=on ./...
	cd $(EXAMPLES) && go test -race -shuffle=on ./...

.PHONY: check
check: lint tidy-check generate-check ## Everything else that CI demands

.PHONY: lint
lint: ## Lint both modules
	$(GOLANGCI_LINT) run ./...
	cd $(EXAMPLES) && $(GOLANGCI_LINT) run ./...

.PHONY: tidy-check
tidy-check: ## Fail when a go.mod or go.sum is not tidy
	go mod tidy -diff
	cd $(EXAMPLES) && go mod tidy -diff

.PHONY: generate
generate: ## Generate gen/ from api/openapi.yaml
	go generate ./...

.PHONY: generate-check
generate-check: ## Fail when gen/ is not what the spec generates
	@sums=$$(cat gen/*.go | sha256sum); go generate ./... && \
	test "$$sums" = "$$(cat gen/*.go | sha256sum)" || \
	{ echo "gen/ was not what api/openapi.yaml generates; it is now: review and commit it" >&2; exit 1; }
