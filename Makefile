# doxtrail: two commands matter, `make demo` and `make test`. `make help` lists
# the rest. Everything a target needs, it installs first: Go modules by the go
# tool, the embedded ClickHouse and the proto tool by npm, linters into .tools.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X main.version=$(VERSION)
TOOLS    := $(CURDIR)/.tools
LIBCHDB  := deploy/embedded/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
# The gateway's tests run the real JavaScript client.
CLIENTJS := pkg/embedded/internal/gateway/testdata/javascript/node_modules/@clickhouse/client/package.json
# buf's own npm package names builds for every platform, which npm cannot always
# fetch; elsewhere than on Linux x86-64 name another: make check BUF=/usr/bin/buf
BUF      := proto/node_modules/@bufbuild/buf-linux-x64/bin/buf
NPM_CI   := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# The race detector needs a C compiler; a machine without one still tests.
RACE     := $(if $(shell command -v gcc),-race,)

GOLANGCI_LINT := $(TOOLS)/golangci-lint-2.15.0
GOFUMPT       := $(TOOLS)/gofumpt-0.12.0
PROTOC_GEN_GO := $(TOOLS)/protoc-gen-go

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: deps
deps: $(LIBCHDB) ## install the embedded ClickHouse (a 566 MB library from npm)

$(CLIENTJS): pkg/embedded/internal/gateway/testdata/javascript/package-lock.json
	cd $(dir $<) && $(NPM_CI)
	@touch $@

$(LIBCHDB): deploy/embedded/package-lock.json
	cd deploy/embedded && $(NPM_CI)
	@touch $@

.PHONY: build
build: ## build bin/doxtrail
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/doxtrail ./services/doxtrail

.PHONY: demo
demo: deps build ## show the spread of an invented campaign, from archives to tables
	@deploy/demo/run

# Built as bin/doxtrail is, so that the packages both need are compiled once.
.PHONY: demo-live
demo-live: deps build ## show live collection, on a Telegram and an X that it brings along
	@CGO_ENABLED=0 go build -trimpath -o bin/demo-live ./deploy/demo/live
	@bin/demo-live -binary bin/doxtrail -out demo-live

.PHONY: test
test: deps $(CLIENTJS) ## run all tests, on a real NATS and a real ClickHouse
	@# Most tests wait for something half of the time, so more run at once than there are cores.
	@# gotd 0.150 races with itself where a connection breaks in the middle of a call.
	go test $(RACE) -parallel 4 -timeout 30m -skip '^TestBroken' $$(go list ./... | grep -v /services/doxtrail)
	go test -timeout 15m -run '^TestBroken' ./services/collector/telegram/...
	@# These drive the built binary, whose sources the test cache does not know.
	go test -count=1 -parallel 4 -timeout 30m ./services/doxtrail

# Recall and precision of personal data on labelled texts of two seeds, a line a kind.
# Texts are test support, which no program may import.
KINDS_FOUND := go test -count=1 -run '^TestLabelledTexts$$' -v ./pkg/privacy/kinds | grep -A12 -E '^ *kind |^FAIL'

.PHONY: bench
bench: deps build ## measure the whole path on this machine; one line of JSON at the end
	@go build -o bin/bench ./deploy/bench
	@$(KINDS_FOUND) >&2
	@DOXTRAIL_LIBCHDB=$(CURDIR)/$(LIBCHDB) bin/bench -binary bin/doxtrail

.PHONY: bench-normaliser
bench-normaliser: ## what a post costs the normaliser, by detector; how well personal data is found
	@go test -count=1 -run '^$$' -bench '^BenchmarkKilobyte$$' -v ./services/normaliser
	@$(KINDS_FOUND)

.PHONY: profile
profile: deps build ## where time and memory go in an import: profile/cpu.pprof, heap.pprof
	@go build -o bin/demo ./deploy/demo
	@mkdir -p profile && study=$$(mktemp -d) && trap 'rm -rf "$$study"' EXIT && \
		bin/demo -load 1000000 > "$$study/load.json" && \
		DOXTRAIL_PROFILE=profile bin/doxtrail --data "$$study/data" --keys "$$study/keys" import "$$study/load.json"
	@go tool pprof -top bin/doxtrail profile/cpu.pprof | head -25

