"""Withdrawn scores: staff look at one of them, and restore it."""

from scoreport.scores import actions
from tests.scores.files import load, row
from tests.web.matrix import Asks
from tests.world import AT, OPERATOR


def facts(world) -> dict[str, object]:
    """Withdraw the score of a test that no other route is asked about."""
    load(row("W1", ai_code="", last_name="Canary-of-Birch", date_of_birth="2009-09-09", date_registered="2026-01-05"))
    number = actions.withdraw_score(OPERATOR, program="clep", ticket="W1", reason="Under review.", at=AT)
    return {"withdrawal": number}


def asks(facts) -> Asks:
    """Say what the route with an argument is asked for."""
    return {"desk_withdrawal": {"": (facts["withdrawal"],), "nobody": (999_999,)}}
