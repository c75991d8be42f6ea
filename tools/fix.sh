#!/bin/sh
# Mends what tools can mend; what is left to a person is shown by `make check`.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
ruff check --fix --quiet . || true # What it cannot mend is reported by `make check`.
ruff format --quiet .
python tools/templates.py --fix
python tools/reference.py
python tools/messages.py
