# `make demo` and `make test` do all set-up. PYTHON selects the interpreter.
.DEFAULT_GOAL := help
.PHONY: help demo test lint coverage generate bench faults lock release wheelhouse clean runtime dev

export PYTHON
unexport PYTHONHOME PYTHONPATH

LOCK := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --system-certs \
	--python-version 3.11 $(UPGRADE) pyproject.toml

help: ## Lists the targets
	@sed -n 's/^\([a-z]*\):.*## /    make \1	/p' Makefile | expand -t 20

demo: $(if $(filter postgres,$(STORE)),dev,runtime) ## Takes 1,080 cores from import to export and verifies two passports, in demo/; STORE=postgres keeps the events in a PostgreSQL database
	@scripts/demo

test: lint ## Runs the linters and all tests except the long ones
	.venv/bin/pytest --numprocesses auto

lint: dev ## Checks style, types and the import rules
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	node_modules/.bin/tsc
	node_modules/.bin/eslint --max-warnings 0

coverage: dev ## Runs the tests and lists the branches that none of them takes
	.venv/bin/pytest --numprocesses auto --cov --cov-report term-missing:skip-covered

generate: dev ## Regenerates the files that are derived from the code, such as the catalogue's page
	@scripts/generate

bench: dev ## Runs the benchmarks and prints tables and JSON
	@set -e; for program in benchmarks/bench_*.py; do .venv/bin/python $$program; done
	@set -e; for name in append http passport growth; do .venv/bin/python benchmarks/bench_$$name.py --store postgres; done

faults: dev ## Runs the long tests with power cuts, killed processes and flipped bytes, and prints their counts
	@scripts/system-packages faults
	@scripts/install-patroni
	.venv/bin/pytest -m faults --numprocesses auto
	.venv/bin/pytest --hypothesis-profile search --numprocesses auto \
		tests/events tests/formats tests/identifiers tests/merkle tests/property tests/rules tests/verify

lock: dev ## Regenerates the lock files from pyproject.toml and package.json; UPGRADE=--upgrade upgrades Python packages
	$(LOCK) --extra server --extra client --extra lists --extra reports --extra fast --extra postgres --extra s3 \
		--extra dask --group dev --output-file requirements/dev.txt
	$(LOCK) --extra server --extra client --extra lists --extra reports --extra fast --group build --constraint requirements/dev.txt --no-annotate \
		--output-file requirements/runtime.txt
	$(LOCK) --extra lists --extra reports --extra fast --constraint requirements/dev.txt --no-annotate \
		--output-file requirements/auditor.txt
	echo 'psycopg[binary]>=3.2' | $(LOCK:pyproject.toml=-) --constraint requirements/dev.txt --no-annotate \
		--output-file deploy/cluster/psycopg.txt
	echo 'patroni>=4.1' | $(LOCK:pyproject.toml=-) --no-deps --no-annotate --output-file deploy/cluster/patroni.txt
	scripts/lock-javascript

release: dev ## Builds a release into dist/, the same bytes for the same commit
	@scripts/release

wheelhouse: dev ## Builds a release and a folder that installs it on a computer without a network
	@scripts/wheelhouse

clean: ## Removes .venv, caches and builds; keeps demo/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist

runtime dev:
	@scripts/setup $@
