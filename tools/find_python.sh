#!/bin/sh
# Prints the path of a Python 3.13, or says how to get one and fails.
# Looked for in this order: $PYTHON, the PATH, pyenv (which reads .python-version), uv (which may fetch one).
set -eu
cd "$(dirname "$0")/.."
wanted=$(cat .python-version)

fits() {
    "$1" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" >/dev/null 2>&1
}

for candidate in "${PYTHON:-}" "python$wanted" python3 python; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
        # The interpreter itself, not a shim that depends on the folder it is called from.
        exec "$candidate" -c "import sys; print(sys.executable)"
    fi
done

if command -v pyenv >/dev/null 2>&1; then
    candidate=$(PYENV_VERSION=$wanted pyenv which python 2>/dev/null || true)
    if [ -n "$candidate" ] && fits "$candidate"; then
        echo "$candidate"
        exit 0
    fi
fi

if command -v uv >/dev/null 2>&1 && { uv python find "$wanted" >/dev/null 2>&1 || uv python install --quiet "$wanted"; }; then
    exec uv python find "$wanted"
fi

echo "Python $wanted was not found. Install it (python.org, your system, pyenv or uv), or say where it is: make setup PYTHON=/path/to/python$wanted" >&2
exit 1
