"""Work on score files may be killed at any statement: started again, it ends as if nothing had happened."""

import pytest

# Trust, the battery: a hundred points on every run.
POINTS = 100


@pytest.mark.slow
def test_a_kill_at_any_statement_leaves_no_trace(script):
    found = script("tests.scores.killed", POINTS)
    assert found["sound"]
    assert found["points"] == POINTS
    assert found["wrong"] == {}


@pytest.mark.slow
def test_half_an_acceptance_would_be_noticed(script):
    """The negative control: with an acceptance in two transactions, a kill between them shows."""
    found = script("tests.scores.killed", 20, "--broken")
    assert found["sound"], "without a kill, two transactions are as good as one"
    assert found["wrong"]
