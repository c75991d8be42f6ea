"""One invitation, accepted by many processes at once, is accepted once."""

import pytest
from django.db import connection

PROCESSES, ROUNDS = 8, 5


@pytest.mark.slow
def test_one_of_many_processes_accepts(script):
    assert script("tests.organizations.racing", PROCESSES, ROUNDS) == {
        "accepted": ROUNDS,
        "ended": ROUNDS * (PROCESSES - 1),
        "other": [],
        "memberships": 2 * ROUNDS,
        "different": 2 * ROUNDS,
        "events": ROUNDS,
        "chain": True,
    }


@pytest.mark.slow
def test_a_look_before_the_write_would_be_noticed(script):
    """The negative control: without lock and condition, several processes accept the same invitation.

    On SQLite they cannot, because a transaction takes the one write lock when it begins.
    """
    found = script("tests.organizations.racing", PROCESSES, ROUNDS, "--broken")
    assert (found["accepted"] > ROUNDS) is (connection.vendor == "postgresql"), found
