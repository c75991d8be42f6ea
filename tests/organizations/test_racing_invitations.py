"""One invitation, accepted by many processes at once, is accepted once."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tests.conftest import ROOT

PROCESSES, ROUNDS = 8, 5


def race(folder, *more: str) -> dict[str, Any]:
    """Start the processes on the database that the tests run on, and return what came of it."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATABASE_URL_FILE"}
    }
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    command = [sys.executable, "-m", "tests.organizations.racing", str(folder), str(PROCESSES), str(ROUNDS), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_one_of_many_processes_accepts(tmp_path):
    assert race(tmp_path / "race") == {
        "accepted": ROUNDS,
        "ended": ROUNDS * (PROCESSES - 1),
        "other": [],
        "memberships": 2 * ROUNDS,
        "different": 2 * ROUNDS,
        "events": ROUNDS,
        "chain": True,
    }


@pytest.mark.slow
def test_a_look_before_the_write_would_be_noticed(tmp_path):
    """The negative control: without lock and condition, several processes accept the same invitation.

    On SQLite they cannot, because a transaction takes the one write lock when it begins.
    """
    found = race(tmp_path / "race", "--broken")
    assert (found["accepted"] > ROUNDS) is (connection.vendor == "postgresql"), found
