#!/bin/sh
# Makes .venv and installs what requirements/dev.txt pins, checked by hash; then the project itself, editable.
# Called by `make setup`, which skips it when nothing has changed since .venv/.ready was written.
# uv installs, because pip takes many times as long: one that is found, else the pinned one, else pip after all.
set -eu
cd "$(dirname "$0")/.."
wanted=$(cat .python-version)
venv_python=.venv/bin/python

is_usable() {
    [ -x "$venv_python" ] && "$venv_python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null
}

with_pip() {
    # An environment that uv made carries no pip.
    "$venv_python" -m pip --version >/dev/null 2>&1 || "$venv_python" -m ensurepip --upgrade >/dev/null
    "$venv_python" -m pip install --quiet --disable-pip-version-check "$@"
}

provide_uv() {
    if command -v uv >/dev/null 2>&1; then
        uv=$(command -v uv)
    elif [ -x .venv/bin/uv ] || with_pip --only-binary :all: --require-hashes -r requirements/uv.txt; then
        uv=.venv/bin/uv
    else
        uv=
    fi
}

# Where pip is set up for another index than uv, uv may find nothing.
install() {
    if [ -n "$uv" ] && "$uv" pip install --quiet --python "$venv_python" "$@"; then return; fi
    with_pip "$@"
}

if ! is_usable; then
    python=$(tools/find_python.sh)
    echo "Making .venv with $("$python" --version)."
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --clear --python "$python" .venv
    else
        "$python" -m venv --clear .venv
    fi
fi

echo "Installing the pinned packages."
provide_uv
# Wheels only: building from source would run code, and fetch build tools, that no hash covers.
install --only-binary :all: --require-hashes -r requirements/dev.txt
# The build backend is one of the pinned packages, so nothing else is fetched here.
install --no-deps --no-build-isolation --editable .
touch .venv/.ready
echo "Ready: .venv has everything. Try: make demo"
