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
check: lint tidy-check generate-check contract ## Everything else that CI demands

.PHONY: lint
lint: ## Lint both modules
	$(GOLANGCI_LINT) run ./...
	cd $(EXAMPLES) && $(GOLANGCI_LINT) run ./...

.PHONY: tidy-check
tidy-check: ## Fail when a go.mod or go.sum is not tidy
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
	@sums=$$(cat gen/*.go | sha256sum); go generate ./... && \
	test "$$sums" = "$$(cat gen/*.go | sha256sum)" || \
	{ echo "gen/ was not what api/openapi.yaml generates; it is now: review and commit it" >&2; exit 1; }

.PHONY: bench
bench: ## Cost of a call against a hand-written loop, and of bulk runs by size
	@out=$$(mktemp) && trap 'rm -f $$out' EXIT && \
	go test -run '^$$' -bench Call -benchtime 40x -count 6 ./wrapper >$$out && \
	for round in 1 2 3 4 5 6; do go test -run '^$$' -bench Bulk -benchtime 1s ./wrapper >>$$out || exit 1; done && \
	$(BENCHSTAT) $$out

.PHONY: bench-pacing
bench-pacing: ## How fast and how wasteful bulk runs are under nine rate limits, beside three plain strategies
	go test ./wrapper/internal/pace -count=1 -run '^TestPacing$$' -v -pacing.full

.PHONY: chaos
chaos: ## 10,000 calls through 30% faults over loopback, and the ledger of what became of them
	go test ./wrapper -count=1 -run TestChaos -v -chaos.calls=10000

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME
	@for dir in wrapper $(EXAMPLES)/signout $(EXAMPLES)/auditlog; do \
		for target in $$(cd $$dir && go test -list '^Fuzz' . | grep '^Fuzz'); do \
			echo "# $$dir $$target"; \
			(cd $$dir && go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) .) || exit 1; \
		done; \
	done

.PHONY: base
base:
	@git rev-parse --quiet --verify '$(BASE)^{commit}' >/dev/null || \
	{ echo "BASE=$(BASE) is no commit of this repository; give one, for instance make review BASE=HEAD~3" >&2; exit 2; }

# Emptied by review, which shows what breaks and goes on.
FAIL_ON ?= WARN

# The changelog is of operations alone; the second list has the error codes, to which none refers.
.PHONY: spec-diff
spec-diff: base ## What changed in the spec since BASE, breaking changes first; fails on those
	@git cat-file -e '$(BASE):api/openapi.yaml' 2>/dev/null || { echo "api/openapi.yaml is not in $(BASE)"; exit 0; }; \
	$(OASDIFF) changelog $(if $(FAIL_ON),--fail-on $(FAIL_ON)) '$(BASE):api/openapi.yaml' api/openapi.yaml; status=$$?; \
	$(OASDIFF) diff --exclude-elements description,endpoints,examples,extensions,summary,tags,title \
		'$(BASE):api/openapi.yaml' api/openapi.yaml | sed -n '/^components:/,$$p'; \
	exit $$status

.PHONY: api-diff
api-diff: base ## What changed in the exported Go API since BASE, breaking changes first; fails on those
	@git cat-file -e '$(BASE):go.mod' 2>/dev/null || { echo "go.mod is not in $(BASE)"; exit 0; }; \
	set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; mkdir "$$tmp/base"; \
	git archive --output="$$tmp/base.tar" '$(BASE)'; tar -xf "$$tmp/base.tar" -C "$$tmp/base"; \
	module=$$(go list -m); \
	(cd "$$tmp/base" && $(APIDIFF) -m -w "$$tmp/old" "$$module"); \
	$(APIDIFF) -m -w "$$tmp/new" "$$module"; \
	$(APIDIFF) -m "$$tmp/old" "$$tmp/new" >"$$tmp/changes" 2>"$$tmp/log" || { cat "$$tmp/log" >&2; exit 1; }; \
	if [ -s "$$tmp/changes" ]; then cat "$$tmp/changes"; else echo "No changes"; fi; \
	$(if $(FAIL_ON),! grep -q '^Incompatible changes:' "$$tmp/changes")

.PHONY: review
review: base ## What a change of the spec since BASE does to the code, and what is left to do by hand
	@echo "# Spec"; $(MAKE) --no-print-directory spec-diff FAIL_ON=
	@echo; echo "# Generated code"; git diff --stat '$(BASE)' -- gen
	@echo; echo "# Exported API"; $(MAKE) --no-print-directory api-diff FAIL_ON= || echo "not compared, see above"
	@echo; echo "# By hand"; go test ./wrapper/internal/contract
