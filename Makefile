# `make demo` and `make test` set up what they need; nothing but python3 (3.11 or newer, with venv) is expected.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .bench-venv
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-input
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade)

# The tests start hundreds of processes, each of which would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

# Tests of one group share a worker, so that a server is started once.  Much of their time they wait.
WORKERS ?= 4
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help venv demo test check lint bench reliability lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo         start the gateway with a terminal and an agent that drops files; ONCE=1 ends by itself'
	@echo 'make test         lint, types, layers and all tests (PostgreSQL, sshd and lftp tests where installed)'
	@echo 'make lint         lint, types, layers, dependencies and security checks'
	@echo 'make bench        measure against other parsers, in an environment of their own'
	@echo 'make reliability  the crash and fault tests at full size (over an hour)'
	@echo 'make lock         write requirements/*.txt anew from pyproject.toml and requirements/*.in (needs uv); UPGRADE=1'
	@echo 'make clean        remove what make has made'

# ---- Set-up: quick where it has been done, since each step leaves a stamp.

venv: $(VENV)/.project

$(VENV)/.packages: requirements/build.txt requirements/test.txt
	@$(PYTHON) -c '' 2>/dev/null || \
		{ echo 'No $(PYTHON) found. Install Python 3.11 or newer, or name one: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$$($(PYTHON) --version) is too old: 3.11 or newer is needed. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'Python has no venv here. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV) (about a minute) ...'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes --no-build-isolation --use-pep517 -r requirements/test.txt
	@touch $@

$(VENV)/.project: $(VENV)/.packages pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# ---- Use

demo: venv
	$(BIN)/gateway demo $(if $(ONCE),--once)

check: venv
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

lint: check
	$(BIN)/deptry .
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml gateway

test: check
	$(PYTEST) -n $(WORKERS) --dist loadgroup $(ARGS)

reliability: venv
	GATEWAY_RELIABILITY=full $(PYTEST) -m reliability --timeout 5400 $(ARGS)

$(BENCH_VENV)/.packages: requirements/bench-peers.txt | venv
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BENCH_VENV)/bin/python -m pip install --quiet --no-input \
		--require-hashes -r requirements/bench-peers.txt
	@touch $@

bench: venv $(BENCH_VENV)/.packages
	$(BIN)/python -m tests.bench $(ARGS)

# ---- Upkeep

lock:
	@command -v $(UV) >/dev/null || { echo 'uv is needed: pip install uv, or make lock UV=/path/to/uv' >&2; exit 1; }
	$(COMPILE) --extra kafka pyproject.toml -o requirements/runtime.txt >/dev/null
	$(COMPILE) --extra kafka pyproject.toml requirements/test.in -c requirements/runtime.txt -o requirements/test.txt >/dev/null
	$(COMPILE) requirements/build.in -c requirements/test.txt -o requirements/build.txt >/dev/null
	$(COMPILE) requirements/bench-peers.in -o requirements/bench-peers.txt >/dev/null

clean:
	rm -rf $(VENV) $(BENCH_VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find gateway tests -name __pycache__ -type d -prune -exec rm -rf {} +
