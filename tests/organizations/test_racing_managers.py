"""Access managers act at the same moment, in processes of their own: no organization is left without one."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ROUNDS = 25


def race(folder, what: str, rounds: int, *more: str) -> dict[str, Any]:
    """Start the script that races, on the kind of database that the tests run on."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATABASE_URL_FILE"}
    }
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    command = [sys.executable, "-m", "tests.organizations.racing_managers", str(folder), what, str(rounds), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_two_managers_who_leave_at_once_leave_one(tmp_path):
    found = race(tmp_path / "race", "managers", ROUNDS)
    assert found["said"] == {"left": ROUNDS, "stayed": ROUNDS}
    assert found["managers"] == [1] * ROUNDS
    assert found["chain"]


def test_without_the_lock_the_race_appears(tmp_path):
    """The negative control; SQLite has one writer at a time, with or without the lock."""
    found = race(tmp_path / "race", "managers", ROUNDS, "--broken")
    assert (0 in found["managers"]) is (connection.vendor == "postgresql")


def test_a_request_is_answered_by_one_of_two(tmp_path):
    found = race(tmp_path / "race", "requests", ROUNDS)
    said = found["said"]
    assert said["late"] == ROUNDS
    assert said.get("granted", 0) + said.get("declined", 0) == ROUNDS
    assert found["roles"] == said.get("granted", 0)
    # Who gave the first report role of their time as a manager: the other manager reads of it.
    first = {kind: number for kind, number in found["mails"].items() if kind.startswith("first-report-role")}
    assert sum(first.values()) == said.get("granted", 0)
    assert found["mails"] == {"access-request-answered nora": ROUNDS} | first
    assert found["chain"]


def test_two_runs_of_the_upkeep_tell_everything_once(tmp_path):
    found = race(tmp_path / "race", "upkeep", 4)
    assert found["said"] == {"done": 8}
    # Four schools, two managers each, three warnings, and each hears of the other's role too.
    assert found["mails"] == {
        "role-ending max": 12, "role-ending moe": 12, "roles-ending max": 12, "roles-ending moe": 12,
        "last-manager-ending pat": 12,
    }  # fmt: skip
    assert found["verbs"]["organizations:membership:warned"] == 24
    assert found["verbs"]["organizations:membership:ended"] == 8
    assert found["waiting"] == 1
    assert found["chain"]
