# Needs Python 3.11 or newer, pip and make; everything else is installed into .venv.
PYTHON3 ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
# Fixtures serve whole files, so each runs in one process; the slow ones begin, and no core waits for another's end.
PARALLEL := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
DOCUMENTED := src tests $(wildcard bench scripts)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench soak mutants reference screenshots lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml requirements.lock scripts/setup.sh
	PYTHON3='$(PYTHON3)' scripts/setup.sh venv
	@touch $@

setup: $(READY) ## Install everything that run and test need
	@scripts/setup.sh node
	@scripts/setup.sh browser

run: $(READY) ## Serve the demo company on HOST:PORT (127.0.0.1:8080)
	$(BIN)/orgward demo --host $(HOST) --port $(PORT)

test: setup ## Run the tests; ARGS='-k name' picks some
	$(BIN)/python -m pytest -q -rs $(PARALLEL) $(ARGS)

check: $(READY) ## Lint, format, types, import directions, docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q $(DOCUMENTED)

bench: $(READY) ## Measure against the yardsticks
	$(BIN)/python -m bench $(ARGS)

soak: $(READY) ## Kill, race and fuzz a running server for 25 minutes, and compare 20,000 worlds
	$(BIN)/python -m tests.soak $(ARGS)

mutants: $(READY) ## Break the rules on purpose and see that a test notices
	$(BIN)/python -m tests.mutants $(ARGS)

reference: $(READY) ## Write the reference pages
	$(BIN)/python -m scripts.reference $(ARGS)

screenshots: setup ## Take the pictures of every page, in docs/console
	$(BIN)/python -m scripts.screenshots $(ARGS)

lock: ## Pin every package anew from pyproject.toml into requirements.lock
	PYTHON3='$(PYTHON3)' scripts/setup.sh lock
