# Each target sets up what it needs in .venv (again only when pyproject.toml or a lock file changed), then does its work.
# Needs Python 3.11 or newer with venv and pip, make and git; nothing else. Pass options on with ARGS, e.g.
#   make run ARGS="--scenario trump-route --draws 50"

ARGS =
BIN = .venv/bin

.PHONY: help setup run test lint format bench docs lock clean

help: ## say what each target does
	@echo "make <target> [ARGS=...]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1	\2/p' Makefile

setup: ## install the program and what its tests need into .venv
	@sh .ci/setup dev
	@echo "ready: .venv/bin/mackinder --help"

run: ## run the reference case (South Caucasus) and write out/south-caucasus
	@sh .ci/setup run
	@echo "running: mackinder run south-caucasus $(ARGS)"
	@$(BIN)/mackinder run south-caucasus $(ARGS)

test: ## run the whole test suite on all cores
	@sh .ci/setup dev
	@$(BIN)/python tools/warm.py
	@echo "testing: pytest -n auto --dist loadgroup $(ARGS)"
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: ## check style, format, types and the order of the layers
	@sh .ci/setup dev
	@echo "checking: ruff check, ruff format --check, mypy --strict, lint-imports"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: ## rewrite the sources in the house format
	@sh .ci/setup dev
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: ## time the commands against their bars (minutes)
	@sh .ci/setup dev
	@for script in benchmarks/bench_*.py; do echo "timing: $$script"; $(BIN)/python "$$script" $(ARGS) || exit 1; done

docs: ## make the generated pages of docs anew (ARGS=--run runs the case first and stores its numbers)
	@sh .ci/setup dev
	@echo "writing: docs/case-south-caucasus.md, docs/reality.md and what they show"
	@$(BIN)/python tools/make_pages.py $(ARGS)

lock: ## pin all dependencies anew (ARGS=--upgrade takes the newest)
	@sh .ci/setup lock $(ARGS)

clean: ## remove what was built, .venv included; results in out/ stay
	rm -rf .venv .uv dist web/node_modules web/dist src/mackinder/report/web .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
