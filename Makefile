# Everything a person or a machine runs, by name. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PY := .venv/bin/python
SETUP := crm_web/ops/setup.sh
# Extra words for pytest or for the benchmarks: make test ARGS="tests/inbox -k send"
ARGS ?=
# The whole suite shares the cores; a chosen part runs in one process, which starts sooner and can be debugged.
WORKERS ?= $(if $(ARGS),0,logical)
CHROMIUM = $(shell cat .venv/chromium 2>/dev/null)

COMPILE = .venv/bin/uv pip compile --no-config -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
LOCKED := requirements requirements-embedded requirements-node requirements-dev

.PHONY: help run test bench lint format lock translations screenshots assets clean setup setup-dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: setup ## everything in one terminal, with demo data (PORT, CRM_DATA_DIR, … choose)
	@exec setpriv --pdeathsig TERM $(PY) -m crm_web.ops.up

test: setup-dev ## every test, in a real browser too (ARGS="tests/inbox -k send" for some)
	@CHROMIUM="$(CHROMIUM)" $(PY) -m pytest -n $(WORKERS) $(ARGS)

bench: setup-dev ## measure, on data it makes (ARGS="--only NAME" for one)
	@$(PY) -m bench $(ARGS)

lint: setup-dev ## formatting, lint, types, module order, templates, translations
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m djlint --quiet --lint templates
	@$(PY) -m pytest -q tests/architecture/test_translations.py

format: setup-dev ## put Python into the agreed form (templates are not: their white space shows)
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

lock: setup-dev ## pin again what requirements*.in and package.json ask for
	@$(foreach name,$(LOCKED),$(COMPILE) $(UPGRADE) $(name).in -o $(name).txt;)
	@npm_config_omit_lockfile_registry_resolved=true npm install --package-lock-only --ignore-scripts --no-audit --no-fund

# The words in the code are Spanish, so Spanish needs no catalogue. `N_` and `gettext` are known to Babel already.
# Nothing is guessed: a sentence that changed is missing until somebody translates it, and a test says so.
translations: setup-dev ## collect the words of code and templates, update and compile the catalogues (en, pt)
	@.venv/bin/pybabel -q extract -F pyproject.toml -k lazy_gettext -k _l --project crm-web --no-location --sort-output \
		-o crm_web/translations/messages.pot .
	@for locale in en pt; do \
		.venv/bin/pybabel -q update --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
			-i crm_web/translations/messages.pot -d crm_web/translations -l $$locale; \
	done
	@.venv/bin/pybabel -q compile -d crm_web/translations

screenshots: setup-dev ## pictures of the main pages, for the documentation
	@CHROMIUM="$(CHROMIUM)" $(PY) -m docs.screenshots.take $(ARGS)

assets: setup ## other people's front-end files, into static/vendor (part of every other target)

clean: ## remove what was installed and cached; the data in var/ stays
	rm -rf .venv node_modules static/vendor .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	rm -rf .coverage htmlcov test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@$(SETUP) run

setup-dev:
	@$(SETUP) test
