.DEFAULT_GOAL := help
.PHONY: help setup dev demo quick test check fix golden bench requirements clean

# Compiled modules are saved in .cache, also where the machine asks Python to save none: without them each start of
# Python compiles Django again, which takes three seconds, and the tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode

bin := .venv/bin
ready := .venv/.ready
# The demo is on its own: nothing in the environment may lead it to another database.
demo := env -u DATABASE_URL -u DATABASE_URL_FILE SCOREPORT_DATA_DIR=$(CURDIR)/var/demo DEMO=yes

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: $(ready) ## Make .venv and install everything pinned (does nothing when nothing changed)

$(ready): requirements/dev.txt pyproject.toml CHANGELOG.md tools/setup.sh tools/find_python.sh .python-version
	@tools/setup.sh

dev: setup ## Serve on http://127.0.0.1:8000 with a worker; both reload when a file changes
	@tools/dev.sh

demo: setup ## Build a demo with made-up people, serve it, and print who can sign in
	@$(demo) $(bin)/scoreport demo --serve

quick: setup ## Run what is quick on SQLite, for the work between two commits (ARGS="tests/scores")
	@tools/test.sh --quick $(ARGS)

test: setup ## Run every test on SQLite, then on PostgreSQL where one answers (ARGS="-k name" for some)
	@tools/test.sh $(ARGS)

check: setup ## Look at format, lint, types, layers, templates, spelling, migrations, generated files
	@tools/check.sh

fix: setup ## Mend what tools can mend: format, lint, templates, generated files
	@tools/fix.sh

golden: setup ## Rewrite the golden files; then read the diff like code
	UPDATE_GOLDEN=1 $(bin)/pytest -q -m golden -p no:randomly
	@git --no-pager diff --stat -- tests/golden

bench: setup ## Measure loading, export, roster and summary beside their floors
	$(bin)/python -m bench $(ARGS)

requirements: ## Resolve requirements/*.in into *.txt with hashes (needs uv)
	@tools/requirements.sh

clean: ## Remove .venv and caches; data in var/ stays
	rm -rf .venv .cache .hypothesis build dist
	find scoreport tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
