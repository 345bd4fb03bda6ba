# Everything that is done with this project, on a machine that has no more than python3, pip, make and git.
# Standard output belongs to the forecast: set-up and progress speak on standard error.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Where bytecode is never written, the project's own modules would be compiled again at every start.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
READY := .venv/.ready
ARGS ?=

.PHONY: help setup browser forecast test check lint types imports docstrings readme stored notebooks slow calibrate wheel lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(READY): requirements.lock pyproject.toml .python-version
	@scripts/setup

setup: $(READY) ## create or refresh .venv from requirements.lock
	@:

browser: ## install chromium and poppler, which tests open reports with, where they are missing
	@scripts/browser

forecast: $(READY) ## fit the embedded case and print the forecast; options go in ARGS="--as-of 2025-02-05"
	@$(BIN)/vzforecast forecast $(ARGS)

test: $(READY) ## run the tests that are not slow; pytest's options go in ARGS
	@$(BIN)/pytest -m "not slow" $(ARGS)

slow: $(READY) ## run the slow tests and every notebook
	@$(BIN)/pytest -m slow $(ARGS)

calibrate: $(READY) ## check the calibration of the inference in full and write docs/calibration.md (an hour or more)
	@$(BIN)/python scripts/calibrate.py $(ARGS)

check: lint types imports docstrings stored readme ## run every static check and the README's code (make -k check: do not stop)

lint: $(READY) ## check style and format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(READY) ## check types
	@$(BIN)/mypy

imports: $(READY) ## check the direction of imports
	@$(BIN)/lint-imports --no-logo

docstrings: $(READY) ## check public docstrings
	@$(BIN)/python scripts/check_docstrings.py

readme: $(READY) ## run the README's Python blocks
	@$(BIN)/python scripts/run_readme_blocks.py

stored: $(READY) ## check that notebooks are stored without outputs and that their pages show them
	@$(BIN)/python scripts/notebooks.py --check

notebooks: $(READY) ## execute every notebook and write docs/notebooks (ten minutes; ARGS=02_news_arrives for one)
	@$(BIN)/python scripts/notebooks.py $(ARGS)

wheel: $(READY) ## build the wheel and try it in a clean environment
	@scripts/check_wheel

# Kept pins stay as they are; ARGS=--upgrade (or "--upgrade-package NAME") moves them.
lock: ## refresh requirements.lock from pyproject.toml
	@scripts/lock $(ARGS)

clean: ## remove what was built, the environment and the tools included
	rm -rf .venv .tools .cache dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .coverage
