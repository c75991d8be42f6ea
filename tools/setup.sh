#!/bin/sh
# Makes .venv and installs what requirements/dev.txt pins, checked by hash; then the project itself, editable.
# Called by `make setup`, which skips it when nothing has changed since .venv/.ready was written.
set -eu
cd "$(dirname "$0")/.."
wanted=$(cat .python-version)
venv_python=.venv/bin/python

is_usable() {
    [ -x "$venv_python" ] && "$venv_python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null
}

has_pip() {
    "$venv_python" -m pip --version >/dev/null 2>&1
}

if command -v uv >/dev/null 2>&1; then
    install() { uv pip install --quiet --python "$venv_python" "$@"; }
    make_venv() { uv venv --quiet --clear --python "$1" .venv; }
else
    install() { "$venv_python" -m pip install --quiet --disable-pip-version-check "$@"; }
    make_venv() { "$1" -m venv --clear .venv; }
fi

if ! is_usable; then
    python=$(tools/find_python.sh)
    echo "Making .venv with $("$python" --version)."
    make_venv "$python"
fi
# An environment that uv made carries no pip; without uv it has to get one.
command -v uv >/dev/null 2>&1 || has_pip || "$venv_python" -m ensurepip --upgrade >/dev/null

echo "Installing the pinned packages."
# Wheels only: building from source would run code, and fetch build tools, that no hash covers.
install --only-binary :all: --require-hashes -r requirements/dev.txt
# The build backend is one of the pinned packages, so nothing else is fetched here.
install --no-deps --no-build-isolation --editable .
touch .venv/.ready
echo "Ready: .venv has everything. Try: make demo"
