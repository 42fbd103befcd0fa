# Two commands do everything on a fresh machine: `make run` and `make test`.
# What each installs, starts or leaves behind is said by `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB_BUILD := src/progress_service/static/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
# What the build tools of the web app run on. Their native parts are installed for one version of
# Node and one platform, so both are in the name of the stamp: after an upgrade they are installed anew.
NODE_VERSION := $(shell command -v npm >/dev/null 2>&1 && node --version 2>/dev/null)
NODE_USABLE := $(shell echo "$(NODE_VERSION)" | awk -F'[v.]' \
  '{ if (($$2 == 20 && $$3 >= 19) || ($$2 == 22 && $$3 >= 12) || $$2 > 22) print "yes" }')
NODE_NEEDED := the web app needs Node 20.19 or newer (of 22: 22.12), and \
  $(if $(NODE_VERSION),this is $(NODE_VERSION),there is none); get it from https://nodejs.org/en/download
WEB_INSTALLED := web/node_modules/.installed-$(NODE_VERSION)-$(shell uname -sm | tr ' ' '-')
BROWSERS := chromium chromium-headless-shell firefox-esr
BROWSERS_MISSING = $(strip $(foreach name,$(BROWSERS),$(if $(shell command -v $(name)),,$(name))))

.DEFAULT_GOAL := help
.PHONY: help run setup test test-python test-web check format openapi bench-web screenshots media lock clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Set up and serve it all; starts a private mongod, keeps its data in the user's data folder
	@exec $(BIN)/progress-service dev

setup: $(VENV)/.installed $(if $(NODE_USABLE),$(WEB_BUILD),no-web) ## Build .venv and the web app; starts nothing

.PHONY: no-web
no-web:
	@echo "The API and /docs work without it, but $(strip $(NODE_NEEDED))."

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing); \
	install it, or name another one: make PYTHON=python3.12 $(or $(MAKECMDGOALS),setup)."; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(WEB_INSTALLED): web/package-lock.json | node
	npm ci --prefix web --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB_BUILD): $(WEB_INSTALLED) $(WEB_SOURCES)
	npm run --silent --prefix web build
	@touch $@

.PHONY: node
node:
	@test -n "$(NODE_USABLE)" || { echo "Cannot go on: $(strip $(NODE_NEEDED))."; exit 1; }

.PHONY: browser
browser:
	@test -z "$(BROWSERS_MISSING)" || { \
	  echo "Installing Debian's $(BROWSERS) for the browser tests."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    $(BROWSERS) fonts-dejavu-core >/dev/null; } \
	  || { echo "They cannot be installed here: install $(BROWSERS) by hand."; exit 1; }; }

test: node setup browser test-python test-web ## Everything needed, then every test; installs Debian's Chromium and Firefox if missing

test-python: setup browser ## The Python tests alone: units, a real mongod, HTTP, the browser
	$(BIN)/python -m pytest -p tests.no_skips -q -n 2 --dist loadscope --ignore tests/browser
	@: "The browser driver keeps an event loop running, so its tests have processes of their own."
	$(BIN)/python -m pytest -p tests.no_skips -q -n 2 --dist loadscope tests/browser

test-web: node setup ## The TypeScript tests alone
	npm run --silent --prefix web test

check: node setup ## Format, lint, types, import contracts; stale OpenAPI document, clients or examples
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/check_generated.py
	npm run --silent --prefix web check

format: setup ## Let the formatters rewrite the sources
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(VENV)/.installed $(WEB_INSTALLED) ## Write what is generated: OpenAPI document, both clients, .env.example
	$(BIN)/python scripts/check_generated.py --write
	npm run --silent --prefix web generate

bench-web: setup browser ## Bundle sizes, frames and long tasks while playing, each beside its goal
	$(BIN)/python scripts/bench_web.py

screenshots: setup browser ## Pictures of each page at three widths, light and dark, in screenshots/
	$(BIN)/python scripts/screenshots.py

media: $(VENV)/.installed ## Make the demo clips and the streams of the tests again; installs Debian's ffmpeg if missing
	@command -v ffmpeg >/dev/null || apt-get install -y -qq --no-install-recommends ffmpeg fonts-dejavu-core >/dev/null
	$(BIN)/python scripts/make_media.py
	$(BIN)/python scripts/make_streams.py

.PHONY: wheel
wheel: node setup ## A wheel with the web app inside, in dist/
	$(BIN)/python -m hatchling build -t wheel -d dist

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { echo "Installing Debian's wrk for the benchmarks."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk >/dev/null; } || \
	  { echo "wrk could not be installed here: install it as root, then try again."; exit 1; }

bench: $(VENV)/.installed wrk ## The figures of docs/performance.md measured here, in 10 minutes; installs Debian's wrk if missing
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: bench-scale
bench-scale: $(VENV)/.installed wrk ## The same calls over 100 thousand and 10 million records, in 15 minutes and 4 GB of disk
	@$(BIN)/python -m benchmarks scale $(BENCH)

.PHONY: audit
audit: ## Known vulnerabilities in the locked packages, where an advisory database can be reached; pip-audit goes into .venv-audit
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && \
	  .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 15 'pip-audit>=2.10,<3'; } || \
	  echo "pip-audit could not be installed."
	@$(PYTHON) scripts/audit.py

.PHONY: bench-hostile
bench-hostile: $(VENV)/.installed ## What 64 polite students notice of one hostile client, a row for each kind, in 12 minutes
	@$(BIN)/python -m benchmarks hostile $(BENCH)

lock: $(VENV)/.installed ## Pin the newest allowed Python packages in requirements.lock, and those of the image
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --extra embedded --extra dev --quiet -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --constraint requirements.lock --quiet -o requirements-serve.lock pyproject.toml

clean: ## Remove what setup and test made; the data of `make run` stays
	rm -rf $(VENV) .venv-audit web/node_modules web/*/node_modules web/packages/*/node_modules web/packages/*/dist src/progress_service/static .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis
