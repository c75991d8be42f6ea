"""Of sixty-four people who redeem one code at the same time, one gets in."""

import pytest
from django.db import connection

# Trust, the battery: sixty-four at once.
PEOPLE = 64


@pytest.mark.slow
def test_one_of_many_gets_in(script):
    found = script("tests.organizations.race", PEOPLE)
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
def test_without_the_guard_several_would_get_in(script):
    """The negative control: reading first and writing then lets several in, where several write at once.

    On a busy machine they may come one after the other by chance, but not in each of six races.
    """
    races = (script("tests.organizations.race", 24, "--unguarded") for number in range(6))
    found = next(found for found in races if found["memberships"] > 1)
    assert found["answers"]["302 got in"] == found["memberships"]


@pytest.mark.slow
def test_of_many_wrong_codes_at_once_three_are_looked_at(script):
    found = script("tests.organizations.race", 24, "--guess")
    assert (found["answers"], found["wrong"]) == ({"CodeRefused": 3, "WaitFirst": 21}, 3)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, with or without the lock")
def test_without_the_lock_more_would_be_looked_at(script):
    """The negative control; on a busy machine single guesses may come one after the other, but not in each race."""
    races = (script("tests.organizations.race", 24, "--guess", "--unlocked") for _number in range(6))
    assert any(found["wrong"] > 3 for found in races)
