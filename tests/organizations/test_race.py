"""Of sixty-four people who redeem one code at the same time, one gets in."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tests.conftest import ROOT

# Trust, the battery: sixty-four at once.
PEOPLE = 64


def run(folder, people: int, *more: str) -> dict[str, Any]:
    """Start the race on the database that the tests run on."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATABASE_URL_FILE"}
    }
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    command = [sys.executable, "-m", "tests.organizations.race", str(folder), str(people), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr[-4000:]
    assert "database is locked" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_one_of_many_gets_in(tmp_path):
    found = run(tmp_path / "race", PEOPLE)
    # Who comes late is one of those who enter a used code, and many of those have to wait.
    assert found.pop("wrong") < PEOPLE
    assert found == {
        "answers": {"302 got in": 1, "302 sent back": PEOPLE - 1},
        "memberships": 1,
        "redemptions": 1,
        "acceptances": 1,
        "used": 1,
        "events": 1,
        "broken": 0,
    }


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, with or without the guard")
def test_without_the_guard_several_would_get_in(tmp_path):
    """The negative control: reading first and writing then lets several in, where several write at once.

    On a busy machine they may come one after the other by chance, but not in each of six races.
    """
    races = (run(tmp_path / f"race-{number}", 24, "--unguarded") for number in range(6))
    found = next(found for found in races if found["memberships"] > 1)
    assert found["answers"]["302 got in"] == found["memberships"]


@pytest.mark.slow
def test_of_many_wrong_codes_at_once_three_are_looked_at(tmp_path):
    found = run(tmp_path / "race", 24, "--guess")
    assert (found["answers"], found["wrong"]) == ({"CodeRefused": 3, "WaitFirst": 21}, 3)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, with or without the lock")
def test_without_the_lock_more_would_be_looked_at(tmp_path):
    assert run(tmp_path / "race", 24, "--guess", "--unlocked")["wrong"] > 3
