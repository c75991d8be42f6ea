"""Work on score files may be killed at any statement: started again, it ends as if nothing had happened."""

import pytest

from tests.examples import IS_SECOND

# Trust, the battery: a hundred points on every run. On a second database there are half as many, between those.
POINTS = 50 if IS_SECOND else 100


@pytest.mark.slow
def test_a_kill_at_any_statement_leaves_no_trace(script):
    found = script("tests.scores.killed", POINTS, *(["--between"] if IS_SECOND else []))
    assert found["sound"]
    assert found["points"] == POINTS
    assert found["wrong"] == {}


@pytest.mark.slow
def test_half_an_acceptance_would_be_noticed(script):
    """The negative control: with an acceptance in two transactions, a kill between them shows."""
    found = script("tests.scores.killed", 20, "--broken")
    assert found["sound"], "without a kill, two transactions are as good as one"
    assert found["wrong"]
