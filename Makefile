# `make demo` and `make test` need nothing but Python >= 3.11, make and git.
SHELL := /bin/bash -o pipefail
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# One line for each package, so that a minute of installing is seen to go on.
define install
@$(PY) -m pip --disable-pip-version-check install --no-input --progress-bar off --require-hashes -r $(1) 2>&1 \
	| sed -unE 's/^Collecting ([^ (]+).*/  \1/p; s/^Installing collected.*/  … unpacking/p; /^ERROR/p'
endef

.DEFAULT_GOAL := help
.PHONY: help demo run test snapshots test-install lint check lock bench fuzz clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 22

$(VENV)/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "Installing what the assistant needs (about a minute, once) …"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(call install,requirements.lock)
	@touch $@

$(VENV)/ready-dev: requirements-dev.lock $(VENV)/ready
	@echo "Installing what tests and linters need …"
	$(call install,requirements-dev.lock)
	@touch $@

demo: $(VENV)/ready  ## Show the product at work in a browser; no account needed
	@$(PY) -m bot demo $(ARGS)

run: $(VENV)/ready  ## Run the assistant with the settings of .env
	@$(PY) -m bot run

test: $(VENV)/ready-dev  ## Run the tests
	@$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

snapshots: $(VENV)/ready-dev  ## Keep what people see as it is now; then read the changes
	@UPDATE_SNAPSHOTS=1 $(PY) -m pytest -q tests/snapshots tests/questions/test_answers.py $(ARGS)
	@git status --short -- tests

test-install: $(VENV)/ready-dev  ## Install on a bare Debian with systemd and test that (root, debootstrap)
	@TEST_INSTALL=1 $(PY) -m pytest tests/installing $(ARGS)

lint: $(VENV)/ready-dev  ## Format, lint, types, import contracts
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

check: lint test  ## Everything a change must pass

lock: $(VENV)/ready-dev  ## Pin the newest allowed versions, with hashes
	@$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml --extra postgres -o requirements.lock
	@$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml --extra postgres --group dev -o requirements-dev.lock
	@$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml --extra postgres --group dev --group fuzz -o requirements-fuzz.lock

bench: $(VENV)/ready-dev  ## Measure; prints tables for benchmarks/RESULTS.md
	@$(PY) -m benchmarks $(ARGS)

$(VENV)/ready-fuzz: requirements-fuzz.lock $(VENV)/ready-dev
	@echo "Installing what the fuzzers need …"
	$(call install,requirements-fuzz.lock)
	@touch $@

fuzz: $(VENV)/ready-fuzz  ## Mutate what comes in from outside (ARGS="--seconds 600 incoming")
	@$(PY) -m fuzz $(ARGS)

clean:  ## Remove the environment and the demo's files
	@rm -rf $(VENV) var build .mypy_cache .ruff_cache .pytest_cache
