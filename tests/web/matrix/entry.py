"""Getting in: institutions are public, requests are one's own."""

from scoreport.organizations.actions.requests import ask_code
from tests.web.matrix import Asks
from tests.world import AT


def facts(world):
    """Nora asks for a code."""
    number = ask_code(
        world.actor("nora"), organization="000905", title="Principal", why="I am the new principal.", at=AT
    )
    return {"request": number}


def asks(facts) -> Asks:
    """Return what each route can be asked for."""
    places = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    return {
        "find_institution": {"codes": ("managing-access",), "roles": ("score-reports",), "nobody": ("no-such-tool",)},
        "withdraw_request": {"nora": (facts["request"],), "nobody": (999_999,)},
    } | dict.fromkeys(("enter_code", "redeem_code", "request_role", "terms"), places)
