"""Access managers act at the same moment, in processes of their own: no organization is left without one."""

import pytest
from django.db import connection

pytestmark = pytest.mark.slow

ROUNDS = 25


def test_two_managers_who_leave_at_once_leave_one(script):
    found = script("tests.organizations.racing_managers", "managers", ROUNDS)
    assert found["said"] == {"left": ROUNDS, "stayed": ROUNDS}
    assert found["managers"] == [1] * ROUNDS
    assert found["chain"]


def test_without_the_lock_the_race_appears(script):
    """The negative control; SQLite has one writer at a time, with or without the lock."""
    found = script("tests.organizations.racing_managers", "managers", ROUNDS, "--broken")
    assert (0 in found["managers"]) is (connection.vendor == "postgresql")


def test_a_request_is_answered_by_one_of_two(script):
    found = script("tests.organizations.racing_managers", "requests", ROUNDS)
    said = found["said"]
    assert said["late"] == ROUNDS
    assert said.get("granted", 0) + said.get("declined", 0) == ROUNDS
    assert found["roles"] == said.get("granted", 0)
    # Who gave the first report role of their time as a manager: the other manager reads of it.
    first = {kind: number for kind, number in found["mails"].items() if kind.startswith("first-report-role")}
    assert sum(first.values()) == said.get("granted", 0)
    assert found["mails"] == {"access-request-answered nora": ROUNDS} | first
    assert found["chain"]


def test_two_runs_of_the_upkeep_tell_everything_once(script):
    found = script("tests.organizations.racing_managers", "upkeep", 4)
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
