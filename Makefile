# Every target works on a machine that has nothing but Python 3.11: see scripts/bootstrap.py.
PYTHON ?= python3
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run stop demo test test-server lint fmt bench lock venv venv-dev

help: ## Show what can be asked for
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

venv:
	@$(PYTHON) scripts/bootstrap.py

venv-dev:
	@$(PYTHON) scripts/bootstrap.py --dev

run: venv ## Start everything; Ctrl-C stops everything. PORT=8001 for another port
	@$(VENV) scripts/run.py

stop: venv ## Stop a run that was started elsewhere
	@$(VENV) scripts/run.py stop

demo: venv ## Make the demo organization anew
	@$(VENV) manage.py seed_demo_data --reset

test: venv-dev ## Check and test everything, as CI does
	@$(VENV) scripts/check.py

test-server: venv-dev ## Run the database tests on a PostgreSQL at 127.0.0.1:5432
	@$(VENV) scripts/check.py --only server

lint: venv-dev ## Check style, types, imports and templates
	@$(VENV) scripts/check.py --only lint

fmt: venv-dev ## Format Python and templates
	@.venv/bin/ruff check -q --fix . ; .venv/bin/ruff format -q .
	@find templates -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 5.2 || true

bench: venv-dev ## Measure, print a table, write var/bench.json
	@$(VENV) -m tests.benchmarks.run

lock: venv-dev ## Write requirements.lock: the version of every package, also of those brought along
	@$(VENV) -m pip freeze --disable-pip-version-check > requirements.lock
