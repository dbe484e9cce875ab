# Two commands are all a newcomer needs: make demo, make test. Both make their own environment in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
INSTALL := $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
# Commands and tests start hundreds of processes; what is compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE
# Most tests wait for other processes: more workers than processors.
JOBS ?= 4

.PHONY: help demo ui test lint bench docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(INSTALL) --editable .
	@touch $@

# Tests start some 150 Gradio apps with this Python: as in the environments of apps, with a Gradio that is lean.
$(VENV)/.dev: $(VENV)/.run spacefactory/lean_gradio.py
	$(INSTALL) --editable ".[testing]" --group dev
	$(BIN)/python -m spacefactory.lean_gradio
	@touch $@

$(VENV)/.full: $(VENV)/.dev
	$(INSTALL) --group full
	@touch $@

demo: $(VENV)/.run ## build, run and prove the sample model on this machine
	$(BIN)/spacefactory demo

ui: $(VENV)/.run ## the orchestrator on this machine
	$(BIN)/spacefactory ui

test: $(VENV)/.dev ## every test; what needs torch, Chromium or Node is skipped where it is missing
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## format, rules, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.full ## figures side by side, as ratios
	$(BIN)/python -m benchmarks

docs: $(VENV)/.run ## write docs/reference and docs/schemas from the code
	$(BIN)/python docs/generate.py

clean: ## remove the environment and what tests left
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
