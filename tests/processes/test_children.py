"""No child fails unseen: what it raises, how it ends and whether it waited is told to its parent."""

import pytest

from tests.conftest import says_something_new


@pytest.mark.slow
def test_no_child_fails_unseen(script):
    assert script("tests.processes.trying") == {
        "answers": True,
        "raises": "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
        "raises before": "ValueError: too early",
        "does not wait": "AssertionError: The act did not wait for the others.",
        "is killed": "The child ended with 9.",
        "is not killed": "The child was not killed, and ended with 0.",
        "connects": [True, True, True],
    }


@pytest.mark.slow
def test_scripts_run_on_the_second_database_too(script, request):
    """Races appear on PostgreSQL: a test that starts a script is not left out there."""
    assert says_something_new(request.node)
