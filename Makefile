PYTHON ?= python3
DATA ?= ../shared/data
BIN := .venv/bin
BUILT_FROM := pyproject.toml setup.py $(wildcard stance/native/*) stance/folding.py stance/folding.toml

.PHONY: help demo test lint coverage model bench fuzz mutants sanitize clean
.NOTPARALLEL:

help:
	@echo "make demo   score an article and its relations, predict three lines, explain one"
	@echo "make test   lint, type-check and run the tests"
	@echo "make lint   ruff and mypy only"
	@echo "make coverage  run the tests; they must take every branch of loading, saving, reading and scoring"
	@echo "make model  train the shipped model again (DATA=$(DATA))"
	@echo "make bench  compare its accuracy and speed with other tools (DATA=$(DATA)), report its behaviour"
	@echo "make sanitize  put texts through the native kernel under sanitizers, and under valgrind where there is one"
	@echo "make fuzz   try to break it for about an hour: hostile models, text, data and processes"
	@echo "make mutants  change the code of the model, the readers and the writers; some test must notice"
	@echo "make clean  remove .venv and everything built"

demo: .venv/installed
	$(BIN)/stance score fixtures/articles/accord.txt
	@echo
	$(BIN)/stance score --relations fixtures/actors/article.txt
	@echo
	$(BIN)/stance predict --format table \
		"Ankara lifted its ban on flights from the island." \
		"Negotiators left Geneva without agreeing on a date for the next round." \
		"The talks on the river treaty are scheduled for 4 May in Vienna."
	@echo
	$(BIN)/stance explain "The envoy thanked his hosts but refused to discuss the border."

test: lint
	$(BIN)/python -m pytest

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@rm -rf .types && mkdir -p .types/stance && cd .types/stance && ln -s ../../stance/* ../../training .
	cd .types && ../$(BIN)/mypy --config-file ../pyproject.toml --cache-dir ../.mypy_cache

coverage: .venv/installed-test
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

model: .venv/installed-train
	$(BIN)/python -m stance.training --data "$(DATA)"

bench: .venv/installed-bench
	$(BIN)/python -m benchmarks.accuracy --data "$(DATA)"
	$(BIN)/python -m benchmarks.written --data "$(DATA)"
	$(BIN)/python -m benchmarks.relations --data "$(DATA)"
	$(BIN)/python -m benchmarks.documents
	$(BIN)/python -m benchmarks.behaviour
	$(BIN)/python -m benchmarks.actor_bias
	$(BIN)/python -m benchmarks.speed --data "$(DATA)"

fuzz: .venv/installed-test
	$(BIN)/python -m campaigns

mutants: .venv/installed-mutants
	$(BIN)/python -m campaigns.mutants

sanitize: .venv/installed-test
	$(BIN)/python -m campaigns.sanitize
	@if command -v valgrind > /dev/null; then $(BIN)/python -m campaigns.sanitize --valgrind --count 20000; \
		else echo "valgrind not found, its part was skipped"; fi

clean:
	rm -rf .venv .types .coverage mutants build dist *.egg-info

# mypy reads no package-dir, so `lint` lays the package out in .types as the wheel has it, stance.training inside.

# An install is redone when pyproject.toml or the native kernel changes. A stale build/ would smuggle old files into it.
.venv/installed: $(BUILT_FROM) | $(BIN)/python
	@rm -rf build
	$(BIN)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

.venv/installed-%: $(BUILT_FROM) | $(BIN)/python
	@rm -rf build
	$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[$*]'
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv .venv
