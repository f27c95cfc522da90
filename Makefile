# Everything happens inside this folder: .venv for packages, var for stores, logs, exports and the lake.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
RUN = .venv/bin/python -m lakehouse.setup.run
.DEFAULT_GOAL := help
.PHONY: help setup nightly ui test test-all test-crash check docs coverage lock wheel bench clean

help: ## this list
	@echo "customer-lakehouse: raw channel exports in, one trustworthy picture of each customer out, every night"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Needs Python 3.11 (make PYTHON=/path/to/it ...), Java 17, make and git. The command line: .venv/bin/lakehouse --help"

setup: ## make .venv, fetch the Delta jars, create Airflow's and MLflow's stores (once; three to four minutes)
	@$(PYTHON) -m lakehouse.setup

nightly: setup ## the next night of the sample company through Airflow, then the summary
	@$(RUN) nightly

ui: setup ## Airflow (scheduler and web), MLflow, reports and Data Docs on loopback; Ctrl-C ends all
	@$(RUN) ui

test: setup ## the tests (ARGS="tests/gold -k rfm" for some of them); without ARGS in two processes, and without what takes minutes
	@$(RUN) tool pytest $(or $(ARGS),-n 2)

test-all: setup ## also the slow tests and those that CI adds: the real scheduler, whole nights another way
	@$(RUN) tool pytest -m "slow or not slow" $(or $(ARGS),-n 2)

test-crash: setup ## disturb nights of a small company in every known way; prints what became of them (ARGS="--seed 2 --share 0.1")
	@$(RUN) tool python -m tests.crash $(ARGS)

check: setup ## format, lint, docstrings, dependencies, types, import rules, and what every job asks
	@$(RUN) tool ruff format --check .
	@$(RUN) tool ruff check .
	@$(RUN) tool python -m tests.docstring_rules
	@$(RUN) tool deptry .
	@$(RUN) tool mypy
	@$(RUN) tool lint-imports
	@$(RUN) tool python -m lakehouse.cli.main check --no-preview

docs: setup ## the documentation site, into var/docs/site: offline, and no warning is let through
	@rm -rf var/docs && mkdir -p var/docs/pages && cp -r docs/. var/docs/pages
	@$(RUN) tool lakehouse reference --out var/docs/pages/reference
	@$(RUN) tool zensical build --clean --strict

coverage: setup ## how much of each wing the last `make test ARGS=--cov` ran, against its floor
	@$(RUN) tool python -m tests.coverage_floors

lock: setup ## compile requirements.in into requirements.lock, with hashes and without URLs
	@$(RUN) tool uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --generate-hashes --universal --python-version 3.11 requirements.in -o requirements.lock

wheel: setup ## dist/customer_lakehouse-*.whl with conf and expectations inside, for executors
	@$(RUN) tool uv build --wheel --no-build-isolation --offline --python .venv/bin/python

bench: setup ## the time and share of each job of a first and a following night
	@$(RUN) tool python -m benchmarks $(ARGS)

clean: ## remove .venv and var: packages, stores, logs, exports and THE LAKE (asks first)
	@printf "Remove .venv and var, with the lake, in %s? [y/N] " "$(CURDIR)"; read answer; \
	  [ "$$answer" = y ] && rm -rf .venv var build dist *.egg-info && echo removed || echo "nothing removed"
