"""Two requests of one person at the same moment, in processes of their own: the limit holds, and a job is one."""

import pytest
from django.db import connection

pytestmark = pytest.mark.slow

ROUNDS = 8


def test_of_two_exports_at_once_one_is_within_the_limit(script):
    found = script("tests.reports.racing_exports", "rows", ROUNDS)
    assert found["said"] == {"exported": ROUNDS, "refused": ROUNDS}
    assert found["files"] == [1] * ROUNDS
    assert found["chain"]


def test_without_the_lock_both_would_pass(script):
    """The negative control; SQLite has one writer at a time, with or without the lock."""
    found = script("tests.reports.racing_exports", "rows", ROUNDS, "--broken")
    assert (2 in found["files"]) is (connection.vendor == "postgresql")


def test_the_same_request_at_once_is_one_job(script):
    found = script("tests.reports.racing_exports", "jobs", ROUNDS)
    assert found["said"] == {"job": 2 * ROUNDS}
    assert (found["jobs"], found["tasks"]) == (ROUNDS, ROUNDS)
