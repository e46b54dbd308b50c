PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install run test demo synth bench

help: ## what can be done here
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

install: .venv/installed ## .venv with everything, test tools included

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## the local cloud and the portal, with the example company
	@exec $(BIN)/freehold up

demo: install ## the main job once, in the terminal
	@$(BIN)/freehold demo

test: install ## lint, types, import contracts, the whole suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n auto

synth: install ## the CloudFormation of every stack, in cdk.out
	@$(BIN)/python -m infra.stacks.app

bench: install ## the benchmarks, one JSON object a line
	@$(BIN)/python -m tests.bench
