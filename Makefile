# Everything that people and CI run. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Queries are checked against the data in .sqlx: building needs no database, whatever DATABASE_URL says.
export SQLX_OFFLINE ?= true

TARGET = $${CARGO_TARGET_DIR:-target}

.PHONY: help run test check fmt bench bench-scale chaos ui sqlx

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: ## build and start a hub with demo data on 127.0.0.1:8080, its data in .data
	@scripts/install-tools.sh run
	@if [ -f package.json ]; then $(MAKE) --no-print-directory ui; fi
	@cargo build --profile demo --package hub --bin turumba
	@exec $(TARGET)/demo/turumba serve --demo --data-dir "$${TURUMBA_DATA_DIR:-.data}"

test: ## everything that CI checks
	@scripts/test.sh

check: ## formatting, lints and dependencies, without the tests
	@scripts/test.sh check

fmt: ## format the code
	@cargo fmt --all

bench: ## measure speed and memory
	@scripts/install-tools.sh bench
	@cargo build --release --workspace --bins
	@cargo bench --package engine --bench fanout --no-run
	@$(TARGET)/release/bench

bench-scale: ## measure imports and group messages
	@scripts/install-tools.sh run
	@cargo build --release --workspace --bins
	@$(TARGET)/release/bench-scale

chaos: ## kill, freeze, fill and mislead two hubs and all they depend on, under load
	@scripts/install-tools.sh test
	@cargo build --release --workspace --bins
	@$(TARGET)/release/chaos

ui: ## build the inbox and the widget; the next build of the hub takes them in
	@scripts/install-tools.sh ui
	@scripts/build-ui.sh

sqlx: ## check every query against a new database and write .sqlx anew
	@scripts/sqlx-prepare.sh
