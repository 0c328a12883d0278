# Tools are pinned here and run from the module cache, so nothing needs to be installed.
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCHSTAT     := go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

EXAMPLES  := wrapper/examples
PROGRAMS  := signout auditlog
BASE      ?= HEAD~1
FUZZTIME  ?= 30s
CHAOS     ?= 10000
ROUNDS    ?= 50
PLATFORMS := windows/amd64 darwin/arm64 linux/386

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
STAMP    = -X github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner.Version=$(VERSION)
RELEASES := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use

.PHONY: demo
demo: ## Sign out a sample list of people on an embedded Slack: half a minute on empty caches
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && cd $(EXAMPLES) && go build -tags nofleet -o "$$tmp/signout" ./signout && \
	{ "$$tmp/signout"; test $$? -eq 1; } && echo && \
	echo "Exit status 1, as it should be: two of the sample cannot be signed out."

.PHONY: install
install: ## Install signout and auditlog in GOBIN
	cd $(EXAMPLES) && go install -ldflags '$(STAMP)' $(PROGRAMS:%=./%)
	@gobin=$$(go env GOBIN); echo "installed in $${gobin:-$$(go env GOPATH)/bin}: $(PROGRAMS), version $(VERSION)"

.PHONY: dist
dist: ## Build both for Linux, macOS and Windows in wrapper/examples/dist, with checksums: minutes the first time
	@rm -rf $(EXAMPLES)/dist && mkdir $(EXAMPLES)/dist && cd $(EXAMPLES) && \
	for platform in $(RELEASES); do for program in $(PROGRAMS); do \
		os=$${platform%/*} arch=$${platform#*/} exe=; [ $$os != windows ] || exe=.exe; \
		echo "dist/$$program-$$os-$$arch$$exe"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '-s -w $(STAMP)' -o "dist/$$program-$$os-$$arch$$exe" ./$$program || exit 1; \
	done; done
	@cd $(EXAMPLES)/dist && if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi >../SHA256SUMS && \
	mv ../SHA256SUMS . && echo "$(EXAMPLES)/dist/SHA256SUMS, version $(VERSION)"

##@ Test

.PHONY: test
test: ## Run all tests: half a minute, and two minutes on empty caches
	go test ./...
	cd $(EXAMPLES) && go test ./...

.PHONY: race
race: ## Run all tests under the race detector, in random order: minutes
	go test -race -shuffle=on ./...
	cd $(EXAMPLES) && go test -race -shuffle=on ./...

.PHONY: steady
steady: ## Run all tests ROUNDS (50) times beside a busy core, and print what fails: half a minute a round
	@sh -c 'while :; do :; done' & busy=$$!; trap 'kill $$busy' EXIT; trap 'exit 1' INT TERM; \
	round=0 failed=0; while [ $$((round += 1)) -le $(ROUNDS) ]; do for module in . $(EXAMPLES); do \
		out=$$(cd $$module && go test -count=1 -shuffle=on ./... 2>&1) || \
		{ failed=$$((failed + 1)); echo "# round $$round in $$module"; echo "$$out" | grep -v -e '^ok ' -e 'no test files'; }; \
	done; done; \
	echo "$$failed of $$((2 * $(ROUNDS))) runs failed"; [ $$failed -eq 0 ]

# Go shortens each new input of the corpus for a minute, unless told otherwise; that is most of the time of a run.
.PHONY: fuzz
fuzz: ## Run each of the fuzz targets for FUZZTIME (30s), or so many times: FUZZTIME=2000000x
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' wrapper | xargs -n 1 dirname | sort -u); do \
		for target in $$(cd $$dir && go test -list '^Fuzz' . | grep '^Fuzz'); do \
			echo "# $$dir $$target"; \
			(cd $$dir && go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x .) || exit 1; \
		done; \
	done

.PHONY: chaos
chaos: ## Make CHAOS (10000) calls through 30% faults over loopback, and account for each: a minute
	go test ./wrapper -count=1 -run TestChaos -v -timeout 1h -chaos.calls=$(CHAOS)

.PHONY: test-redis
test-redis: ## Test the limit that several machines share; needs redis-server in PATH
	cd $(EXAMPLES) && go test -tags redis -count=1 -parallel 4 -v -run Processes ./fleet

.PHONY: check
check: lint tidy-check vet-platforms generate-check contract ## All else that CI demands: 4 minutes and 150 MB on empty caches, then a minute

.PHONY: lint
lint: ## Lint both modules
	@echo "# golangci-lint: the first run on a machine fetches 80 MB of modules and builds it, which takes two minutes"
	$(GOLANGCI_LINT) run ./...
	cd $(EXAMPLES) && $(GOLANGCI_LINT) run ./...

.PHONY: tidy-check
tidy-check: ## Fail if a go.mod or go.sum is not tidy
	@echo "# go mod tidy: the first run on a machine fetches 70 MB of modules, which tests of dependencies import"
	go mod tidy -diff
	cd $(EXAMPLES) && go mod tidy -diff

# Nothing here runs, so the compiler need not optimize. That saves 40% of the first run, which takes a minute.
.PHONY: vet-platforms
vet-platforms: ## Vet both modules, tests included, for Windows, macOS and 32 bits
	@status=0; for platform in $(PLATFORMS); do for module in . $(EXAMPLES); do \
		echo "# go vet for $$platform in $$module"; \
		(cd $$module && GOOS=$${platform%/*} GOARCH=$${platform#*/} go vet -gcflags='all=-N -l' ./...) || status=1; \
	done; done; exit $$status

##@ Change the spec

.PHONY: generate
generate: ## Generate gen/ from api/openapi.yaml: seconds
	go generate ./...

.PHONY: generate-check
generate-check: ## Fail if gen/ is not what the spec generates: seconds
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && cp -R go.mod go.sum generate.go tools.go api gen "$$tmp" && \
	rm "$$tmp"/gen/*.gen.go && \
	{ (cd "$$tmp" && go generate ./...) || { echo "the generator fails, so gen/ is not checked" >&2; exit 1; }; } && \
	{ diff -ru gen "$$tmp/gen" || { echo "gen/ is not what the spec generates: run make generate" >&2; exit 1; }; }

.PHONY: contract
contract: ## Check spec, client and fake against each other, for quick rounds: seconds
	go test ./wrapper/internal/contract

.PHONY: spec-diff
spec-diff: ## What changed in the spec since BASE (HEAD~1), breaking changes first; fails on those
	@api/review.sh spec '$(BASE)'

.PHONY: api-diff
api-diff: ## What changed in the exported Go API since BASE, breaking changes first; fails on those
	@api/review.sh go '$(BASE)'

.PHONY: review
review: ## All that a change of the spec since BASE does, as Markdown, and what is left to do: half a minute
	@api/review.sh all '$(BASE)'

##@ Measure

.PHONY: bench
bench: ## Cost of a call against a hand-written loop, and of bulk runs by size: minutes
	@out=$$(mktemp) && trap 'rm -f $$out' EXIT && \
	go test -run '^$$' -bench Call -benchtime 40x -count 6 ./wrapper >$$out && \
	for round in 1 2 3 4 5 6; do go test -run '^$$' -bench Bulk -benchtime 1s ./wrapper >>$$out || exit 1; done && \
	$(BENCHSTAT) $$out

.PHONY: bench-pacing
bench-pacing: ## How fast and how wasteful bulk runs are under rate limits of all kinds, beside other strategies: a minute
	go test ./wrapper/internal/pace -count=1 -run '^TestSimulationKeepsToTheGoals$$' -v -pace.compare
