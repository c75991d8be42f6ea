.DEFAULT_GOAL := help
.PHONY: help setup
bin := .venv/bin
ready := .venv/.ready

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(ready) ## Make .venv and install everything pinned (does nothing when nothing changed)

$(ready): requirements/dev.txt pyproject.toml CHANGELOG.md tools/setup.sh .python-version
	@tools/setup.sh
