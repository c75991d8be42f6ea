"""Missing scores: a claim of Birch's, made by bea and open, and keys that only their person could use."""

import datetime as dt

from scoreport.organizations.queries import find
from scoreport.scores.search.tokens import key_of
from tests.scores.claimed import ANA, claim
from tests.scores.files import load, row
from tests.web.matrix import Asks
from tests.world import AT


def facts(world) -> dict[str, object]:
    """Store a test without a school, Birch's claim of it, and amy's key for it."""
    load(row("M1", ai_code="", last_name="Canary-of-Birch", date_of_birth="2009-09-09", date_registered="2026-01-05"))
    amy, alder = world.actor("amy"), find("ALDER-HIGH")
    return {
        "claim": claim(world.actor("bea"), "M1", school="BIRCH-HIGH", at=AT - dt.timedelta(hours=1)),
        "claim_key": key_of(amy, alder, ANA, program="clep", ticket="M1", at=AT),
    }


def asks(facts) -> Asks:
    """Say what the routes with arguments are asked for."""
    claims = {"": (facts["claim"],), "nobody": (999_999,)}
    return {
        "missing_claim": {
            "Alder": ("470001", facts["claim_key"]),
            "Alder, no key": ("470001", "no-such-key"),
            "Birch": ("470101", facts["claim_key"]),
            "nobody": ("999999", facts["claim_key"]),
        },
        "desk_claim": claims,
        "desk_claim_undo": claims,
    }
