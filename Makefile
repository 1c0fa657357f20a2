# The owner's manual: every job around this repository is a target here. `make` alone lists them.
# Needs Node.js 20 or newer, npm and make; nothing else.

SHELL := /bin/sh
BIN   := node_modules/.bin
NODE  ?= node

SOURCES   := $(shell find src workers test scripts bench -name '*.ts' 2>/dev/null | sort)
GEN_FIRST := $(wildcard scripts/gen-*.mjs)
GEN_AFTER := $(patsubst scripts/%.ts,dist/scripts/%.js,$(wildcard scripts/gen-*.ts))

# What `make test` runs, in this order; `make test-all` adds the slow ones.
SUITES      ?= unit arch docs conformance corpora fuzz integration e2e
SLOW_SUITES ?= slow

.DEFAULT_GOAL := help
.PHONY: help setup build watch gen gen-check ingest bench bench-micro bench-objects bench-peers test test-all fuzz lint fmt typecheck \
        docs docs-check foreign-files clean distclean pg-up pg-down node-check FORCE

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  make ingest FILE=my.parquet TO=postgres://me@host/db TABLE=my_table WORKERS=4 MODE=append AGAIN=1'
	@echo '  make test ONLY=pg-launcher        only test files whose path contains that'

node-check:
	@command -v $(NODE) >/dev/null 2>&1 || { \
	  echo 'Node.js was not found. Install version 20 or newer (https://nodejs.org), then run make again.' >&2; exit 1; }
	@$(NODE) -e 'if (+process.versions.node.split(".")[0] < 20) process.exit(1)' || { \
	  echo "Node.js 20 or newer is needed; this is $$($(NODE) -v)." >&2; exit 1; }

# npm writes this file last, so its time says whether node_modules is as new as the lock file.
node_modules/.package-lock.json: package-lock.json | node-check
	npm ci --loglevel=error --no-update-notifier
	@touch $@

setup: node-check node_modules/.package-lock.json ## Installs dependencies when the lock file is newer than they are

# Changes only when a source file comes or goes, so that a deleted one is noticed too.
dist/.sources: FORCE
	@mkdir -p dist
	@printf '%s\n' $(SOURCES) | cmp -s - $@ || printf '%s\n' $(SOURCES) > $@

# Output without a source would still be run by the tests: it goes first.
dist/.built: $(SOURCES) $(GEN_FIRST) tsconfig.json package.json dist/.sources node_modules/.package-lock.json
	@for g in $(GEN_FIRST); do $(NODE) $$g || exit 1; done
	@find dist -path dist/bundle -prune -o -name '*.js' -print | while read -r f; do s=$${f#dist/}; \
	  [ -e "$${s%.js}.ts" ] || rm -f "$$f" "$$f.map" "$${f%.js}.d.ts"; done
	$(BIN)/tsc -p .
	@touch $@

# What the command runs: without the bundle it would run what the compiler made, only slower to start.
dist/bundle/package.json: $(filter src/% workers/%,$(SOURCES)) $(wildcard scripts/bundle/*.ts) package.json dist/.sources \
                          node_modules/.package-lock.json | dist/.built
	@$(NODE) dist/scripts/bundle/main.js

build: node-check dist/.built dist/bundle/package.json ## Generates, type-checks, compiles to dist/ and bundles; does nothing when nothing changed

watch: build ## Compiles again at every change, without the bundle
	rm -rf dist/bundle
	$(BIN)/tsc -p . --watch --preserveWatchOutput

gen: build ## Writes what is generated: registry, config schema, command reference
	@for g in $(GEN_FIRST) $(GEN_AFTER); do $(NODE) $$g || exit 1; done

gen-check: build ## Fails when something generated is out of date
	@for g in $(GEN_FIRST) $(GEN_AFTER); do $(NODE) $$g --check || exit 1; done

foreign-files: build ## Writes docs/foreign-files.md from the shared test data
	@$(NODE) dist/test/corpora/write-docs.js

ingest: export FILE := $(FILE)
ingest: export TO := $(TO)
ingest: export TABLE := $(TABLE)
ingest: export WORKERS := $(WORKERS)
ingest: export MODE := $(MODE)
ingest: export AGAIN := $(AGAIN)
ingest: build ## Loads 3,000,000 real flights into an embedded Postgres; FILE= TO= TABLE= WORKERS= MODE= AGAIN=1 change it
	@$(NODE) dist/scripts/ingest.js

pg-up: build ## Starts the embedded Postgres of `make ingest` and leaves it running, to look around
	@$(NODE) dist/scripts/pg/up.js

pg-down: build ## Stops it
	@$(NODE) dist/scripts/pg/down.js

bench: build ## Runs the benchmark matrix; CASES=bars names cases of bench/cases, ARGS= goes to it
	@$(NODE) dist/bench/main.js $(if $(CASES),--cases $(CASES)) $(ARGS)

bench-micro: build ## Decode, encode and framing by themselves, in seconds; ARGS=decimal runs only what matches
	@$(NODE) dist/bench/micro/main.js $(ARGS)

bench-objects: build ## Reading from an S3 server on loopback beside reading from disk; FILE= RUNS= change it
	@$(NODE) dist/bench/objects/main.js

bench-peers: build ## The same input by other tools, as far as they are installed
	@$(NODE) dist/bench/peers.js $(ARGS)

test: build ## Runs every test that needs only Node; says at the end what was skipped and how to turn it on
	@$(NODE) dist/scripts/run-tests.js $(SUITES)

test-all: build ## The same and the slow ones
	@$(NODE) dist/scripts/run-tests.js $(SUITES) $(SLOW_SUITES)

fuzz: export TIME := $(TIME)
fuzz: export SEED := $(SEED)
fuzz: export CASE := $(CASE)
fuzz: export FILE := $(FILE)
fuzz: build ## Damaged Parquet files, each read whole or refused by name; TIME=60 seconds, SEED= CASE= FILE= repeat one
	@$(NODE) dist/test/fuzz/main.js

lint: setup ## Biome, without changing anything
	$(BIN)/biome ci

fmt: setup ## Biome, formatting and fixing what it safely can
	$(BIN)/biome check --write

typecheck: setup ## tsc without output
	@for g in $(GEN_FIRST); do $(NODE) $$g || exit 1; done
	$(BIN)/tsc -p . --noEmit

docs: gen docs-check ## Generates the reference and checks links and commands in all Markdown files

docs-check: build
	@$(NODE) dist/scripts/run-tests.js docs

clean: ## Removes what the build made
	rm -rf dist

distclean: clean ## Removes dependencies too; the data of `make ingest` stays
	rm -rf node_modules
