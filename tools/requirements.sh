#!/bin/sh
# Resolves requirements/*.in into *.txt, with hashes, for every system that Python 3.13 runs on.
# Indexes and folders that this machine is set up with are ignored: the hashes must be what everybody downloads.
# `make requirements` keeps pinned versions where it can; UPGRADE=--upgrade takes the newest.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null 2>&1 || { echo "This needs uv; install it with your system or with pip." >&2; exit 1; }
unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL UV_FIND_LINKS UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_DEFAULT_INDEX

compile() {
    uv pip compile --quiet --no-config ${UPGRADE:-} --universal --python-version "$(cat .python-version)" \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make requirements" "$@"
}

compile requirements/base.in --output-file requirements/base.txt
compile requirements/dev.in --constraint requirements/base.txt --output-file requirements/dev.txt
compile requirements/uv.in --output-file requirements/uv.txt
