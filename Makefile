# Two commands do everything on a fresh Debian machine: `make demo` and `make test`.
VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
STAMP  := $(VENV)/.installed

# one thread an engine: Debian's Tesseract costs 4 to 6 times the CPU without it
export OMP_THREAD_LIMIT := 1

.PHONY: help setup demo test slow lint types layers check lock catalogue clean

help:             ## this list
	@grep -E '^[a-z]+: .*##|^[a-z]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)   ## system packages and .venv
	@.ci/system-packages run

$(STAMP): .requirements.lock pyproject.toml
	@.ci/system-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages into $(VENV) (a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r .requirements.lock  # the lock is complete
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup       ## process the samples and show what happened
	@$(BIN)/podatelna demo

test: setup       ## all tests but the slow ones
	@.ci/system-packages test
	$(BIN)/python -m pytest -n 2

slow: setup       ## the tests that take minutes
	@.ci/system-packages test
	$(BIN)/python -m pytest -m slow

lint: setup       ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup      ## mypy, strict
	$(BIN)/mypy

layers: setup     ## flows -> pipeline -> extractors -> models
	$(BIN)/lint-imports

check: lint types layers test  ## all that CI runs

lock: setup       ## renew .requirements.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --extra dev pyproject.toml --output-file .requirements.lock

catalogue: setup  ## bring new texts into the desk's catalogue; then write the Czech ones
	@$(BIN)/pybabel -q extract -F pipeline/review/locale/babel.cfg -k say --no-location --sort-output \
		-o $(VENV)/desk.pot .
	@$(BIN)/pybabel -q update -i $(VENV)/desk.pot -d pipeline/review/locale -D desk --no-fuzzy-matching \
		--width 120 --ignore-pot-creation-date --ignore-obsolete

clean:            ## forget the environment and the demo's home
	rm -rf $(VENV) data/home
