PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp

.PHONY: help render test lint tools control-plane live crds crds-check conformance current lock bench peers charts scheduling mutation

help:
	@echo "make render       set up, and render the production environment"
	@echo "make test         set up, and run all tests"
	@echo "make lint         style, types, import order"
	@echo "make tools        build the pinned kustomize, kubeconform, helm and dyff (needs Go)"
	@echo "make conformance  hold what is rendered against kustomize and kubeconform, differences against dyff"
	@echo "make live         hold diff --live and the table of fields that cannot change against a real API server"
	@echo "make peers        hold solutio reach against another policy engine (needs Go)"
	@echo "make charts       hold the models of charts against real charts from Go modules (needs Go)"
	@echo "make scheduling   hold placements against a real kube-scheduler"
	@echo "make crds         generate schemas/crds from the published Go modules"
	@echo "make current      fail when committed output is not what the code makes"
	@echo "make lock         pin the dependencies with hashes"
	@echo "make bench        measure whole commands"
	@echo "make mutation     damage rendered trees, and fail when a fault slips through for no known reason"

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

render: $(STAMP)
	$(BIN)/solutio render prod

test: $(STAMP)
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tools:
	tools/build.sh

control-plane:
	tools/build.sh control-plane

live: $(STAMP) control-plane
	$(BIN)/python tools/immutable.py
	$(BIN)/python tools/live.py

peers: $(STAMP)
	tools/build.sh peer
	$(BIN)/python tools/peers.py

charts: $(STAMP) tools
	$(BIN)/python tools/charts.py
scheduling: $(STAMP) control-plane
	$(BIN)/python tools/scheduling.py

crds: $(STAMP)
	$(BIN)/python tools/crds.py schemas/crds

crds-check: $(STAMP)
	$(BIN)/python tools/crds.py --check schemas/crds

conformance: $(STAMP) tools
	$(BIN)/python tools/conformance.py
	$(BIN)/python tools/dyff.py

current: $(STAMP)
	$(BIN)/python tools/current.py

lock:
	$(BIN)/python tools/lock.py

bench: $(STAMP)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/plan.py

SAMPLE ?= 2
mutation: $(STAMP)
	$(BIN)/python -m tools.mutation $(if $(SAMPLE),--sample $(SAMPLE)) --write docs/mutation.md
