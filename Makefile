# Needs Python 3.11 or newer, make and git; everything else is installed into .venv.
# PYTHON names the interpreter that makes .venv; ARGS is passed on to `tieout demo` and to pytest.

PYTHON   ?= $(firstword $(foreach p,python3 python3.11 python3.12 python3.13 python3.14,\
              $(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
ARGS     ?=
VENV     := .venv
BIN      := $(VENV)/bin
PACKAGES := ingestion dagster_project expectations dashboards
# The models as dbt parsed them, for every home to begin with.
PARSED   := dbt/target/partial_parse.msgpack
LOCK     := $(BIN)/uv pip compile pyproject.toml -q --universal --generate-hashes \
              --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format coverage spark bench dashboard lock clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed $(PARSED)  ## make .venv with everything in requirements.lock
# Bytecode is half of every start, and some machines switch the writing of it off.
	@$(BIN)/python -m compileall -q $(PACKAGES)

demo: setup  ## simulated operator from landed files to findings; then the dashboard (ARGS=--no-ui ends)
	@$(BIN)/tieout demo --size s $(ARGS)

test: setup  ## all tests that need neither Spark nor patience (ARGS goes to pytest)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: setup  ## ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt --processes 0

format: setup  ## let ruff rewrite the Python files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: setup  ## tests with line coverage of ingestion and lib (at least 90 %)
	@$(BIN)/python -m pytest --cov --cov-report=term-missing $(ARGS)

spark: $(VENV)/.installed-spark  ## the same models on local Spark (needs Java 17 or newer)
	@$(BIN)/python -m pytest -m spark tests/integration/test_spark.py $(ARGS)

bench: setup  ## time and memory against plain DuckDB, polars and pandas
	@$(BIN)/python -m tests.benchmarks $(ARGS)

dashboard: setup  ## serve the dashboard of the newest snapshot
	@$(BIN)/tieout ui

lock: $(VENV)/.installed  ## resolve the dependencies of pyproject.toml again
	$(LOCK) --extra dev --extra remote --extra servers --extra einvoice --extra tap -o requirements.lock
	$(LOCK) --extra spark -c requirements.lock -o requirements-spark.lock

clean:  ## remove .venv, caches and the demo's data
	rm -rf $(VENV) .tieout .mypy_cache .ruff_cache .pytest_cache .coverage htmlcov *.egg-info build
	rm -rf dbt/target dbt/logs
	find $(wildcard $(PACKAGES)) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so an interrupted set-up is simply made again.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Tieout needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Tieout needs Python 3.11 or newer; '$(PYTHON)' is not" >&2; exit 1; }
	@echo "Making $(VENV) from requirements.lock (once, about a minute) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@awk '/^uv==/ {p=1} p {print} p && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.txt
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync -q --require-hashes --compile-bytecode requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-spark
	@touch $@

$(PARSED): $(VENV)/.installed $(shell find dbt -path dbt/target -prune -o -path dbt/logs -prune -o -type f -print)
	@cd dbt && ../$(BIN)/dbt --quiet --log-level-file none parse --target duckdb

$(VENV)/.installed-spark: requirements-spark.lock $(VENV)/.installed
	@command -v java >/dev/null || { echo "make spark: no java found; install Java 17 or newer" >&2; exit 1; }
	@echo "Adding Spark to $(VENV) (once, about a minute) ..." >&2
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --require-hashes --compile-bytecode -r requirements-spark.lock
	@touch $@