# See services/doxtrail/testdata/upgrade/README.md.
.PHONY: upgrade-fixture
upgrade-fixture: deps ## keep a study of this schema for the tests of the next one
	go test ./services/doxtrail -count=1 -run TestAStudyOfEveryOlderDoxtrailIsOpened -update

.PHONY: fuzz
fuzz: ## run every fuzz target for 20 seconds
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r dir; do \
		grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | cut -c6- | sort -u | while read -r target; do \
			echo "$$dir $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime 20s $$dir; done; done

RUNS ?= 200
SEED ?=
SCENARIO ?=

.PHONY: torture
torture: deps ## kill, freeze, cut off and fill up RUNS=200 studies; SEED=n repeats one
	cd services/doxtrail && RUNS=$(RUNS) SEED=$(SEED) SCENARIO=$(SCENARIO) \
		go test -tags torture -count=1 -timeout 3h -parallel 2 -run '^TestTorture(Bites)?$$'

KILLS ?= 50
AWAY ?= 60

.PHONY: torture-telegram
torture-telegram: deps ## kill the live collector KILLS=50 times under -race; NATS and ClickHouse away AWAY=60 s
	cd services/doxtrail && RACE=1 KILLS=$(KILLS) AWAY=$(AWAY) SEED=$(SEED) \
		go test -race -tags torture -count=1 -timeout 1h -v -run '^TestTortureTelegram'
	go test -tags torture -count=1 -timeout 1h -v -run '^TestALongHistory$$' ./services/collector/telegram

SECONDS ?= 600

.PHONY: torture-twitter
torture-twitter: deps ## the same with the collector of X, stalls, cuts and refusals; a full stream for SECONDS=600
	cd services/doxtrail && RACE=1 KILLS=$(KILLS) AWAY=$(AWAY) SEED=$(SEED) \
		go test -race -tags torture -count=1 -timeout 1h -v -run '^TestTortureTwitter'
	SECONDS=$(SECONDS) go test -tags torture -count=1 -timeout 1h -v -run '^TestALongStream$$' ./services/collector/twitter

ROUNDS ?= 20

.PHONY: stall
stall: ## read and publish 200,000 messages ROUNDS=20 times; acks never stay away for 2 s
	cd pkg/bus && ROUNDS=$(ROUNDS) go test -tags torture -count=1 -timeout 3h -run '^TestTortureStall$$'

.PHONY: check
check: lint drift ## formatting, linters, proto lint, and that generated code is current

.PHONY: lint
lint: $(GOLANGCI_LINT) $(GOFUMPT) $(BUF)
	@test -z "$$($(GOFUMPT) -l . | tee /dev/stderr)" || { echo 'run `make fmt`'; exit 1; }
	$(GOLANGCI_LINT) run ./...
	$(GOLANGCI_LINT) run --build-tags torture ./services/doxtrail ./services/collector/twitter ./pkg/bus
	$(BUF) lint
	$(BUF) format --diff --exit-code

.PHONY: fmt
fmt: $(GOFUMPT) $(BUF) ## format Go and proto
	$(GOFUMPT) -w .
	$(BUF) format -w

.PHONY: generate
generate: $(BUF) $(PROTOC_GEN_GO) ## make the Go code of proto/ again
	PATH=$(TOOLS):$$PATH $(BUF) generate

# drift makes the code again in a copy and compares: the work tree is left alone.
.PHONY: drift
drift: $(BUF) $(PROTOC_GEN_GO)
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	PATH=$(TOOLS):$$PATH $(BUF) generate --output "$$out"; \
	diff -r -x '*.proto' -x node_modules -x 'package*.json' "$$out/proto" proto \
		|| { echo 'generated code is out of date: run `make generate`'; exit 1; }
	@go mod tidy -diff

.PHONY: up
up: deps build ## run all services in this terminal, on ./data
	bin/doxtrail up

.PHONY: clean
clean: ## remove what was built and the demos' data
	rm -rf bin demo demo-live profile .tools

$(BUF): proto/package-lock.json
	cd proto && $(NPM_CI)
	@touch $@

# install puts one version of a Go tool into .tools under the target's name.
define install
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) go install $(1)
	@mv $(TOOLS)/$(2) $@ 2>/dev/null || true
endef

$(GOLANGCI_LINT):
	$(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0,golangci-lint)
$(GOFUMPT):
	$(call install,mvdan.cc/gofumpt@v0.12.0,gofumpt)
$(PROTOC_GEN_GO):
	$(call install,google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12,protoc-gen-go)
