"""Two requests of one person at the same moment, in processes of their own: the limit holds, and a job is one."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ROUNDS = 8


def race(folder, what: str, *more: str) -> dict[str, Any]:
    """Start the script that races, on the kind of database that the tests run on."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATABASE_URL_FILE"}
    }
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    command = [sys.executable, "-m", "tests.reports.racing_exports", str(folder), what, str(ROUNDS), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_of_two_exports_at_once_one_is_within_the_limit(tmp_path):
    found = race(tmp_path / "race", "rows")
    assert found["said"] == {"exported": ROUNDS, "refused": ROUNDS}
    assert found["files"] == [1] * ROUNDS
    assert found["chain"]


def test_without_the_lock_both_would_pass(tmp_path):
    """The negative control; SQLite has one writer at a time, with or without the lock."""
    found = race(tmp_path / "race", "rows", "--broken")
    assert (2 in found["files"]) is (connection.vendor == "postgresql")


def test_the_same_request_at_once_is_one_job(tmp_path):
    found = race(tmp_path / "race", "jobs")
    assert found["said"] == {"job": 2 * ROUNDS}
    assert (found["jobs"], found["tasks"]) == (ROUNDS, ROUNDS)
