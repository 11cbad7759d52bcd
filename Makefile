# What a contributor needs; `make` alone lists it.
UV = python3 -m uv run --extra dev

.DEFAULT_GOAL := help
.PHONY: help setup serve style test slow reference docs

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

setup: ## install everything that development needs, into .venv
	python3 -m pip install uv && python3 -m uv sync --extra dev

serve: ## open the workbench in the browser
	$(UV) workbench serve

style: ## format, and check style and types
	$(UV) ruff check --fix && $(UV) ruff format && $(UV) mypy

test: ## run the tests (PYTEST="-k text" chooses some)
	$(UV) pytest $(PYTEST)

slow: ## run the tests that take minutes
	$(UV) pytest -m slow $(PYTEST)

reference: ## write docs/reference.md anew
	$(UV) python docs/make_reference.py

docs: ## build the documentation site into build/docs, every warning an error
	$(UV) sphinx-build -W --keep-going -n -b html docs build/docs
