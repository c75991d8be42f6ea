#!/bin/bash
# Every check that needs no test run. All of them run, so that one pass shows everything that is wrong.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export PATH="$PWD/.venv/bin:$PATH" DJANGO_SETTINGS_MODULE=scoreport.settings
# The checks look at the program, not at this machine's data.
unset DATABASE_URL DATABASE_URL_FILE
export SCOREPORT_DATA_DIR="$PWD/.cache/check"
mkdir -p "$SCOREPORT_DATA_DIR" && chmod 700 "$SCOREPORT_DATA_DIR"
failed=()

check() {
    local name=$1
    shift
    printf -- '--- %s\n' "$name"
    "$@" || failed+=("$name")
}

check "format" ruff format --check --quiet .
check "lint" ruff check --quiet .
check "types" mypy
check "layers" lint-imports --no-cache
check "templates" djlint scoreport --lint --quiet
check "template layout" python tools/templates.py
check "spelling" codespell
check "Django's checks" python -m django check --fail-level WARNING
check "migrations" python -m django makemigrations --check --dry-run
check "reference pages" python tools/reference.py --check
check "known weaknesses" python tools/audit.py
check "translations" python tools/messages.py --check

if ((${#failed[@]})); then
    printf '\nNot in order:\n' >&2
    printf '  %s\n' "${failed[@]}" >&2
    echo "make fix mends format, layout and generated files." >&2
    exit 1
fi
echo "All checks passed."
