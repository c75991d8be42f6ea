"""What the routes of support access may be asked for."""

from scoreport.organizations.actions.support import allow
from tests.web.matrix import Args, Asks
from tests.world import AT, OPERATOR


def facts(world) -> dict[str, object]:
    """Let support look at Alder High and at Birch High; nobody has begun."""
    given = {
        whose: allow(OPERATOR, organization=code, ticket="1", reason="Why", hours=8, at=AT).id
        for whose, code in (("Alder", "470001"), ("Birch", "470101"))
    }
    return {f"support at {whose}": number for whose, number in given.items()}


def asks(facts) -> Asks:
    """Return whose support access can be asked for."""
    place: Args = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    given: Args = {whose: (facts[f"support at {whose}"],) for whose in ("Alder", "Birch")} | {"nobody": (999_999,)}
    return {
        "managing_support": place,
        "managing_support_allow": place,
        "desk_support_begin": given,
        "support_end": given,
    }
