# Everything that edepot needs is set up in .venv by the targets themselves.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: help setup bootstrap demo debian test check bench soak lock clean

help:
	@echo "make demo   set up and run the main job: deliveries in, AIPs on the shelf, verified"
	@echo "make test   set up and run all tests"
	@echo "make check  formatting, linting, types, imports"
	@echo "make bench  measure against the physical limit and against the hand-made pipeline"
	@echo "make soak   ten thousand random damages, each to be found and repaired;"
	@echo "            and ten thousand destructions in which things go wrong"

setup: $(VENV)/.ready

# The lock file holds every version with its hashes; nothing else is installed.
$(VENV)/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(find_python) -m venv $(VENV) 2>/dev/null || $(MAKE) bootstrap
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

find_python = $$(command -v $(PYTHON) || command -v python3)

# Debian without the package python3-venv: make the environment with virtualenv from the registry.
bootstrap:
	rm -rf $(VENV) .bootstrap
	$(find_python) -m pip install --quiet --target .bootstrap virtualenv
	PYTHONPATH=.bootstrap $(find_python) -m virtualenv --quiet $(VENV)
	rm -rf .bootstrap

demo: setup
	$(BIN)/edepot demo

# A real virus scanner for the tests, from Debian's package where we may install it.
debian:
	@sh tests/install_debian.sh

test: setup debian
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

soak: setup
	$(BIN)/python -m bench soak soak-disposal

# Renew the lock file after a change of the requirements in pyproject.toml.
lock: setup
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --allow-unsafe --strip-extras --extra dev --extra verapdf --extra demo --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist demo-depot
