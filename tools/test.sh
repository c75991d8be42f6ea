#!/bin/bash
# The whole suite: on SQLite with the browser tests, then on PostgreSQL without them. Arguments go to pytest.
# With --quick first: only what is neither slow nor needs a browser, and only on SQLite.
# Without a PostgreSQL the second half is left out with a notice, or fails where REQUIRE_POSTGRES=1 (as in .ci/run).
set -euo pipefail
cd "$(dirname "$0")/.."
pytest=(.venv/bin/pytest --numprocesses auto --maxprocesses "${TEST_PROCESSES:-4}")
# The tests make their own world: no setting of this machine may leak into it.
unset DATABASE_URL DATABASE_URL_FILE DEBUG DEMO ONLY_DATABASE
if [[ ${1:-} == --quick ]]; then
    shift
    exec "${pytest[@]}" --quiet -m "not slow and not browser" "$@"
fi
CHROMIUM=$(tools/browser.sh)
export CHROMIUM

echo "=== SQLite"
"${pytest[@]}" "$@"

echo "=== PostgreSQL"
trap 'tools/postgres.sh stop' EXIT
if url=$(tools/postgres.sh); then
    # Browser tests, tests about the repository and tests that ask no database say nothing new on a second one.
    # Arguments may select only such tests: pytest's exit code 5, no tests, is then no failure.
    ONLY_DATABASE=1 DATABASE_URL=$url "${pytest[@]}" --ignore tests/repo -m "not browser" "$@" || [[ $? == 5 && $# -gt 0 ]]
elif [[ ${REQUIRE_POSTGRES:-} == 1 ]]; then
    echo "No PostgreSQL answers, and REQUIRE_POSTGRES=1 asks for one." >&2
    exit 1
else
    echo "NOTICE: no PostgreSQL answers, so the suite ran on SQLite only. Set TEST_DATABASE_URL to run it on both."
fi
