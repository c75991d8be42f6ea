#!/bin/bash
# The whole suite: on SQLite with the browser tests, and at the same time on PostgreSQL without them.
# Arguments go to pytest.
# With --quick first: only what is neither slow nor needs a browser, and only on SQLite.
# Without a PostgreSQL the second half is left out with a notice, or fails where REQUIRE_POSTGRES=1 (as in .ci/run).
set -euo pipefail
cd "$(dirname "$0")/.."
pytest=(.venv/bin/pytest --numprocesses auto --maxprocesses "${TEST_PROCESSES:-4}" --dist worksteal)
# The tests make their own world: no setting of this machine may leak into it.
unset DATABASE_URL DATABASE_URL_FILE DEBUG DEMO ONLY_DATABASE
if [[ ${1:-} == --quick ]]; then
    shift
    exec "${pytest[@]}" --quiet -m "not slow and not browser" "$@"
fi
CHROMIUM=$(tools/browser.sh)
export CHROMIUM

stop() {
    [[ -z ${second:-} ]] || kill "$second" 2>/dev/null || true
    tools/postgres.sh stop
}
trap stop EXIT
if ! url=$(tools/postgres.sh); then
    if [[ ${REQUIRE_POSTGRES:-} == 1 ]]; then
        echo "No PostgreSQL answers, and REQUIRE_POSTGRES=1 asks for one." >&2
        exit 1
    fi
    echo "=== SQLite"
    "${pytest[@]}" "$@"
    echo "NOTICE: no PostgreSQL answers, so the suite ran on SQLite only. Set TEST_DATABASE_URL to run it on both."
    exit 0
fi

# Both at once: where one waits for a disk, a server or its last test, the other works. What PostgreSQL says comes after.
# Browser tests, tests about the repository and tests that ask no database say nothing new on a second one.
mkdir -p .cache
ONLY_DATABASE=1 DATABASE_URL=$url "${pytest[@]}" --ignore tests/repo -m "not browser" "$@" >.cache/postgresql.log 2>&1 &
second=$!
sqlite=0 postgresql=0
echo "=== SQLite"
"${pytest[@]}" "$@" || sqlite=$?
echo "=== PostgreSQL"
wait "$second" || postgresql=$?
second=
cat .cache/postgresql.log
# Arguments may select only tests that a second database is not asked: pytest's exit code 5, no tests, is no failure then.
((sqlite == 0 && (postgresql == 0 || (postgresql == 5 && $# > 0))))
