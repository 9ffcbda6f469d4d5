# Two commands matter: `make run` and `make test`. Everything else helps those who build it.
PORT ?= 8000
PYTHON ?= python3
ML_VENV ?= .ml-venv
BIN := .venv/bin
# A Python that has isatools, for the tests that ask it: made here unless FAIRGRAPH_ISATOOLS names one.
ISATOOLS := $(if $(FAIRGRAPH_ISATOOLS),isatools-given,.isatools-venv/installed)
ROC := $(if $(FAIRGRAPH_ROC),roc-given,.roc-venv/installed)
ALTAMISA := $(if $(FAIRGRAPH_ALTAMISA),altamisa-given,.altamisa-venv/installed)
WEB := $(if $(FAIRGRAPH_WEB),web-given,.web-venv/installed)
FAIRTRACKS := $(if $(FAIRGRAPH_FAIRTRACKS),fairtracks-given,.fairtracks-venv/installed)

.PHONY: help run test pictures oracle oracle-ml oracle-crate interop demo bench lint format clean isatools-given altamisa-given fairtracks-given roc-given web-given

help:  ## show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: .venv/installed  ## load the examples, validate, export everything to build/demo/, serve http://localhost:8000
	$(BIN)/fairgraph demo --serve --port $(PORT)

demo: .venv/installed  ## the same without serving
	$(BIN)/fairgraph demo

test: .venv/dev  ## lint, types and all tests but those that ask other tools
	$(MAKE) --no-print-directory lint
	@sh tools/chromium.sh
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not oracle and not ml_oracle and not crate_oracle"

pictures: .venv/dev  ## take the pictures of the documentation anew, in docs/images
	@sh tools/chromium.sh
	CI=1 FAIRGRAPH_PICTURES=docs/images $(BIN)/python -m pytest tests/browser/test_newcomer.py

oracle: .venv/dev $(ISATOOLS)  ## ask isatools about everything that we export: ten minutes
	$(BIN)/python -m pytest -m oracle

oracle-ml: $(ML_VENV)/installed  ## ask the readers of machine learning about everything that we export
	CI=1 $(ML_VENV)/bin/python -m pytest -m ml_oracle tests/test_ml_oracle.py

oracle-crate: .venv/dev $(ROC)  ## ask roc-validator about the crates and notebooks that we export
	CI=1 $(BIN)/python -m pytest -m crate_oracle tests/test_crate_oracle.py

interop: .venv/dev $(ISATOOLS)  ## ask other readers about everything that we export; see docs/interop.md
	FAIRGRAPH_ISATOOLS=$${FAIRGRAPH_ISATOOLS:-.isatools-venv/bin/python} $(BIN)/python -m benchmarks.interop

lint: .venv/dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev $(ISATOOLS) $(ALTAMISA) $(FAIRTRACKS) $(WEB)  ## side by side with the peers: docs/benchmarks.md (LARGE=1: up to 100,000 samples)
	$(BIN)/python -m benchmarks --docs $(if $(LARGE),--large --repeats 3)

clean:  ## remove what was made
	rm -rf .venv build dist

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# Takes some minutes, once. setuptools: isatools needs pkg_resources. The import shows that it works.
.isatools-venv/installed:
	rm -rf .isatools-venv
	$(PYTHON) -m venv .isatools-venv
	.isatools-venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 'setuptools<81' isatools==0.14.3
	.isatools-venv/bin/python -c 'from isatools import isajson, isatab'
	@touch $@

isatools-given:
	@$(FAIRGRAPH_ISATOOLS) -c 'from isatools import isajson'

$(ML_VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(ML_VENV)
	$(ML_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 -e '.[dev,ml-oracles]'
	$(ML_VENV)/bin/python -c 'import anndata, csvw, datasets, frictionless, mlcroissant'
	@touch $@

.roc-venv/installed:
	rm -rf .roc-venv
	$(PYTHON) -m venv .roc-venv
	.roc-venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 roc-validator==0.13.0
	.roc-venv/bin/python -c 'from rocrate_validator import services'
	@touch $@

roc-given:
	@$(FAIRGRAPH_ROC) -c 'from rocrate_validator import services'

.altamisa-venv/installed:
	rm -rf .altamisa-venv
	$(PYTHON) -m venv .altamisa-venv
	.altamisa-venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 altamisa==0.3.1
	.altamisa-venv/bin/python -c 'from altamisa import isatab'
	@touch $@

# Newer ones of what it needs make it fail, or pass over its own keywords.
.fairtracks-venv/installed:
	rm -rf .fairtracks-venv
	$(PYTHON) -m venv .fairtracks-venv
	.fairtracks-venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 fairtracks-validator==0.9.10 extended-json-schema-validator==0.9.11 jsonschema==4.0.1 uritools==3.0.2
	.fairtracks-venv/bin/python -c 'from fairtracks_validator.fairtracks_validator import FairGTracksValidator'
	@touch $@

.web-venv/installed:
	rm -rf .web-venv
	$(PYTHON) -m venv .web-venv
	.web-venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 oxigraph 'rdflib-endpoint[cli]'
	.web-venv/bin/oxigraph --version
	@touch $@

web-given:
	@$(FAIRGRAPH_WEB)/oxigraph --version

fairtracks-given:
	@$(FAIRGRAPH_FAIRTRACKS) -c 'from fairtracks_validator.fairtracks_validator import FairGTracksValidator'

altamisa-given:
	@$(FAIRGRAPH_ALTAMISA) -c 'from altamisa import isatab'
