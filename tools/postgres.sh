#!/bin/bash
# Finds a PostgreSQL for the tests and prints its URL; `tools/postgres.sh stop` ends one that was started here.
# In this order: TEST_DATABASE_URL; 127.0.0.1:5432 as postgres without a password; a private server in var/postgres
# (never as root: PostgreSQL refuses); Debian's own cluster, started and given a role for the tests (only as root).
# With REQUIRE_POSTGRES=1, root on Debian gets PostgreSQL installed.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/var/postgres

answers() {
    .venv/bin/python -c "import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=5).close()" "$1" 2>/dev/null
}

offer() {
    answers "$1" && echo "$1" && exit 0
    return 1
}

server_program() {
    local found
    found=$(command -v "$1" || ls -1 /usr/lib/postgresql/*/bin/"$1" /opt/homebrew/opt/postgresql*/bin/"$1" 2>/dev/null | sort -V | tail -1)
    [[ -n $found ]] && echo "$found"
}

start_private() {
    local initdb pg_ctl port
    initdb=$(server_program initdb) && pg_ctl=$(server_program pg_ctl) || return 1
    if [[ ! -f $folder/PG_VERSION ]]; then
        "$initdb" --pgdata "$folder" --username postgres --auth trust --encoding UTF8 --locale C >"$folder.log"
    fi
    if [[ ! -f $folder/postmaster.pid ]]; then
        port=$(.venv/bin/python -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
        "$pg_ctl" --pgdata "$folder" --log "$folder.log" --wait start >/dev/null \
            --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    fi
    offer "postgres://postgres@127.0.0.1:$(sed -n 4p "$folder/postmaster.pid")/postgres"
}

start_debian() {
    local version name port password
    command -v pg_lsclusters >/dev/null && command -v pg_ctlcluster >/dev/null || return 1
    read -r version name port _ < <(pg_lsclusters --no-header | sort -V | tail -1) || return 1
    pg_ctlcluster --skip-systemctl-redirect "$version" "$name" start >&2 || true # It may be running already.
    password=$(.venv/bin/python -c "import secrets; print(secrets.token_urlsafe(18))")
    # Who may only create databases can harm no other database of this server.
    su postgres -s /bin/sh -c "psql --quiet --port $port --set ON_ERROR_STOP=1" >&2 <<SQL
DO \$\$ BEGIN CREATE ROLE scoreport_tests LOGIN CREATEDB; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
ALTER ROLE scoreport_tests PASSWORD '$password';
SQL
    offer "postgres://scoreport_tests:$password@127.0.0.1:$port/postgres"
}

if [[ ${1:-} == stop ]]; then
    [[ ! -f $folder/postmaster.pid ]] || "$(server_program pg_ctl)" --pgdata "$folder" --mode fast stop >/dev/null
    exit 0
fi

mkdir -p var
if [[ -n ${TEST_DATABASE_URL:-} ]]; then
    offer "$TEST_DATABASE_URL" || { echo "No PostgreSQL answers at TEST_DATABASE_URL." >&2; exit 1; }
fi
offer "postgres://postgres@127.0.0.1:5432/postgres" || true
if [[ $(id -u) != 0 ]]; then
    start_private || true
else
    if [[ ${REQUIRE_POSTGRES:-} == 1 ]] && ! command -v pg_ctlcluster >/dev/null && command -v apt-get >/dev/null; then
        echo "Installing PostgreSQL for the tests." >&2
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >&2 </dev/null
    fi
    start_debian || true
fi
exit 1
