# `make feeds` and `make test` set up what they need; everything else is for those who work on feedpub.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Debian packages that some tests read and serve the output with; without them those are skipped.
SYSTEM_PACKAGES := apache2-bin caddy chromium faketime newsboat nginx-light postgresql strace systemd

.PHONY: feeds test test-long lint types check-feeds docs screenshots system-deps clean

feeds: $(VENV)/installed
	$(BIN)/feedpub build

test: $(VENV)/installed-dev
	$(BIN)/pytest -n auto

# The same, with races and accidents repeated, and the fuzzer run, until they would show.
test-long: $(VENV)/installed-dev
	$(BIN)/pytest -n auto --long

lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/installed-dev
	$(BIN)/mypy

# Rebuilding the sample site must leave the committed feeds as they are.
check-feeds: feeds
	@test -z "$$(git status --porcelain -- feeds)" || { git status --short -- feeds; git diff -- feeds | head -50; \
		echo "feeds/ is not up to date: run 'make feeds' and commit it"; exit 1; }

screenshots: feeds $(VENV)/installed-dev
	$(BIN)/python tests/browser/screenshots.py feeds docs/screenshots

docs: $(VENV)/installed-dev
	$(BIN)/python tests/commands_page.py > docs/commands.md
	cp feedpub/pages/static/feeds.schema.json docs/
	$(BIN)/python tests/report_schema.py > docs/report.schema.json

system-deps:
	@$(if $(filter 0,$(shell id -u)),,sudo) sh -c 'apt-get update -qq && apt-get install -y -qq $(SYSTEM_PACKAGES)'

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "feedpub needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/installed
