# Tools are pinned here and run from the module cache, so nothing needs to be installed.
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCHSTAT     := go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

EXAMPLES := wrapper/examples
BASE     ?= HEAD~1
FUZZTIME ?= 30s
CHAOS    ?= 10000

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Sign out a sample list of people on an embedded Slack
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && cd $(EXAMPLES) && go build -o "$$tmp/signout" ./signout && \
	{ "$$tmp/signout"; test $$? -eq 1; } && echo && \
	echo "Exit status 1, as it should be: two of the sample cannot be signed out."

.PHONY: test
test: ## Run all tests
	go test ./...
	cd $(EXAMPLES) && go test ./...

.PHONY: test-redis
test-redis: ## Test the limit that several machines share; needs redis-server in PATH
	cd $(EXAMPLES) && go test -tags redis -count=1 -parallel 4 -v -run Processes ./fleet

.PHONY: race
race: ## Run all tests under the race detector, in random order
	go test -race -shuffle=on ./...
	cd $(EXAMPLES) && go test -race -shuffle=on ./...

.PHONY: check
check: lint tidy-check generate-check contract ## All else that CI demands; the first run fetches 500 MB and takes 10 minutes

.PHONY: lint
lint: ## Lint both modules
	@echo "# golangci-lint: the first run on a machine fetches 300 MB of modules and builds it, which takes minutes"
	$(GOLANGCI_LINT) run ./...
	cd $(EXAMPLES) && $(GOLANGCI_LINT) run ./...

.PHONY: tidy-check
tidy-check: ## Fail when a go.mod or go.sum is not tidy
	@echo "# go mod tidy: the first run on a machine fetches 90 MB of modules, which tests of dependencies import"
	go mod tidy -diff
	cd $(EXAMPLES) && go mod tidy -diff

.PHONY: contract
contract: ## Check what passes between client and fake, and the spec itself, against the spec
	go test ./wrapper/internal/contract

.PHONY: generate
generate: ## Generate gen/ from api/openapi.yaml
	go generate ./...

.PHONY: generate-check
generate-check: ## Fail when gen/ is not what the spec generates
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && cp -R go.mod go.sum generate.go tools.go api gen "$$tmp" && \
	{ (cd "$$tmp" && go generate ./...) || { echo "the generator fails, so gen/ is not checked" >&2; exit 1; }; } && \
	{ diff -ru gen "$$tmp/gen" || { echo "gen/ is not what the spec generates: run make generate" >&2; exit 1; }; }

.PHONY: bench
bench: ## Cost of a call against a hand-written loop, and of bulk runs by size
	@out=$$(mktemp) && trap 'rm -f $$out' EXIT && \
	go test -run '^$$' -bench Call -benchtime 40x -count 6 ./wrapper >$$out && \
	for round in 1 2 3 4 5 6; do go test -run '^$$' -bench Bulk -benchtime 1s ./wrapper >>$$out || exit 1; done && \
	$(BENCHSTAT) $$out

.PHONY: bench-pacing
bench-pacing: ## How fast and how wasteful bulk runs are under rate limits of all kinds, beside three plain strategies
	go test ./wrapper/internal/pace -count=1 -run '^TestPace$$' -v -pace.plain

.PHONY: chaos
chaos: ## CHAOS calls through 30% faults over loopback, and the ledger of what became of them
	go test ./wrapper -count=1 -run TestChaos -v -timeout 1h -chaos.calls=$(CHAOS)

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' wrapper | xargs -n 1 dirname | sort -u); do \
		for target in $$(cd $$dir && go test -list '^Fuzz' . | grep '^Fuzz'); do \
			echo "# $$dir $$target"; \
			(cd $$dir && go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) .) || exit 1; \
		done; \
	done

.PHONY: spec-diff
spec-diff: ## What changed in the spec since BASE, breaking changes first; fails on those
	@api/review.sh spec '$(BASE)'

.PHONY: api-diff
api-diff: ## What changed in the exported Go API since BASE, breaking changes first; fails on those
	@api/review.sh go '$(BASE)'

.PHONY: review
review: ## All that a change of the spec since BASE does, as Markdown, with a verdict: patch, minor or major
	@api/review.sh all '$(BASE)'
