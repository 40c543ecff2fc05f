# SPDX-License-Identifier: GPL-2.0-or-later
# make demo   sets everything up and reviews the bundled series
# make test   sets everything up and runs all tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check lint format clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	@$(BIN)/reviewbot demo

test: $(VENV)/.tested lint
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered -q

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Debian ships Python without venv: the one package that has to be there besides git, make and python3
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "reviewbot needs Python 3.11 or later; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "installing python3-venv"; \
		[ "$$(id -u)" = 0 ] && root= || root=sudo; \
		$$root apt-get -qq update && $$root apt-get -qq install -y --no-install-recommends python3-venv >/dev/null; \
	} || { echo "please install python3-venv and run make again" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist .coverage .pytest_cache .mypy_cache .ruff_cache
