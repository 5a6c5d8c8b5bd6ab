# Everything that edepot needs is set up in .venv by the targets themselves.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: help setup demo clamd test check bench lock clean

help:
	@echo "make demo   set up and run the main job: deliveries in, AIPs on the shelf, verified"
	@echo "make test   set up and run all tests"
	@echo "make check  formatting, linting, types, imports"
	@echo "make bench  measure against the physical limit and against the hand-made pipeline"

setup: $(VENV)/.ready

# The lock files hold every version with its hashes; nothing else is installed.
$(VENV)/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(call find_python) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

find_python = $$(command -v $(PYTHON) || command -v python3)

demo: setup
	$(BIN)/edepot demo

# A real virus scanner for the tests, from Debian's package where we may install it.
clamd:
	@command -v clamd >/dev/null 2>&1 || test -x /usr/sbin/clamd || sh tests/install_clamd.sh

test: setup clamd
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

# Renew the lock file after a change of the requirements in pyproject.toml.
lock: setup
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --allow-unsafe --strip-extras --extra dev --extra verapdf --extra demo --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist demo-depot
