#!/bin/sh
# Serves for development: database up to date, two workers beside the server, all reloading; Ctrl+C ends all.
set -eu
cd "$(dirname "$0")/.."
export DEBUG=yes PYTHONUNBUFFERED=1
# A folder of its own: DEBUG opens no database that was set up for real people. DATABASE_URL may name another one.
export SCOREPORT_DATA_DIR="${SCOREPORT_DATA_DIR:-$PWD/var/dev}"
scoreport=.venv/bin/scoreport
address=${1:-127.0.0.1:8000}

"$scoreport" setup
"$scoreport" db_worker --reload --queue-name '*' --exclude-queues mail &
worker=$!
"$scoreport" db_worker --reload --queue-name mail &
mail_worker=$!
trap 'kill "$worker" "$mail_worker" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
"$scoreport" runserver "$address"
